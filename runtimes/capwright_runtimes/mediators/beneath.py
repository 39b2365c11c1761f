"""Open a path below a directory without following any symbolic link: `openat2`, or a walk that does the same.

Source: openat2(2), Linux 5.6; `RESOLVE_BENEATH`, `RESOLVE_NO_SYMLINKS`, `RESOLVE_NO_MAGICLINKS`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from typing import Final

_SYS_OPENAT2: Final = 437  # the same number on every Linux architecture but alpha
_RESOLVE: Final = 0x08 | 0x04 | 0x02  # BENEATH, NO_SYMLINKS, NO_MAGICLINKS
_RETRIES: Final = 16


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def best() -> Callable[[int, str, int], int]:
    """`openat2` where the kernel has it (and no filter hides it), else the walk."""
    return openat2 if has_openat2() else walk


def has_openat2() -> bool:
    """Whether this process can use `openat2`; asked of the kernel, for a sandbox may forbid it."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        root = os.open("/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.close(openat2(root, ".", os.O_RDONLY | os.O_DIRECTORY))
    except OSError:
        return False
    finally:
        os.close(root)
    return True


def openat2(root: int, path: str, flags: int) -> int:
    """A new descriptor for `path` below `root`, resolved by the kernel in one step. Raises `OSError`."""
    name = os.fsencode(path)
    if b"\0" in name:
        raise ValueError("a path holds no NUL")
    how = _OpenHow(flags | os.O_CLOEXEC, 0, _RESOLVE)
    libc = ctypes.CDLL(None, use_errno=True)
    for _ in range(_RETRIES):
        descriptor: int = libc.syscall(
            ctypes.c_long(_SYS_OPENAT2),
            ctypes.c_int(root),
            ctypes.c_char_p(name),
            ctypes.byref(how),
            ctypes.c_size_t(ctypes.sizeof(how)),
        )
        if descriptor >= 0:
            return descriptor
        number = ctypes.get_errno()
        if number not in (errno.EAGAIN, errno.EINTR):  # EAGAIN: a rename raced with a `..`; try again
            break
    raise OSError(number, os.strerror(number), path)


def walk(root: int, path: str, flags: int) -> int:
    """The same, one component at a time with `O_NOFOLLOW`;

    For kernels without `openat2`. Raises `OSError`.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
    folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)
    for part in parts[:-1]:
        folder = _step(folder, part, os.O_RDONLY | os.O_DIRECTORY)
    return _step(folder, parts[-1] if parts else ".", flags)


def _step(folder: int, name: str, flags: int) -> int:
    """Open one name in `folder`, which is closed; says ELOOP for a link where the kernel says ENOTDIR."""
    try:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ENOTDIR and _is_link(folder, name):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from error
        raise
    finally:
        os.close(folder)


def _is_link(folder: int, name: str) -> bool:
    try:
        os.readlink(name, dir_fd=folder)
    except OSError:
        return False
    return True
