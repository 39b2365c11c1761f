"""The files of one load: each is read once, and remembered with the digest of what was read."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from capwright_registry.capability import InputFile, InputRole
from capwright_registry.files import (
    ARTIFACT_LIMIT,
    DOCUMENT_LIMIT,
    Content,
    Entry,
    UnreadableError,
    list_beneath,
    listing_digest,
    read_beneath,
)
from capwright_registry.report import Report
from capwright_registry.spans import Span


class Inputs:
    """Reads files for one load and gathers what they were. Lives for one load; never shared."""

    def __init__(self, root: Path, report: Report) -> None:
        self._root = root
        self._report = report
        self._files: dict[str, InputFile] = {}
        self._listings: dict[str, InputFile] = {}

    @property
    def files(self) -> tuple[InputFile, ...]:
        """Every file read, sorted by path."""
        return tuple(self._files[path] for path in sorted(self._files))

    @property
    def listings(self) -> tuple[InputFile, ...]:
        """Every folder listed, sorted by path, each path with a `/` at its end."""
        return tuple(self._listings[path] for path in sorted(self._listings))

    def shown(self, path: Path) -> str:
        """The path as spans and inputs show it: relative to the root if it lies inside, POSIX."""
        return path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else path.as_posix()

    def document(self, path: Path, role: InputRole, *, required: bool = True) -> Content | None:
        """The content of a document; None, with the problem noted at the file, if it cannot be read.

        A document that is not `required` may be missing.
        """
        try:
            return self._read(path, role, DOCUMENT_LIMIT)
        except UnreadableError as error:
            if required or not error.missing:
                self._note(Span(self.shown(path)), path, error)
            return None

    def attachment(self, path: Path, role: InputRole, blame: Span) -> InputFile | None:
        """The digest of a file named at `blame`; None, with the problem noted there, if it cannot be read."""
        try:
            if self.shown(path) not in self._files:
                self._read(path, role, ARTIFACT_LIMIT)
        except UnreadableError as error:
            self._note(blame, path, error)
            return None
        return self._files[self.shown(path)]

    def entries(self, folder: Path, blame: Span) -> tuple[Entry, ...]:
        """The entries of a folder named at `blame`; empty, with the problem noted, if it cannot be read."""
        try:
            found = list_beneath(*self._split(folder))
        except UnreadableError as error:
            self._note(blame, folder, error)
            return ()
        shown = f"{self.shown(folder).rstrip('/')}/"
        self._listings[shown] = InputFile(shown, listing_digest(found), len(found), "listing")
        return found

    def _read(self, path: Path, role: InputRole, limit: int) -> Content:
        content = read_beneath(*self._split(path), limit)
        shown = self.shown(path)
        self._files[shown] = InputFile(shown, content.sha256, len(content.data), role)
        return content

    def _note(self, blame: Span, path: Path, error: UnreadableError) -> None:
        self._report.add(blame, f"`{self.shown(path)}` {error.reason}", error.help)

    def _split(self, path: Path) -> tuple[Path, PurePosixPath]:
        # What lies outside the root has its real path already, so that no step of it needs a link.
        base = self._root if path.is_relative_to(self._root) else Path(path.anchor)
        return base, PurePosixPath(path.relative_to(base).as_posix())
