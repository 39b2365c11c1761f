"""The private folder of a server's copies, and what becomes of it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from capwright_registry.patterns import matches, parse
from capwright_runtimes.sandbox.shelf import Shelf, pattern, remove


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path


def test_only_its_owner_may_enter_and_it_goes_when_it_is_closed(base: Path) -> None:
    shelf = Shelf()
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700 and shelf.folder.parent == base
    (shelf.folder / "copy").mkdir()
    shelf.close()
    shelf.close()
    assert list(base.iterdir()) == []


def test_it_goes_with_the_value(base: Path) -> None:
    shelf = Shelf()
    del shelf
    assert list(base.iterdir()) == []


HOLD = """
import signal, sys, tempfile
tempfile.tempdir = sys.argv[1]
from capwright_runtimes.sandbox.shelf import Shelf
shelf = Shelf()
(shelf.folder / "copy").write_text("a note")
print(shelf.folder, flush=True)
signal.pause()
"""


def test_what_a_killed_process_left_goes_with_the_next_and_what_a_living_one_has_stays(base: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(base)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        left = Path(holder.stdout.readline().decode().strip())
        Shelf().close()
        assert (left / "copy").exists()
        holder.send_signal(signal.SIGKILL)
    assert (left / "copy").exists()
    Shelf().close()
    assert not left.exists()


def test_what_has_no_lock_is_left_alone(base: Path) -> None:
    other = base / "capwright-view-other"
    other.mkdir()
    Shelf().close()
    assert other.exists()


def test_a_forked_process_removes_nothing(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    monkeypatch.setattr(os, "getpid", lambda: 1)
    shelf.close()
    assert shelf.folder.exists()


def test_the_pattern_names_every_such_folder(base: Path) -> None:
    shelf = Shelf()
    around, glob = pattern()
    assert around == base and matches(parse("path", glob), str(shelf.folder))
    assert not matches(parse("path", glob), str(base / "other"))
    shelf.close()


def test_removing_a_link_leaves_what_it_leads_to(base: Path) -> None:
    (base / "folder").mkdir()
    (base / "link").symlink_to("folder")
    for name in ("link", "none"):
        remove(base / name)
    assert (base / "folder").exists() and not (base / "link").is_symlink()
    shutil.rmtree(base / "folder")
