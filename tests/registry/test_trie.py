"""The walk that decides: by example, against `fnmatch`, and on texts that ruin backtracking matchers."""

from __future__ import annotations

import fnmatch
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.matching import glob_matcher
from capwright_registry.trie import Trie
from tests.support.quotes import quotes

TABLE: list[dict[str, object]] = [
    {"lit": {"a": 1, "b": 2}, "deep": 3},
    {"glob": [["x*", 4]], "any": 5, "end": [0]},
    {"range": [["1", "9", 6], ["5", "5", 7], ["5", "20", 8]]},
    {"loop": True, "lit": {"z": 9}},
    {"end": [1]},
    {"end": [2]},
    {"end": [3]},
    {"end": [4]},
    {"end": [5, 6]},
    {"end": [7]},
]

WALKS: list[tuple[tuple[str | int, ...], set[int]]] = [
    ((), set()),
    (("a",), {0}),
    (("a", "x"), {1, 2}),
    (("a", "y"), {2}),
    (("a", "x", "y"), set()),
    (("b", 1), {3}),
    (("b", 5), {3, 4, 5, 6}),
    (("b", 10), {5, 6}),
    (("b", 20), {5, 6}),
    (("b", 21), set()),
    (("b", 0), set()),
    (("b", "5"), set()),
    (("z",), {7}),
    (("q", "q", "z"), {7}),
    (("a", "z"), {2, 7}),
    (("q", 5, "z"), set()),
    (("z", "z"), {7}),
]


@quotes(
    "patterns",
    "`deep` is taken without a segment, and a node with `loop` stays where it is on any text.",
    "A walk starts at the root, takes every edge that fits each segment, and ends in a set of nodes.",
)
@pytest.mark.parametrize(("segments", "expected"), WALKS)
def test_walk(segments: tuple[str | int, ...], expected: set[int]) -> None:
    assert Trie(TABLE).walk(segments) == expected
    assert Trie(json.loads(json.dumps(TABLE))).walk(segments) == expected


def test_an_empty_table_matches_nothing() -> None:
    empty: dict[str, object] = {}
    assert Trie([empty]).walk(("a",)) == frozenset()
    assert Trie([{"end": [0]}]).walk(()) == {0}


BROKEN: list[list[dict[str, object]]] = [
    [],
    [{"lit": {"a": 1}}],
    [{"lit": {"a": -1}}, {"end": [0]}],
    [{"any": 0}],
    [{"deep": 7}],
    [{"glob": [["*", 1]]}],
    [{"range": [["x", "2", 1]]}, {}],
    [{"range": [["1", "2", 2]]}, {}],
]


@pytest.mark.parametrize("table", BROKEN)
def test_a_broken_table_is_refused(table: list[dict[str, object]]) -> None:
    with pytest.raises(ValueError, match=r"leads nowhere|invalid literal"):
        Trie(table)


GLOBS = [
    ("*", ["", "a", "a\nb", "/"], []),
    ("a*b", ["ab", "axb", "abb"], ["", "a", "ba", "abc"]),
    ("*a*b*", ["ab", "xaybz"], ["ba", "b"]),
    ("aa*aa", ["aaaa", "aabaa"], ["aa", "aaa"]),
    ("*.pem", [".pem", "a.pem"], ["pem", "a.pem "]),
    ("?", ["a", "\n", "\udc80", "é"], ["", "ab"]),
    ("[a-c]x", ["ax", "cx"], ["dx", "x", "-x"]),
    ("[!a-c]", ["d", "!", "\n"], ["a", "c", ""]),
    ("[-a]", ["-", "a"], ["b"]),
    ("[a-]", ["-", "a"], ["b"]),
    ("[!-a]", ["b", "!"], ["-", "a"]),
    ("[--/]", ["-", ".", "/"], ["0"]),
    ("[!./:]*", ["a", "ab."], ["", ".", ":a"]),
    ("[*][?][[]", ["*?["], ["a?["]),
    ("[\\]", ["\\"], ["]", "a"]),
    ("]a]", ["]a]"], ["a"]),
    ("a.b", ["a.b"], ["axb"]),
    ("(a|b)+$^", ["(a|b)+$^"], ["a"]),
    ("[&&a]", ["&", "a"], ["b"]),
]


@pytest.mark.parametrize(("glob", "yes", "no"), GLOBS)
def test_globs(glob: str, yes: list[str], no: list[str]) -> None:
    matches = glob_matcher(glob)
    assert all(matches(text) for text in yes)
    assert not any(matches(text) for text in no)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]", "[a-b]", "."]), max_size=6).map("".join),
    st.text("ab.\n", max_size=6),
)
def test_globs_agree_with_fnmatch(glob: str, text: str) -> None:
    assert bool(glob_matcher(glob)(text)) == bool(re.match(fnmatch.translate(glob), text))


def test_no_text_is_slow() -> None:
    """A matcher that goes back would try more combinations than there are atoms in the sun."""
    assert not glob_matcher("*a" * 32 + "*b")("a" * 5000)
    assert glob_matcher("*a" * 32 + "*b")("a" * 5000 + "b")


def test_nested_runs_do_not_multiply_the_places_of_a_walk() -> None:
    table: list[dict[str, object]] = []
    for depth in range(40):
        table += [{"deep": 2 * depth + 1}, {"loop": True, "lit": {"a": 2 * depth + 2}}]
    table.append({"end": [0]})
    assert Trie(table).walk(["a"] * 400) == {0}
    assert Trie(table).walk(["a"] * 39) == frozenset()
