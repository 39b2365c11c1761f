"""The lines of source files, for showing the place that a message is about."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from capwright_registry.errors import InputError, Problem
from capwright_registry.files import DOCUMENT_LIMIT, UnreadableError, read_beneath
from capwright_registry.spans import Span

if TYPE_CHECKING:
    from capwright_registry.capability import Workspace

_NONE: Mapping[str, bytes] = MappingProxyType({})


class SourceTexts:
    """Lines of the files beneath one root, read when they are first asked for; bounded, never through a link.

    `known` are files whose bytes were read before: what is shown is then what was judged.
    """

    def __init__(self, root: Path | None, known: Mapping[str, bytes] = _NONE) -> None:
        self.root = root
        self._known = known
        self._lines: dict[str, tuple[str, ...]] = {}

    def lines(self, file: str) -> tuple[str, ...]:
        """The file's lines without their ends; none at all where it cannot be shown."""
        if file not in self._lines:
            self._lines[file] = _split(self._read(file))
        return self._lines[file]

    def line(self, file: str, number: int) -> str | None:
        """Line `number` (from 1), or `None` where there is no such line."""
        lines = self.lines(file)
        return lines[number - 1] if 0 < number <= len(lines) else None

    def _read(self, file: str) -> bytes | None:
        if file in self._known:
            return self._known[file]
        if file == "built-in":
            from capwright_registry import built_in_policy

            return built_in_policy.text().encode()
        try:
            return self._from_disk(file)
        except (UnreadableError, OSError, ValueError):
            return None  # a message without its line is better than none

    def _from_disk(self, file: str) -> bytes | None:
        if file.startswith("/"):
            real = Path(os.path.realpath(file, strict=True))
            return read_beneath(real.parent, PurePosixPath(real.name), DOCUMENT_LIMIT).data
        relative = PurePosixPath(file)
        if self.root is None or not relative.parts or ".." in relative.parts:
            return None
        return read_beneath(self.root, relative, DOCUMENT_LIMIT).data


def _split(data: bytes | None) -> tuple[str, ...]:
    lines = [] if data is None else data.decode(errors="replace").split("\n")
    return tuple(line.removesuffix("\r") for line in lines)


def sources_of(workspace: Workspace) -> SourceTexts:
    """The sources of a workspace: its documents as they were read."""
    documents = [workspace.document, *(p.document for p in workspace.plugins)]
    known = {d.file: d.source.data for d in documents}
    known |= {p.document.file: p.document.source.data for p in workspace.profiles}
    return SourceTexts(workspace.root, known)


def root_of(path: Path) -> Path:
    """The folder of the workspace that a user named by its folder or by its `capwright.toml`.

    Absolute and real; as it was named, where that is relative to a folder that is gone.
    """
    folder = path.parent if path.name == "capwright.toml" and not path.is_dir() else path
    try:
        return Path(os.path.realpath(folder))
    except OSError:
        return folder


def real_root_of(path: Path) -> Path:
    """As `root_of`. Raises `InputError` where it is relative to a folder that is gone."""
    root = root_of(path)
    if not root.is_absolute():
        message = f"`{path}` cannot be opened: the current folder is gone"
        raise InputError([Problem(message, Span(""), "name the workspace by its whole path")])
    return root
