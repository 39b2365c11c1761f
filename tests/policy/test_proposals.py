"""Edits of documents: valid TOML, whatever the layout, and nothing lost."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from capwright_policy.proposals import array_at, end_of, entry, listed, quoted, removal, table
from capwright_policy.setting import Setting, find_profile
from capwright_registry.spans import Span
from tests.support.checking import allows, setting
from tests.support.edits import apply_edits, edited

LEAD = "profiles/lead.toml"
HEAD = 'schema = "capwright.profile/1"\nname = "lead"\n'
A, B = allows("fs.read", "/a"), allows("fs.read", "/b")


def desk(tmp_path: Path, text: str) -> Setting:
    return setting(tmp_path, {LEAD: HEAD + text})


@pytest.mark.parametrize(
    "array",
    [
        f"[{A}, {B}]",
        f"[{A},{B},]",
        f"[\n  {A},\n  {B},\n]",
        f"[\n  {A} # one\n  , # two\n  {B} # three\n]",
        f"[\n  # before\n  {A},\n\n  {B}\n  # after\n]",
    ],
)
def test_an_entry_is_taken_out_of_any_array(tmp_path: Path, array: str) -> None:
    for number, rest in ((0, ["/b"]), (1, ["/a"])):
        one = desk(tmp_path / str(number), f"[scope]\nallow = {array}\n")
        apply_edits(one.workspace.root, removal(one, find_profile(one, "lead").scope[0][number]))
        loaded = tomllib.loads((one.workspace.root / LEAD).read_text())
        assert [capability["on"] for capability in loaded["scope"]["allow"]] == [rest]


def test_the_only_entry_leaves_an_empty_array(tmp_path: Path) -> None:
    for number, array in enumerate((f"[{A}]", f"[{A},]", f"[\n  {A}, # why\n]")):
        one = desk(tmp_path / str(number), f"[scope]\nallow = {array}\n")
        apply_edits(one.workspace.root, removal(one, find_profile(one, "lead").scope[0][0]))
        assert tomllib.loads((one.workspace.root / LEAD).read_text())["scope"]["allow"] == []


def test_what_has_a_header_of_its_own_is_not_taken_out(tmp_path: Path) -> None:
    one = desk(tmp_path, '[[scope.allow]]\naction = "fs.read"\non = ["/a"]\n')
    assert removal(one, find_profile(one, "lead").scope[0][0]) == ()


def test_arrays_are_told_from_headers(tmp_path: Path) -> None:
    """A table's header begins with a bracket too."""
    one = desk(tmp_path, f"[scope]\nallow = [{A}]\n[delegable]\nallow = []\n")
    document = find_profile(one, "lead").document
    assert array_at(document, "scope", "allow") is not None
    assert array_at(document, "delegable", "allow") is not None
    assert array_at(document, "scope") is None
    assert array_at(document, "scope", "except") is None
    assert array_at(document, "name") is None


def test_a_capability_written_anew_is_the_same(tmp_path: Path) -> None:
    """Also what narrows nothing: a reader's words and the limits stay."""
    keys = """when = 'mode == "x"', until = 2027-01-01, limits = { calls = 3, bytes = "1KiB" }"""
    words = """optional = true, reason = 'for "it"'"""
    text = allows("fs.read", "/a", "/b/**", more=f'except = ["/b/c"], {keys}, {words}')
    one = desk(tmp_path / "one", f"[scope]\nallow = [{text}]\n")
    before = find_profile(one, "lead").scope[0][0]
    again = desk(tmp_path / "two", f"[scope]\nallow = [{table(before)}]\n")
    after = find_profile(again, "lead").scope[0][0]
    for key in ("action", "on", "except_", "when", "until", "limits", "optional", "reason"):
        assert getattr(after, key) == getattr(before, key), key


@pytest.mark.parametrize(
    "text", ["plain", 'a "quoted" one', "back\\slash", "tab\tnew\nline", "\x7f", "é 文 \U0001f600"]
)
def test_strings_are_toml(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)}\nb = {listed([text, text])}") == {"a": text, "b": [text, text]}


def test_an_entry_names_what_it_is_given(tmp_path: Path) -> None:
    one = desk(tmp_path, f"[scope]\nallow = [{A}]\n")
    capability = find_profile(one, "lead").scope[0][0]
    assert entry(capability, to="project:p") == '{ to = "project:p", action = "fs.read", on = ["/a"] }'


class TestEdited:
    """The helper that applies edits."""

    def at(self, line: int, column: int, width: int = 0) -> Span:
        return Span("f", line, column, line, column + width)

    def test_edits_refer_to_the_text_before_them(self) -> None:
        from capwright_policy.findings import Edit

        text = "one two\nthree"
        edits = [
            Edit(self.at(2, 1, 5), "3"),
            Edit(self.at(1, 1, 3), "1"),
            Edit(end_of(self.at(1, 1, 3)), "!"),
        ]
        assert edited(text, edits) == "1! two\n3"

    def test_overlaps_are_refused(self) -> None:
        from capwright_policy.findings import Edit

        with pytest.raises(AssertionError, match="overlap"):
            edited("one two", [Edit(self.at(1, 1, 5), ""), Edit(self.at(1, 3, 5), "")])
