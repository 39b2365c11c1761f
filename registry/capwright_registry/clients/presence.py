"""Which of the clients' files are there, and the digest of that: one more of them is a change.

Names alone count here, for each file that is there is bound by its own bytes. Other files beside them, in the
same folders, change nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from capwright_registry.clients.places import PLACES, Place
from capwright_registry.files import UnreadableError, list_beneath

#: What the digest is bound as: no path of a file or a folder, for those have no step `.` at their start.
LISTING: Final = "./.*/"
_DEEPEST = 8  # folders below one that is loaded
_MOST = 1_000


class UnfitClientError(UnreadableError):
    """What stands at `path` cannot be told: a link, or a folder that may not be read."""

    def __init__(self, path: str, error: UnreadableError) -> None:
        super().__init__(error.reason, error.help)
        self.path = path


def present(root: Path) -> tuple[tuple[Place, str], ...]:
    """Every file that is there, with the place by which it is read; by path.

    Raises `UnfitClientError` where a symbolic link stands on the way, whose target may be anything.
    """
    known: dict[str, str] = {}
    found = ((place, file) for place in PLACES for file in _files(root, place, known))
    return tuple(sorted(found, key=lambda one: one[1]))


def presence_digest(files: Iterable[str]) -> str:
    """The SHA-256, in hex, of the names, in order: each with its length in characters, `:`, a line feed."""
    text = "".join(f"{len(file)}:{file}\n" for file in sorted(files))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _files(root: Path, place: Place, known: dict[str, str]) -> Iterator[str]:
    kind = _kind(root, place.path, known)
    if kind == "folder" and place.form == "folder":
        yield from _below(root, place.path, 0)
    elif kind == "file" and place.form != "folder":
        yield place.path


def _below(root: Path, folder: str, depth: int) -> Iterator[str]:
    try:
        if depth == _DEEPEST:
            raise UnreadableError(f"has more than {_DEEPEST} levels of folders", "keep other files elsewhere")
        entries = list_beneath(root, PurePosixPath(folder))
        if len(entries) > _MOST:
            raise UnreadableError(f"holds more than {_MOST} entries", "keep other files elsewhere")
    except UnreadableError as error:
        raise UnfitClientError(folder, error) from error
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if entry.is_link:
            raise _link(path)
        if entry.is_folder:
            yield from _below(root, path, depth + 1)
        else:
            yield path


def _kind(root: Path, path: str, known: dict[str, str]) -> str:
    """`file`, `folder` or, where no client could read it, `none`; `known` of what was looked at before."""
    if path not in known:
        above = path.rpartition("/")[0]
        there = not above or _kind(root, above, known) == "folder"
        known[path] = _looked_at(root, path) if there else "none"
    return known[path]


def _looked_at(root: Path, path: str) -> str:
    try:
        mode = os.lstat(f"{root}/{path}").st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "none"
    except OSError as error:
        reason = f"cannot be read: {os.strerror(error.errno or 0).lower()}"
        raise UnfitClientError(path, UnreadableError(reason)) from error
    if stat.S_ISLNK(mode):
        raise _link(path)
    return "folder" if stat.S_ISDIR(mode) else "file"


def _link(path: str) -> UnfitClientError:
    reason = "is a symbolic link, which is not followed"
    return UnfitClientError(
        path, UnreadableError(reason, "put the file or folder itself there, or remove it")
    )
