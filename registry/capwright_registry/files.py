"""Bounded reading of regular files beneath one folder, without following any symbolic link.

A proof binds bytes. So digest and content come from one read of one descriptor, and a link, whose target can
change without a byte of the workspace changing, is refused wherever it stands below the folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

KIB = 1024
MIB = 1024 * KIB
DOCUMENT_LIMIT = 1 * MIB
ARTIFACT_LIMIT = 64 * MIB
FOLDER_LIMIT = 10_000

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Non-blocking, so that opening a FIFO returns at once and can be refused by its type.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class UnreadableError(Exception):
    """A file or a folder that will not be read.

    `reason` is a predicate ("does not exist") to follow the file's name; `missing` says that it is that.
    """

    def __init__(self, reason: str, help: str = "", *, missing: bool = False) -> None:  # noqa: A002 - its word
        super().__init__(reason)
        self.reason = reason
        self.help = help
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a folder."""

    name: str
    is_folder: bool
    is_link: bool


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of one file and their SHA-256, in hex."""

    data: bytes
    sha256: str


def content_of(data: bytes) -> Content:
    """The bytes with their digest."""
    return Content(data, hashlib.sha256(data).hexdigest())


def read_beneath(base: Path, relative: PurePosixPath, limit: int) -> Content:
    """Read the regular file `relative` beneath the folder `base`, at most `limit` bytes.

    A larger file is refused unread. Raises `UnreadableError`: missing, a folder, a FIFO, a device, a symbolic
    link on any step below `base`, no permission, too large.
    """
    with _descend(base, relative.parent) as folder:
        handle = _open(relative.name, _FILE, folder)
        try:
            return _read(handle, limit)
        finally:
            os.close(handle)


def list_beneath(base: Path, relative: PurePosixPath) -> tuple[Entry, ...]:
    """The entries of the folder `relative` beneath `base`, sorted by name, hidden ones left out.

    Raises `UnreadableError` as `read_beneath` does, and for a folder of more than `FOLDER_LIMIT` entries.
    """
    with _descend(base, relative) as folder, os.scandir(folder) as scan:
        entries: list[Entry] = []
        for number, item in enumerate(scan):
            if number == FOLDER_LIMIT:
                raise UnreadableError(f"holds more than {FOLDER_LIMIT} entries", "keep other files elsewhere")
            if not item.name.startswith("."):
                entries.append(Entry(item.name, item.is_dir(follow_symlinks=False), item.is_symlink()))
    return tuple(sorted(entries, key=lambda entry: entry.name))


def listing_digest(entries: tuple[Entry, ...]) -> str:
    """The SHA-256, in hex, of what a folder holds: names and kinds, not what is in them."""
    kinds = [(e.name, "link" if e.is_link else "folder" if e.is_folder else "file") for e in entries]
    text = "".join(f"{len(name)}:{name}:{kind}\n" for name, kind in sorted(kinds))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@contextmanager
def _descend(base: Path, relative: PurePosixPath) -> Iterator[int]:
    handle = _open(str(base), _FOLDER, None)
    try:
        for part in relative.parts:
            below = _open(part, _FOLDER, handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _open(name: str, flags: int, folder: int | None) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        raise _refusal(error, name, folder) from error


def _refusal(error: OSError, name: str, folder: int | None) -> UnreadableError:
    if _is_link(name, folder):
        reason = f"goes through the symbolic link `{PurePosixPath(name).name}`, which is not followed"
        return UnreadableError(reason, "put the file or folder itself there")
    code = error.errno or 0
    if code == errno.ENOENT:
        return UnreadableError("does not exist", "create it, or correct the path", missing=True)
    if code == errno.ENXIO:  # a socket, or a device that is not there
        return _not_regular()
    reasons = {
        errno.ENOTDIR: f"needs `{PurePosixPath(name).name}` to be a folder, which it is not",
        errno.EACCES: "may not be read",
        errno.ENAMETOOLONG: "has too long a name",
    }
    return UnreadableError(reasons.get(code, f"cannot be read: {os.strerror(code).lower()}"))


def _not_regular() -> UnreadableError:
    return UnreadableError("is not a regular file", "put a regular file there")


def _is_link(name: str, folder: int | None) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _read(handle: int, limit: int) -> Content:
    state = os.fstat(handle)
    if stat.S_ISDIR(state.st_mode):
        raise UnreadableError("is a folder, not a file", "put a regular file there")
    if not stat.S_ISREG(state.st_mode):
        raise _not_regular()
    if state.st_size > limit:
        raise UnreadableError(f"has {state.st_size} bytes; at most {limit} are read", "make it smaller")
    with os.fdopen(os.dup(handle), "rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:  # it grew between the two calls
        raise UnreadableError(
            f"has more than {limit} bytes, which is the most that is read", "make it smaller"
        )
    return content_of(data)
