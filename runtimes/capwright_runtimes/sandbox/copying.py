"""One round of bringing the copy of a folder up to date: what is granted by name comes in, all else goes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox import source
from capwright_runtimes.sandbox.plan import Rules, State
from capwright_runtimes.sandbox.shelf import remove

MAX_ENTRIES: Final = 50_000
MAX_BYTES: Final = 512 * 1024 * 1024
MAX_DEPTH: Final = 128
_CHUNK: Final = 1024 * 1024


@dataclass(slots=True)
class Round:
    """One round over all the folders of a server. `seen` is `known` for the next one.

    `mounted` are places in the copies that something is mounted on, `held` those and the folders that lead to
    them. `new` is where a file is written before it takes its place. Copying raises `Refused`
    (`too-many-files`) beyond the bounds, and `OSError` where the copy cannot be written.
    """

    rules: Rules
    mounted: Set[Path]
    held: Set[Path]
    known: Mapping[Path, source.Facts]
    new: Path
    seen: dict[Path, source.Facts] = field(default_factory=dict)
    _names: int = 0
    _bytes: int = 0
    _depth: int = 0

    def copy(self, root: Path, copy: Path) -> None:
        """Make the copy what the folder is now; nothing of one that has gone, or is a link by now."""
        with source.root(root) as folder:
            self._folder(folder, root, copy, self.rules.child(root, "mask"))

    def _folder(self, folder: int | None, path: Path, copy: Path, state: State) -> None:
        kept: set[str] = set()
        if folder is not None:
            for name in source.names(folder):
                self._take(names=1)
                if self._entry(folder, path / name, copy / name, state):
                    kept.add(name)
        for name in os.listdir(copy):  # noqa: PTH208 - names alone
            if name not in kept:
                self._gone(path / name, copy / name)

    def _entry(self, folder: int, path: Path, copy: Path, around: State) -> bool:
        """Copy what is there under this name; False where it is not granted, or has gone by now."""
        state = self.rules.child(path, around)
        if state == "mask" or path in self.mounted:
            return False
        facts = source.facts(folder, path.name)
        kind = stat.S_IFMT(facts.st_mode) if facts else 0
        if kind == stat.S_IFDIR:
            return self._inner(folder, path, copy, state)
        if facts is None or path in self.held:
            return False
        if kind == stat.S_IFLNK:
            return _link(folder, path.name, copy)
        return kind == stat.S_IFREG and self._file(folder, path, copy, facts)

    def _gone(self, path: Path, copy: Path) -> None:
        """Nothing of it is shown any more but what is mounted there."""
        if path not in self.held:
            remove(copy)
        elif path not in self.mounted:
            self._folder(None, path, copy, "mask")

    def _inner(self, around: int, path: Path, copy: Path, state: State) -> bool:
        with source.folder(around, path.name) as folder, self._deeper():
            if folder is not None:
                if not _is(copy, stat.S_IFDIR):
                    remove(copy)
                    copy.mkdir()
                self._folder(folder, path, copy, state)
            return folder is not None

    def _file(self, around: int, path: Path, copy: Path, facts: os.stat_result) -> bool:
        if self.known.get(path) == source.signature(facts) and _is(copy, stat.S_IFREG):
            self._take(size=facts.st_size)
            self.seen[path] = self.known[path]
            return True
        with source.file(around, path.name) as file:
            if file is None:
                return False
            facts = os.fstat(file)
            self._write(file, facts)
            if not _is(copy, stat.S_IFREG):
                remove(copy)
            self.new.replace(copy)
        if source.is_settled(facts):
            self.seen[path] = source.signature(facts)
        return True

    def _write(self, file: int, facts: os.stat_result) -> None:
        """The file's content, times and permissions, as they are now; what it grows by later is left out."""
        self._take(size=facts.st_size)
        left = facts.st_size
        remove(self.new)
        with self.new.open("wb") as out:
            while left and (data := os.read(file, min(left, _CHUNK))):
                out.write(data)
                left -= len(data)
        self.new.chmod(stat.S_IMODE(facts.st_mode) & 0o777 | stat.S_IRUSR)
        os.utime(self.new, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    def _take(self, names: int = 0, size: int = 0) -> None:
        self._names += names
        self._bytes += size
        if self._names > MAX_ENTRIES or self._bytes > MAX_BYTES:
            bounds = f"more than {MAX_ENTRIES} files or {MAX_BYTES >> 20} MiB"
            reason = (
                f"folders with exceptions are shown as copies, and these hold {bounds}; grant fewer of them"
            )
            raise Refused("too-many-files", reason)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused("too-many-files", f"a folder with exceptions is more than {MAX_DEPTH} folders deep")
        yield
        self._depth -= 1


def _link(around: int, name: str, copy: Path) -> bool:
    text = source.link(around, name)
    if text is None:
        return False
    if not (_is(copy, stat.S_IFLNK) and os.readlink(copy) == text):  # noqa: PTH115 - the text as it is
        remove(copy)
        os.symlink(text, copy)  # noqa: PTH211 - as above
    return True


def _is(path: Path, kind: int) -> bool:
    try:
        return stat.S_IFMT(path.lstat().st_mode) == kind
    except FileNotFoundError:
        return False
