"""From a plan to mounts on the file system as it is: where a mount cannot hold it, a copy does, or less."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox import mounts
from capwright_runtimes.sandbox.mounts import Mounts, resolve
from capwright_runtimes.sandbox.plan import Plan, Rules
from tests.runtimes.confined import plan


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """`w/a/b/`, `w/a/file`, `w/c/d/`, `w/note`."""
    (tmp_path / "w" / "a" / "b").mkdir(parents=True)
    (tmp_path / "w" / "c" / "d").mkdir(parents=True)
    (tmp_path / "w" / "a" / "file").touch()
    (tmp_path / "w" / "note").touch()
    return tmp_path / "w"


def resolved(*programs: Path, **parts: object) -> Mounts:
    return resolve(Rules(Plan.of(plan(**parts))), programs)  # type: ignore[arg-type]


class TestWhole:
    def test_a_folder_without_exceptions_is_bound(self, work: Path) -> None:
        assert resolved(read=[work]) == {work: "read"}
        assert resolved(write=[work]) == {work: "write"}

    def test_more_below_it_lies_on_top(self, work: Path) -> None:
        assert resolved(read=[work], write=[work / "a"]) == {work: "read", work / "a": "write"}

    def test_what_is_not_there_is_not_bound(self, work: Path) -> None:
        assert resolved(read=[work / "none"], write=[work / "a" / "none"]) == {}

    def test_a_mask_outside_of_what_is_bound_changes_nothing(self, work: Path) -> None:
        found = resolved(read=[work / "a" / "b"], mask=[work / "a" / "file", work])
        assert found == {work / "a" / "b": "read"}

    def test_neither_pipe_nor_socket_is_bound(self, work: Path) -> None:
        os.mkfifo(work / "pipe")
        assert resolved(read=[work / "pipe"]) == {}

    def test_a_file_that_must_be_one(self, work: Path) -> None:
        places = [work / "a" / "file", work / "c"]
        assert resolved(read=places, files=places) == {work / "a" / "file": "read"}


class TestCopied:
    """Nothing is hidden by a mount on top of it, which would come off when somebody replaced that."""

    def test_a_folder_with_an_exception_is_a_copy_and_those_beside_it_are_bound(self, work: Path) -> None:
        found = resolved(read=[work], mask=[work / "a" / "b"])
        assert found == {work: "copy", work / "c": "read"}

    def test_also_where_the_exception_is_not_there(self, work: Path) -> None:
        assert resolved(read=[work], mask=[work / "a" / "none"])[work] == "copy"
        assert resolved(read=[work], mask=[work / "none" / "deep"])[work] == "copy"

    def test_of_a_writable_one_files_are_bound_too(self, work: Path) -> None:
        found = resolved(write=[work], mask=[work / "a" / "b"])
        written = (work / "a" / "file", work / "c", work / "note")
        assert found == {work: "copy", **dict.fromkeys(written, "write")}

    def test_what_is_read_only_in_a_writable_one_is_an_exception(self, work: Path) -> None:
        found = resolved(write=[work], read=[work / "a"])
        assert found == {work: "copy", work / "a": "read", work / "c": "write", work / "note": "write"}

    def test_no_file_of_a_read_only_one_in_a_writable_one_is_written(self, work: Path) -> None:
        found = resolved(write=[work], read=[work / "a"], mask=[work / "a" / "b"])
        assert found == {work: "copy", work / "a": "copy", work / "c": "write", work / "note": "write"}

    def test_what_is_open_within_an_exception_is_bound(self, work: Path) -> None:
        found = resolved(read=[work, work / "a" / "b"], mask=[work / "a"])
        assert found == {work: "copy", work / "a" / "b": "read", work / "c": "read"}

    def test_links_are_not_bound(self, work: Path) -> None:
        (work / "link").symlink_to("c")
        (work / "other").symlink_to("note")
        found = resolved(write=[work], mask=[work / "a"])
        assert set(found) == {work, work / "c", work / "note"}

    def test_below_a_wildcard_everything_is_a_copy(self, work: Path) -> None:
        assert resolved(read=[work], globs=["/**/x"]) == {work: "copy"}
        assert resolved(write=[work], globs=["/**/x"]) == {work: "copy"}

    def test_beside_a_wildcard_folders_are_bound(self, work: Path) -> None:
        assert resolved(read=[work], globs=[f"{work}/a*/**"]) == {work: "copy", work / "c": "read"}
        assert resolved(read=[work], globs=[f"{work}/*/x"]) == {
            work: "copy",
            work / "a" / "b": "read",
            work / "c" / "d": "read",
        }

    def test_a_root_that_a_wildcard_names_is_not_there(self, work: Path) -> None:
        assert resolved(read=[work], globs=["/**/w"]) == {}

    def test_too_many_are_refused(self, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        parts = {"read": [work], "mask": [work / "a" / "b"]}
        monkeypatch.setattr(mounts, "MAX_ENTRIES", 5)
        monkeypatch.setattr(mounts, "MAX_MOUNTS", 2)
        assert len(resolved(**parts)) == 2
        (work / "e").mkdir()
        for change in ({"MAX_MOUNTS": 2, "MAX_ENTRIES": 9}, {"MAX_MOUNTS": 9, "MAX_ENTRIES": 5}):
            for name, value in change.items():
                monkeypatch.setattr(mounts, name, value)
            with pytest.raises(Refused) as caught:
                resolved(**parts)
            assert caught.value.code == "too-many-files"


class TestPrograms:
    def test_they_are_read_only_and_held_in_a_writable_folder(self, work: Path) -> None:
        found = resolved(work / "a" / "file", write=[work])
        assert found == {work: "write", work / "a": "write", work / "a" / "file": "read"}

    def test_they_are_not_there_where_the_plan_hides_them(self, work: Path) -> None:
        (work / "a" / "b" / "program").touch()
        program = work / "a" / "b" / "program"
        assert program not in resolved(program, read=[work], mask=[work / "a" / "b"])
        assert program not in resolved(program, read=[work], globs=["/**/b"])
        assert resolved(program, mask=[work]) == {program: "read"}

    def test_an_installation_with_an_exception_in_it_is_refused(self, work: Path) -> None:
        """It would be bound whole, the exception with it."""
        with pytest.raises(Refused) as caught:
            resolved(work / "a", read=[work], mask=[work / "a" / "b"])
        assert caught.value.code == "no-program"
        beside = {"read": [work], "mask": [work / "c" / "d"]}
        assert resolved(work / "a", **beside)[work / "a"] == "read"
        assert resolved(work / "a", mask=[work / "a" / "b"]) == {work / "a": "read"}

    def test_in_a_copy_they_lie_on_it(self, work: Path) -> None:
        found = resolved(work / "a" / "file", write=[work], mask=[work / "a" / "b"])
        assert found[work] == "copy" and found[work / "a" / "file"] == "read"
        assert work / "a" not in found


def test_a_granted_place_that_is_reached_through_a_link_is_refused(work: Path) -> None:
    (work / "link").symlink_to("c")
    for parts in ({"read": [work / "link"]}, {"write": [work / "link" / "d"]}):
        with pytest.raises(Refused) as caught:
            resolved(**parts)
        assert caught.value.code == "linked-path"
