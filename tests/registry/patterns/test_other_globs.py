"""Patterns of paths beside wcmatch and pathspec: where they agree, and each difference that is listed."""

from __future__ import annotations

import re
from pathlib import Path
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

SPEC = Path(__file__).parents[3] / "specs" / "patterns.md"
ROW = re.compile(r"\| `([^`]+)` \| `([^`]+)` \| (\w+) \| (\w+) \| (\w+) \| .+ \|")


def _listed() -> list[tuple[str, ...]]:
    _, _, section = SPEC.read_text(encoding="utf-8").partition("## Differences from other globs")
    return [match.groups() for line in section.splitlines() if (match := ROW.fullmatch(line))]


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


@pytest.mark.parametrize(("text", "path", "here", "wcmatch", "pathspec"), _listed())
def test_a_listed_difference(text: str, path: str, here: str, wcmatch: str, pathspec: str) -> None:
    assert _here(text, path) == here
    assert ("yes" if by_wcmatch(text)(path) else "no") == wcmatch
    assert _pathspec(text, path) == pathspec
    assert {wcmatch, pathspec} != {here}
    if here != "refused":  # what the comparison at random leaves out is what the table lists
        assert other_globs.differs(MatchCase("path", (text,), path)) == ""


def test_every_row_of_the_table_is_read() -> None:
    _, _, section = SPEC.read_text(encoding="utf-8").partition("## Differences from other globs")
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert len(rows) == len(_listed()) > 20


def test_what_the_flags_of_wcmatch_are_for() -> None:
    assert _here("/*", "/.env") == _here("/**", "/a/.env") == "yes"
    assert by_wcmatch("/*")("/.env")
    assert not by_wcmatch("/*", FLAGS & ~wcglob.DOTGLOB)("/.env")
    assert not by_wcmatch("/**", FLAGS & ~wcglob.DOTGLOB)("/a/.env")
    assert _here("/A", "/a") == "no"
    assert not by_wcmatch("/A")("/a")
    assert by_wcmatch("/A", FLAGS & ~wcglob.CASE | wcglob.IGNORECASE)("/a")


class TestShared:
    """ "Patterns of paths read like those of wcmatch and like the lines of a `.gitignore`"."""

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
