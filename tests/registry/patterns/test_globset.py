"""Globs over one segment: labels, classes and texts that avoid others, against a second reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.patterns import TooComplex
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.globset import GlobSet
from capwright_registry.patterns.taken import Taken
from capwright_registry.patterns.universe import ARGUMENT, FILE, LABEL, Universe, words
from tests.registry.patterns.reference import glob_matches, strings

_GLOBS = st.lists(
    st.lists(st.sampled_from(["a", "b", ".", "?", "*", "[ab]", "[!a]"]), min_size=1, max_size=4)
    .map("".join)
    .filter(lambda glob: "**" not in glob),
    max_size=4,
)
_UNIVERSES = st.sampled_from([ARGUMENT, FILE, LABEL, words("a", "ab", "bb", "b.a")])


def _globset(globs: list[str], universe: Universe) -> GlobSet:
    return GlobSet([(glob, 1 << number) for number, glob in enumerate(globs)], universe, Budget(10_000))


def _label(globs: list[str], text: str) -> int:
    return sum(1 << number for number, glob in enumerate(globs) if glob_matches(glob, text))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(_GLOBS, _UNIVERSES)
def test_classes_are_complete_and_their_texts_the_shortest(globs: list[str], universe: Universe) -> None:
    found = dict(_globset(globs, universe).classes())
    for label, text in found.items():
        assert universe.holds(text)
        assert _label(globs, text) == label
    for text in strings("abc.", 4):
        if universe.holds(text):
            assert _label(globs, text) in found
            assert not text or len(found[_label(globs, text)]) <= len(text)
            assert _globset(globs, universe).label(text) == _label(globs, text)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(_GLOBS, _UNIVERSES, st.lists(st.text("abc.", max_size=3), max_size=5))
def test_avoiding_finds_the_texts_that_are_left_over(
    globs: list[str], universe: Universe, taken: list[str]
) -> None:
    globset = _globset(globs, universe)
    for label, _ in list(globset.classes()):
        text = globset.avoiding(label, Taken(taken))
        if text is None:
            left = [t for t in strings("abc.", 3) if universe.holds(t) and t not in taken]
            assert label not in {_label(globs, t) for t in left}
        else:
            assert universe.holds(text)
            assert _label(globs, text) == label
            assert text not in taken


def test_the_budget_ends_a_search() -> None:
    globset = GlobSet([(f"*{c}*", 1 << n) for n, c in enumerate("abcdefgh")], FILE, Budget(100))
    with pytest.raises(TooComplex):
        list(globset.classes())
