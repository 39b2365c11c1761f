"""History only grows, and a record that was touched is found."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from capwright_runtimes.mediators.history import MAX_RECORD_BYTES, History
from capwright_runtimes.refusal import Refused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


def write(path: Path, *texts: str) -> None:
    history = History(path)
    for text in texts:
        history.append({"text": text})
    history.close()


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line)["record"] for line in path.read_bytes().splitlines()]


def test_records_are_numbered_chained_and_private(path: Path) -> None:
    write(path, "one", "two")
    first, second = (json.loads(line) for line in path.read_bytes().splitlines())
    assert (first["seq"], second["seq"]) == (0, 1)
    assert first["prev"] == "0" * 64
    assert second["prev"] == first["digest"]
    assert path.stat().st_mode & 0o077 == 0


def test_a_log_is_taken_up_where_it_ended(path: Path) -> None:
    write(path, "one")
    history = History(path)
    assert history.append({"text": "two"}) == 1
    history.close()
    write(path, "three")
    assert [r["text"] for r in records(path)] == ["one", "two", "three"]


def tampered(path: Path, kind: str) -> bytes:
    lines = path.read_bytes().splitlines(keepends=True)
    changes = {
        "middle altered": [lines[0], lines[1].replace(b"two", b"TWO"), lines[2]],
        "last altered": [*lines[:2], lines[2].replace(b"three", b"THREE")],
        "first removed": lines[1:],
        "middle removed": [lines[0], lines[2]],
        "swapped": [lines[1], lines[0], lines[2]],
        "repeated": [*lines, lines[2]],
        "blank line": [lines[0], b"\n", *lines[1:]],
        "spaced": [lines[0].replace(b'":', b'": '), *lines[1:]],
        "foreign": [*lines, b'{"seq":3}\n'],
        "not JSON": [*lines, b"\x00\xff\n"],
        "nested": [*lines, b"[" * 100_000 + b"\n"],
        "over-long": [*lines, b"x" * (MAX_RECORD_BYTES + 1), b"\n", lines[2]],
        "over-long at the end": [*lines, b"x" * MAX_RECORD_BYTES],
    }
    return b"".join(changes[kind])


@pytest.mark.parametrize(
    "kind",
    [
        "middle altered",
        "last altered",
        "first removed",
        "middle removed",
        "swapped",
        "repeated",
        "blank line",
        "spaced",
        "foreign",
        "not JSON",
        "nested",
        "over-long",
        "over-long at the end",
    ],
)
def test_a_touched_log_is_refused_and_left_as_it_is(path: Path, kind: str) -> None:
    write(path, "one", "two", "three")
    path.write_bytes(tampered(path, kind))
    before = path.read_bytes()
    with pytest.raises(Refused) as caught:
        History(path)
    assert caught.value.code == "history-altered"
    assert path.read_bytes() == before


@pytest.mark.parametrize("keep", [0, 1, 20])
def test_a_torn_last_line_is_set_aside_and_noted(path: Path, keep: int) -> None:
    write(path, "one", "two")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"digest":"torn \xff by a crash"'[: keep + 9])
    write(path, "three")
    assert path.read_bytes().startswith(whole)
    torn = records(path)[2]
    assert (torn["kind"], torn["bytes"]) == ("history.torn", keep + 9)
    assert str(torn["text"]).startswith('{"digest"')
    assert records(path)[3] == {"text": "three"}


def test_one_log_has_one_writer(path: Path) -> None:
    history = History(path)
    with pytest.raises(Refused) as caught:
        History(path)
    assert caught.value.code == "history-locked"
    code = (
        "import pathlib, sys\n"
        "from capwright_runtimes.mediators.history import History\n"
        "from capwright_runtimes.refusal import Refused\n"
        "try: History(pathlib.Path(sys.argv[1]))\n"
        "except Refused as error: sys.exit(error.code)\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert other.stderr.strip() == "history-locked"
    history.close()
    History(path).close()


def test_a_record_that_cannot_be_written_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(path)
    history.append({"text": "one"})
    real = os.write

    def half(descriptor: int, data: bytes) -> int:
        real(descriptor, bytes(data)[:10])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="full"):
        history.append({"text": "two"})
    monkeypatch.setattr(os, "write", real)
    history.append({"text": "three"})
    history.close()
    write(path, "four")
    assert [r["text"] for r in records(path)] == ["one", "three", "four"]


def test_a_short_write_is_finished(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:7]))
    write(path, "one", "two")
    assert [r["text"] for r in records(path)] == ["one", "two"]


@pytest.mark.parametrize("record", [{"x": float("nan")}, {"x": object()}, {"x": "y" * MAX_RECORD_BYTES}])
def test_what_is_no_record_is_not_written(path: Path, record: dict[str, object]) -> None:
    history = History(path)
    with pytest.raises((ValueError, TypeError)):
        history.append(record)
    history.close()
    assert path.read_bytes() == b""


def test_any_text_survives(path: Path) -> None:
    write(path, "\ud800 \x00 漢 \u2028 \n")
    write(path, "again")
    assert records(path)[0]["text"] == "\ud800 \x00 漢 \u2028 \n"


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "missing folder"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "history.jsonl"
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = tmp_path / "nowhere" / "history.jsonl"
    with pytest.raises(Refused) as caught:
        History(path)
    assert caught.value.code == "history-unreadable"


def test_a_closed_log_takes_nothing(path: Path) -> None:
    history = History(path)
    history.close()
    history.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        history.append({"text": "late"})
