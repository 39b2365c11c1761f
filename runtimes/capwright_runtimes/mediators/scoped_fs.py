"""The `scoped-fs` mediator: opens exactly the file that was decided, or nothing.

A decision is about a path's text; a symbolic link makes text and file part. So no component may be one, from
the root on, and what is opened is the file whose path was decided, whatever is renamed meanwhile. A hard link
cannot be told from its other names: how many names a file has is reported, not refused.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from capwright_runtimes.mediators import beneath
from capwright_runtimes.refusal import Denied, deny

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
MAX_NAMES: Final = 10_000
Opener = Callable[[int, str, int], int]

NO_SUCH_FILE: Final = "there is no such file"
_REASONS: Final = {
    errno.ELOOP: "a symbolic link is on the path",
    errno.EXDEV: "the path leaves the root",
    errno.ENOENT: NO_SUCH_FILE,
    errno.EACCES: "the operating system does not permit it",
    errno.EPERM: "the operating system does not permit it",
    errno.ENOTDIR: "a part of the path is not a directory",
    errno.ENXIO: "it is no regular file",
    errno.ENAMETOOLONG: "the path is too long",
}


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file's whole content, and how many names (hard links) the file has."""

    data: bytes
    links: int


class ScopedFs:
    """Reads below one directory, `/` unless told otherwise. Every refusal is a `Denied` of layer `scoped-fs`.

    `opener` is how a relative path is opened below a descriptor; the default is the strongest the kernel has.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        *,
        max_bytes: int = MAX_FILE_BYTES,
        max_names: int = MAX_NAMES,
        opener: Opener | None = None,
    ) -> None:
        self._root = os.fspath(root).rstrip("/")
        self._max_bytes = max_bytes
        self._max_names = max_names
        self._open_beneath = opener or beneath.best()
        self._descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def read(self, path: str) -> FileRead:
        """The whole content of a regular file, by its canonical path. A file over the limit is denied."""
        descriptor = self._open(path, os.O_RDONLY)
        try:
            found = os.fstat(descriptor)
            _require_kind(path, stat.S_ISREG(found.st_mode), "it is no regular file")
            _require_kind(path, not _is_proc(found), "it belongs to the process file system")
            data = self._bytes(path, descriptor)
        except OSError as error:
            raise _denied(path, error) from error
        finally:
            os.close(descriptor)
        return FileRead(data, found.st_nlink)

    def list(self, path: str) -> list[str]:
        """The names of the files and folders in a directory, sorted; a folder's ends in `/`.

        Links, devices and pipes are left out: none of them could be read, and one that somebody plants must
        not fail a whole search.
        A directory with more names than the limit is denied.
        """
        descriptor = self._open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _require_kind(path, not _is_proc(os.fstat(descriptor)), "it belongs to the process file system")
            with os.scandir(descriptor) as entries:
                found = [entry for entry, _ in zip(entries, range(self._max_names + 1), strict=False)]
                names = [name for name in map(_shown, found) if name]
        except OSError as error:
            raise _denied(path, error) from error
        finally:
            os.close(descriptor)
        _require_kind(path, len(found) <= self._max_names, "it has more names than the limit")
        return sorted(names)

    def close(self) -> None:
        """Give the root's descriptor back. May be called more than once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self, path: str, flags: int) -> int:
        if path != self._root and not path.startswith(f"{self._root}/"):
            raise _deny(path, "the path leaves the root")
        relative = path[len(self._root) :].strip("/") or "."
        # O_NONBLOCK: opening a FIFO must not wait for a writer; for a regular file it means nothing.
        try:
            return self._open_beneath(self._descriptor, relative, flags | os.O_NONBLOCK | os.O_NOCTTY)
        except (OSError, ValueError) as error:
            raise _denied(path, error) from error

    def _bytes(self, path: str, descriptor: int) -> bytes:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            data = file.read(self._max_bytes + 1)
        _require_kind(path, len(data) <= self._max_bytes, f"it is longer than {self._max_bytes} bytes")
        return data


def _is_proc(found: os.stat_result) -> bool:
    """Files of /proc look regular and hold environments and memory, which other actions stand for."""
    try:
        return found.st_dev == Path("/proc").stat().st_dev
    except OSError:
        return False


def _require_kind(path: str, holds: bool, reason: str) -> None:
    if not holds:
        raise _deny(path, reason)


def _denied(path: str, error: OSError | ValueError) -> Denied:
    number = error.errno if isinstance(error, OSError) else None
    return _deny(path, _REASONS.get(number or 0, "it cannot be opened"))


def _deny(path: str, reason: str) -> Denied:
    return deny("fs.read", path, "scoped-fs", reason)


def _shown(entry: os.DirEntry[str]) -> str:
    """The name as `list` gives it; empty for what is neither a file nor a folder."""
    if entry.is_dir(follow_symlinks=False):
        return f"{entry.name}/"
    return entry.name if entry.is_file(follow_symlinks=False) else ""
