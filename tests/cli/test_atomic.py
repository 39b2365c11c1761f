"""Files are whole, or not there, and never somewhere else."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from capwright_cli.atomic import write_beneath
from capwright_registry.errors import InputError

TARGET = PurePosixPath("a/b/proof.json")


def test_folders_are_made_and_the_file_is_replaced(tmp_path: Path) -> None:
    assert write_beneath(tmp_path, TARGET, b"one") == tmp_path / TARGET
    write_beneath(tmp_path, TARGET, b"two")
    assert (tmp_path / TARGET).read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["proof.json"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_beneath(tmp_path, TARGET, b"one")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: no space left on device"):
        write_beneath(tmp_path, TARGET, b"two")
    assert (tmp_path / TARGET).read_bytes() == b"one"
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["proof.json"]


@pytest.mark.parametrize("link", ["a", "a/b"])
def test_no_link_on_the_way_is_followed(tmp_path: Path, link: str) -> None:
    base, elsewhere = tmp_path / "base", tmp_path / "elsewhere"
    (base / link).parent.mkdir(parents=True)
    (elsewhere / "b").mkdir(parents=True)
    (base / link).symlink_to(elsewhere)
    with pytest.raises(InputError, match="cannot be written"):
        write_beneath(base, TARGET, b"x")
    assert sorted(path.name for path in elsewhere.rglob("*")) == ["b"]


def test_a_link_in_the_file_s_place_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "proof.json").symlink_to("mine")
    write_beneath(tmp_path, PurePosixPath("proof.json"), b"x")
    assert (tmp_path / "mine").read_text() == "mine"
    assert not (tmp_path / "proof.json").is_symlink()


def test_a_folder_in_the_file_s_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / TARGET).mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be written"):
        write_beneath(tmp_path, TARGET, b"x")
