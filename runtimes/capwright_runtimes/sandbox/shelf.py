"""A private folder for the copies that a server is shown, which goes with the process that made it.

Whoever holds the lock in it lives. A process that was killed leaves its folder behind, with what was copied;
the next one to make a folder removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import weakref
from pathlib import Path
from typing import Final

from capwright_registry.patterns.glob import escaped

PREFIX: Final = "capwright-view-"
_LOCK: Final = "lock"


class Shelf:
    """A new folder below the one for temporary files, that only this user may enter. Raises `OSError`."""

    def __init__(self) -> None:
        base = _base()
        for left in base.glob(f"{PREFIX}*"):
            _sweep(left)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        lock = os.open(self.folder / "new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Under its name it is locked from the start: nobody takes a folder that is being made for a left one.
        (self.folder / "new").rename(self.folder / _LOCK)
        self._end = weakref.finalize(self, _end, self.folder, lock, os.getpid())

    def close(self) -> None:
        """Remove the folder with all that is in it. May be called more than once."""
        self._end()


def pattern() -> tuple[Path, str]:
    """The folder in which all such folders lie, and the pattern of their paths."""
    base = _base()
    return base, "".join(f"/{escaped(part)}" for part in (*base.parts[1:], PREFIX)) + "*"


def remove(path: Path) -> None:
    """Remove what is there, if anything: a file, a link (not what it leads to), or a whole folder."""
    try:
        is_folder = stat.S_ISDIR(path.lstat().st_mode)
    except FileNotFoundError:
        return
    shutil.rmtree(path) if is_folder else path.unlink()


def _base() -> Path:
    return Path(os.path.realpath(tempfile.gettempdir()))


def _sweep(folder: Path) -> None:
    """Remove a folder of ours that nobody holds any more."""
    try:
        if folder.lstat().st_uid != os.geteuid():
            return
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        pass
    finally:
        os.close(lock)


def _end(folder: Path, lock: int, process: int) -> None:
    if os.getpid() == process:  # not in a process that was forked from ours
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
