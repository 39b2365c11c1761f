"""Reading what others change: no link is followed, and what is of another kind is not there."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from capwright_runtimes.sandbox import source


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[int]:
    """A folder, open, with one thing of each kind in it, named after it."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("content")
    (tmp_path / "to-folder").symlink_to("folder")
    (tmp_path / "to-file").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    handle = os.open(tmp_path, os.O_RDONLY)
    yield handle
    os.close(handle)


def test_a_folder_is_opened_and_nothing_else(opened: int) -> None:
    with source.folder(opened, "folder") as found:
        assert found is not None and source.names(found) == []
    for name in ("file", "to-folder", "to-file", "pipe", "none"):
        with source.folder(opened, name) as found:
            assert found is None, name


def test_a_file_is_opened_and_nothing_else_and_a_pipe_holds_nobody_up(opened: int) -> None:
    with source.file(opened, "file") as found:
        assert found is not None and os.read(found, 9) == b"content"
    for name in ("folder", "to-folder", "to-file", "pipe", "none"):
        with source.file(opened, name) as found:
            assert found is None, name


def test_a_root_has_no_link_on_the_way(opened: int, tmp_path: Path) -> None:
    (tmp_path / "folder" / "inner").mkdir()
    with source.root(tmp_path / "folder" / "inner") as found:
        assert found is not None
    for path in (tmp_path / "to-folder" / "inner", tmp_path / "to-folder", tmp_path / "none"):
        with source.root(path) as found:
            assert found is None


def test_what_has_gone_is_nothing(opened: int) -> None:
    assert source.facts(opened, "none") is None and source.link(opened, "none") is None
    assert source.link(opened, "to-file") == "file" and source.link(opened, "file") is None
    assert source.names(opened)


def test_a_change_shows_in_the_signature_and_settles(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("one")
    before = (tmp_path / "file").stat()
    (tmp_path / "other").write_text("one")
    (tmp_path / "other").replace(tmp_path / "file")
    assert source.signature((tmp_path / "file").stat()) != source.signature(before)
    fields = list(before)
    now = time.time_ns()
    recent, old = (os.stat_result([*fields[:10]], {"st_ctime_ns": now - age}) for age in (0, 10**9))
    assert not source.is_settled(recent) and source.is_settled(old)
