"""Globs of one `*`, found by their prefix, against comparing each of them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product

import pytest

from capwright_registry.patterns.plain import plain_globs

GLOBS = [("a*", 1), ("ab*", 2), ("*b", 3), ("a*b", 4), ("*", 5), ("ab*ba", 6)]


def texts() -> list[str]:
    return ["".join(letters) for length in range(6) for letters in product("abc", repeat=length)]


def test_every_text_leads_where_comparing_each_glob_says() -> None:
    found = plain_globs(GLOBS)
    assert found is not None
    for text in texts():
        assert sorted(found.leading(text)) == [to for glob, to in GLOBS if fnmatchcase(text, glob)], text


def test_a_glob_leads_where_all_its_texts_do() -> None:
    found = plain_globs(GLOBS)
    assert found is not None
    for inner in ("ab*ba", "abb*", "*bb", "c*", "a*bb", "ab?", "a[bc]*", "ab*b*ba"):
        led = set(found.leading(inner))
        for text in texts():
            if fnmatchcase(text, inner):
                assert led <= {to for glob, to in GLOBS if fnmatchcase(text, glob)}, (inner, text)
    assert sorted(found.leading("ab*ba")) == [1, 2, 5, 6]


@pytest.mark.parametrize(
    "globs",
    [
        [("a?", 1)],
        [("a[bc]*", 1)],
        [("a*b*", 1)],
        [(f"a*{n}", n) for n in range(5)],
        [("a" * n + "*", n) for n in range(9)],
    ],
    ids=["one character", "class", "two stars", "too much alike", "too many lengths"],
)
def test_what_is_not_found_in_a_bounded_time_is_left_to_others(globs: list[tuple[str, int]]) -> None:
    assert plain_globs(globs) is None
