"""Files written whole or not at all, beneath a folder and never through a link.

A workspace may come from others: a link in it could lead anywhere, so that none below the base is followed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_beneath(base: Path, relative: PurePosixPath, data: bytes) -> Path:
    """Put `data` at `relative` beneath `base`: a reader sees the old file or the new one, never a part.

    Folders on the way are made. Raises `InputError` where the file cannot be written.
    """
    target = base / relative
    try:
        with _descend(base, relative.parent) as folder:
            _replace(folder, relative.name, data)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        help_ = f"make `{target.parent}` a folder that you may write to, and no link"
        raise InputError([Problem(f"`{target}` cannot be written: {reason}", Span(""), help_)]) from error
    return target


@contextmanager
def _descend(base: Path, relative: PurePosixPath) -> Iterator[int]:
    handle = os.open(base, _FOLDER)
    try:
        for part in relative.parts:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=handle)
            below = os.open(part, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _replace(folder: int, name: str, data: bytes) -> None:
    temporary = f".{name}.{secrets.token_hex(8)}"
    handle = os.open(temporary, _NEW, 0o644, dir_fd=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)
