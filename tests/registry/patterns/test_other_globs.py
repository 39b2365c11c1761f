"""Patterns of paths beside wcmatch and pathspec: where they agree, and each difference that is listed."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcmatch import glob as wcglob

from capwright_registry.canonical import ResourceError, canonical
from capwright_registry.patterns import PatternError, matches, parse
from tests.registry.patterns.samples import RESOURCES, TEXTS
from tests.support.pattern_cases import other_globs
from tests.support.pattern_cases.matching import MatchCase
from tests.support.pattern_cases.other_globs import FLAGS, by_pathspec, by_wcmatch
from tests.support.promises import rows_under
from tests.support.quotes import quotes, runs

ROW = re.compile(r"\| `([^`]+)` \| `([^`]+)` \| (\w+) \| (\w+) \| (\w+) \| .+ \|")
LISTED = "Differences from other globs"


def _cells(row: str) -> tuple[str, ...]:
    found = ROW.fullmatch(row)
    assert found is not None, row
    return found.groups()


def _here(text: str, path: str) -> str:
    try:
        return "yes" if matches(parse("path", text), canonical("path", path)) else "no"
    except PatternError:
        return "refused"


def _pathspec(text: str, path: str) -> str:
    try:
        return "yes" if by_pathspec(text)(path) else "no"
    except re.error:
        return "error"


@runs("patterns", LISTED)
@pytest.mark.parametrize(
    ("text", "path", "here", "wcmatch", "pathspec"), [_cells(row) for row in rows_under("patterns", LISTED)]
)
def test_a_listed_difference(text: str, path: str, here: str, wcmatch: str, pathspec: str) -> None:
    assert _here(text, path) == here
    assert ("yes" if by_wcmatch(text)(path) else "no") == wcmatch
    assert _pathspec(text, path) == pathspec
    assert {wcmatch, pathspec} != {here}
    if here != "refused":  # what the comparison at random leaves out is what the table lists
        assert other_globs.differs(MatchCase("path", (text,), path)) == ""


@quotes(
    "patterns",
    "wcmatch by itself leaves names that start with a dot out of `*` and `**`; here `/*` has `/.env`.",
    "wcmatch may fold case; here `/A` is not `/a`.",
)
def test_what_the_flags_of_wcmatch_are_for() -> None:
    assert _here("/*", "/.env") == _here("/**", "/a/.env") == "yes"
    assert by_wcmatch("/*")("/.env")
    assert not by_wcmatch("/*", FLAGS & ~wcglob.DOTGLOB)("/.env")
    assert not by_wcmatch("/**", FLAGS & ~wcglob.DOTGLOB)("/a/.env")
    assert _here("/A", "/a") == "no"
    assert not by_wcmatch("/A")("/a")
    assert by_wcmatch("/A", FLAGS & ~wcglob.CASE | wcglob.IGNORECASE)("/a")


@quotes(
    "patterns",
    "Roots and these rows apart, a path pattern matches what wcmatch matches.",
    "Roots and these rows apart, a path pattern and all that is below it are what pathspec matches.",
)
class TestShared:
    """What the rows do not list is told alike."""

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(TEXTS["path"], st.integers(0, 2**32))
    def test_all_small_paths_are_told_alike(self, text: str, seed: int) -> None:
        try:
            parse("path", text)
        except PatternError:
            return
        for path in Random(seed).sample(RESOURCES["path"], 40):  # noqa: S311 - repeatable, and no secret
            assert other_globs.differs(MatchCase("path", (text,), path)) == ""

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(
        st.lists(st.text("ab.é [!]*?-", max_size=4), max_size=3).map("/".join),
        st.text("ab.é []/", max_size=8),
    )
    def test_arbitrary_text_is_told_alike_or_refused(self, text: str, path: str) -> None:
        try:
            canonical("path", f"/{path}")
            parse("path", f"/{text}")
        except (PatternError, ResourceError):
            return
        assert other_globs.differs(MatchCase("path", (f"/{text}",), f"/{path}")) == ""
