"""From a plan to mounts on the file system as it is: where a mount cannot hold the plan, less is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox import mounts
from capwright_runtimes.sandbox.mounts import Plan, resolve
from tests.runtimes.confined import plan


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "w" / "a" / "b").mkdir(parents=True)
    (tmp_path / "w" / "a" / "file").touch()
    return tmp_path / "w"


def resolved(**parts: list[Path]) -> dict[Path, mounts.State]:
    return resolve(Plan.of(plan(**parts)))  # type: ignore[arg-type]


class TestResolve:
    def test_a_plan_that_holds_as_it_is(self, work: Path) -> None:
        found = resolved(read=[work], mask=[work / "a" / "b"])
        assert found == {work: "read", work / "a" / "b": "mask"}

    def test_what_is_not_there_is_not_bound(self, work: Path) -> None:
        assert resolved(read=[work / "none"], write=[work / "a" / "none"]) == {}

    def test_a_mask_outside_of_what_is_bound_is_no_mount(self, work: Path) -> None:
        assert resolved(read=[work / "a" / "b"], mask=[work / "a" / "file"]) == {work / "a" / "b": "read"}

    def test_a_missing_mask_in_a_read_only_folder_needs_nothing(self, work: Path) -> None:
        assert resolved(read=[work], mask=[work / "a" / "none"]) == {work: "read"}

    def test_a_missing_mask_makes_the_folder_around_it_read_only(self, work: Path) -> None:
        found = resolved(write=[work], mask=[work / "a" / "none" / "deep"])
        assert found == {work: "write", work / "a": "read"}

    def test_a_missing_mask_at_the_top_makes_all_read_only(self, work: Path) -> None:
        assert resolved(write=[work], mask=[work / "none"]) == {work: "read"}

    def test_folders_around_a_place_in_a_writable_folder_are_mounts(self, work: Path) -> None:
        found = resolved(write=[work], mask=[work / "a" / "b"])
        assert found == {work: "write", work / "a": "write", work / "a" / "b": "mask"}

    def test_programs_are_read_only_and_held_but_not_where_they_are_hidden(self, work: Path) -> None:
        table = Plan.of(plan(write=[work], mask=[work / "a" / "b"]))
        found = resolve(table, [work / "a" / "file", work / "a" / "b" / "program"])
        assert found[work / "a" / "file"] == "read" and found[work / "a"] == "write"
        assert work / "a" / "b" / "program" not in found

    def test_wildcards_find_folders_files_and_the_root_itself(self, work: Path) -> None:
        (work / "a" / "b" / "x.pem").touch()
        table = Plan.of(plan(read=[work], globs=["/**/*.pem", "/**/file"]))
        found = resolve(table)
        assert found == {work: "read", work / "a" / "file": "mask", work / "a" / "b" / "x.pem": "mask"}
        assert resolve(Plan.of(plan(read=[work], globs=["/**/w"]))) == {work: "mask"}

    def test_a_name_that_has_no_canonical_form_is_hidden(self, work: Path) -> None:
        (work / "a\nb").touch()
        found = resolve(Plan.of(plan(read=[work], globs=["/**/.env"])))
        assert found[work / "a\nb"] == "mask"

    def test_a_link_to_a_folder_is_not_followed(self, work: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / ".env").touch()
        (work / "link").symlink_to(tmp_path / "elsewhere")
        (work / "ring").symlink_to(work)
        assert resolve(Plan.of(plan(read=[work], globs=["/**/.env"]))) == {work: "read"}

    def test_too_many_files_are_refused(self, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mounts, "MAX_ENTRIES", 4)
        assert resolve(Plan.of(plan(read=[work], globs=["/**/x"])))
        (work / "one more").touch()
        with pytest.raises(Refused) as caught:
            resolve(Plan.of(plan(read=[work], globs=["/**/x"])))
        assert caught.value.code == "too-many-files"


class TestPlan:
    @pytest.mark.parametrize(
        "change",
        [
            {"read": ["relative"]},
            {"read": ["/"]},
            {"read": ["/a/../b"]},
            {"read": ["/a/"]},
            {"read": ["//a"]},
            {"read": ["/a\0b"]},
            {"read": "/a"},
            {"read": [7]},
            {"write": ["/a"], "read": ["/a"]},
            {"network": 1},
            {"unknown": []},
        ],
    )
    def test_another_shape_is_refused(self, change: dict[str, object]) -> None:
        with pytest.raises(Refused) as caught:
            Plan.of({**plan(), **change})
        assert caught.value.code == "bad-table"

    @pytest.mark.parametrize("key", ["read", "write", "mask", "network"])
    def test_a_missing_key_is_refused(self, key: str) -> None:
        table = plan()
        del table[key]
        with pytest.raises(Refused):
            Plan.of(table)
