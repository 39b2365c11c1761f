"""Reading folders of the host that others change meanwhile.

No link is followed. What cannot be read, has gone, or is not of the kind that is asked for any more, is as if
it were not there.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from capwright_runtimes.mediators.beneath import best

Facts: TypeAlias = tuple[int, ...]
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CLOCK_NS: Final = 100_000_000


def names(handle: int) -> list[str]:
    """The names in an open folder."""
    try:
        return os.listdir(handle)
    except OSError:
        return []


def facts(around: int, name: str) -> os.stat_result | None:
    """What is there under the name, itself."""
    try:
        return os.stat(name, dir_fd=around, follow_symlinks=False)
    except OSError:
        return None


def link(around: int, name: str) -> str | None:
    """The text of a link."""
    try:
        return os.readlink(name, dir_fd=around)
    except OSError:
        return None


@contextmanager
def root(path: Path) -> Iterator[int | None]:
    """The folder at an absolute path with no link on the way, open."""
    top = os.open("/", _FOLDER)
    try:
        with _opened(lambda: best()(top, str(path.relative_to("/")), _FOLDER)) as handle:
            yield handle
    finally:
        os.close(top)


@contextmanager
def folder(around: int, name: str) -> Iterator[int | None]:
    """The folder of this name, open."""
    with _opened(lambda: os.open(name, _FOLDER, dir_fd=around)) as handle:
        yield handle


@contextmanager
def file(around: int, name: str) -> Iterator[int | None]:
    """The plain file of this name, open for reading."""
    with _opened(lambda: os.open(name, _FILE, dir_fd=around)) as handle:
        yield handle if handle is not None and stat.S_ISREG(os.fstat(handle).st_mode) else None


def signature(found: os.stat_result) -> Facts:
    """What differs for another file, and for the same one once it was changed, as far as the clock tells."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mode, found.st_mtime_ns, found.st_ctime_ns


def is_settled(found: os.stat_result) -> bool:
    """Whether the last change is so long ago that another one would show."""
    return time.time_ns() - found.st_ctime_ns > _CLOCK_NS


@contextmanager
def _opened(opening: Callable[[], int]) -> Iterator[int | None]:
    try:
        handle = opening()
    except OSError:
        handle = None
    try:
        yield handle
    finally:
        if handle is not None:
            os.close(handle)
