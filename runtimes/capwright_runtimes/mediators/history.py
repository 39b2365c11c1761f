"""The `history` mediator: an append-only, hash-chained log in JSON lines.

Each line is `{"digest", "prev", "record", "seq"}`: `digest` covers the other three, `prev` is the digest of
the line before. A record that was altered, removed or moved is found when the file is next opened. The chain
has no key: whoever can rewrite the whole file can rewrite the chain, and whole records cut off at the end
leave no trace. Keep the last digest elsewhere where that matters.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from capwright_runtimes.refusal import Refused

GENESIS: Final = "0" * 64
MAX_RECORD_BYTES: Final = 4 * 1024 * 1024
MAX_TORN_SHOWN: Final = 4096


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a verified chain ends:

    The next number, the last digest, the good bytes, and the torn ones after.
    """

    seq: int = 0
    digest: str = GENESIS
    good: int = 0
    torn: bytes = b""


class History:
    """One open log. Appends are serialised within the process and exclude every other process.

    Raises `Refused`: `history-locked` when it is open elsewhere, `history-altered` when the chain does not
    hold, `history-unreadable` when it is no regular file or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._descriptor = _open(path)
        try:
            tail = _verify(self._descriptor, path)
            self._seq, self._digest = tail.seq, tail.digest
            if tail.torn:
                os.ftruncate(self._descriptor, tail.good)
                self.append(_torn_note(tail.torn))
        except BaseException:
            self.close()
            raise

    def append(self, record: Mapping[str, object]) -> int:
        """Write one record and return its number, counted from 0. It is on the disk when this returns.

        Raises `ValueError` for a record that is no JSON or too long, `OSError` when it cannot be written
        (then nothing of it stays); the caller must then let the effect's result go nowhere.
        """
        with self._lock:
            line, digest = _line(self._seq, self._digest, record)
            _write(self._descriptor, line)
            seq = self._seq
            self._seq, self._digest = seq + 1, digest
        return seq

    def close(self) -> None:
        """Give the file back. May be called more than once; appends then raise `OSError`."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise Refused("history-unreadable", "the history cannot be opened", str(path)) from error
    try:
        _claim(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _claim(descriptor: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise Refused("history-unreadable", "the history is no regular file", str(path))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Refused("history-locked", "this history is open elsewhere", str(path)) from error
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the file's name as durable as its content."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(seq: int, prev: str, record: Mapping[str, object]) -> tuple[bytes, str]:
    """The line of a record and its digest."""
    body: dict[str, object] = {"seq": seq, "prev": prev, "record": dict(record)}
    digest = hashlib.sha256(_encoded(body)).hexdigest()
    line = _encoded({**body, "digest": digest}) + b"\n"
    if len(line) > MAX_RECORD_BYTES:
        raise ValueError("the history record is too long")
    return line, digest


def _encoded(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _write(descriptor: int, line: bytes) -> None:
    """All of the line or, after an error, none of it: half a line would run into the next one."""
    before = os.fstat(descriptor).st_size
    try:
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except BaseException:
        os.ftruncate(descriptor, before)
        raise


def _verify(descriptor: int, path: Path) -> Tail:
    tail = Tail()
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        for line in iter(lambda: file.readline(MAX_RECORD_BYTES), b""):
            if not line.endswith(b"\n") and len(line) < MAX_RECORD_BYTES:
                return Tail(
                    tail.seq, tail.digest, tail.good, line
                )  # a short read without a newline is the end
            digest = _digest_of(line, tail)
            if digest is None:
                raise Refused(
                    "history-altered", f"history record {tail.seq} is not what was written", str(path)
                )
            tail = Tail(tail.seq + 1, digest, tail.good + len(line))
    return tail


def _digest_of(line: bytes, tail: Tail) -> str | None:
    """The digest of the line if it is, byte for byte, the record that follows `tail`."""
    try:
        body = json.loads(line)
        record = body["record"]
        written, digest = _line(tail.seq, tail.digest, record)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return digest if written == line else None


def _torn_note(torn: bytes) -> dict[str, object]:
    shown = torn[:MAX_TORN_SHOWN].decode(errors="backslashreplace")
    return {"kind": "history.torn", "bytes": len(torn), "text": shown}
