"""Where the plugins and profiles of a workspace are found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from capwright_registry.capability import Source
from capwright_registry.documents.document import Document
from capwright_registry.documents.locate import Route
from capwright_registry.documents.workspace import WorkspaceDoc
from capwright_registry.inputs import Inputs
from capwright_registry.report import Report
from capwright_registry.resolve.reading import Reading, has_root
from capwright_registry.resolve.roots import real_folder
from capwright_registry.resolve.workspace import Shared
from capwright_registry.spans import Span

MANIFEST = "plugin.toml"
_PROFILES = "profiles"


@dataclass(frozen=True)
class Finder:
    """Finds the folders and files of one workspace."""

    document: Document[WorkspaceDoc]
    root: Path
    shared: Shared
    inputs: Inputs
    report: Report

    def sources(self) -> tuple[Source, ...]:
        """The declared sources, in order. A `project` source must lie inside the workspace.

        Of a source whose tier could not be read, what lies outside is left alone.
        """
        found: list[Source] = []
        for number, doc in enumerate(self.document.model.source):
            span = self.document.span("source", number, "path")
            anywhere = doc.tier != "project" and not self.document.damaged("source", number, "tier")
            folder = self._folder(doc.path, ("source", number, "path"), anywhere=anywhere)
            if folder is None:
                continue
            if any(folder == other.folder for other in found):
                self.report.add(span, f"`{doc.path}` is a source already", "remove one of the two entries")
                continue
            inside = folder.is_relative_to(self.root)
            found.append(Source(doc.tier, folder, inside, span))
        return tuple(found)

    def plugin_folders(self, source: Source) -> Iterator[Path]:
        """The folders of a source that may hold a manifest, sorted by name."""
        for entry in self.inputs.entries(source.folder, source.span):
            folder = source.folder / entry.name
            if entry.is_link:
                self._refuse_link(folder)
            elif entry.is_folder:
                yield folder

    def profile_files(self) -> Iterator[Path]:
        """The files of the profiles, sorted by name."""
        declared = self.document.model.profiles
        span = self.document.span("profiles", "path")
        if declared is None and span.line:  # it is there, and could not be read
            return
        folder: Path | None = self.root / _PROFILES
        if declared is not None:
            folder = self._folder(declared.path, ("profiles", "path"), anywhere=False)
        if folder is None or (declared is None and not os.path.lexists(folder)):
            return
        for entry in self.inputs.entries(folder, span):
            if entry.name.endswith(".toml"):
                yield folder / entry.name

    def _folder(self, text: str, route: Route, *, anywhere: bool) -> Path | None:
        if self.document.damaged(*route):
            return None
        span = self.document.span(*route)
        reading = Reading(self.document, self.shared.names, self.report)
        noted = self.report.count
        expanded = reading.expanded(text, route)
        if self.report.count > noted or has_root(expanded):
            return None
        path = Path(os.path.normpath(self.root / expanded))
        if path.is_relative_to(self.root):
            return path  # read beneath the root, where links are refused
        if not anywhere:
            if not self.document.damaged(*route[:-1]):
                message = f"`{text}` lies outside the workspace"
                self.report.add(span, message, "move the folder into the workspace")
            return None
        return real_folder(path, text, span, self.report)

    def _refuse_link(self, path: Path) -> None:
        message = f"`{self.inputs.shown(path)}` is a symbolic link, which is not followed"
        self.report.add(Span(self.inputs.shown(path)), message, "put the folder itself there")
