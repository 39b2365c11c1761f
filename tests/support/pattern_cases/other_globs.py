"""Patterns of paths as wcmatch and pathspec read them, where all are meant to say the same.

What is left out here is listed, with what each of them says, under "Differences from other globs" in
`specs/patterns.md`; each difference has a test in `tests/registry/patterns/test_other_globs.py`.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Final

import pathspec
from wcmatch import glob as wcglob

from capwright_registry.patterns import PatternError, matches, parse
from tests.support.pattern_cases.matching import MatchCase, plain, reading, resource_of
from tests.support.pattern_cases.resources import near
from tests.support.pattern_cases.texts import ROOTS, pattern_text
from tests.support.pattern_cases.vocabulary import words

PATTERNS: Final = 6  # of one batch
RESOURCES: Final = 12  # near each pattern
#: `**` is any number of folders, `*` has hidden files too, the separator is `/`, and case counts.
FLAGS: Final = wcglob.GLOBSTAR | wcglob.DOTGLOB | wcglob.FORCEUNIX | wcglob.CASE
Test = Callable[[str], bool]


def wcmatch_shares(text: str) -> bool:
    """Whether the pattern is one that wcmatch should read alike."""
    return not (text.startswith("${") or text.endswith("**") or "\\" in text or "[[:" in text)


def pathspec_shares(text: str) -> bool:
    """Whether pathspec should read the pattern alike, all that is below a match included."""
    return wcmatch_shares(text) and text != "/" and not text.endswith(" ") and not _may_hold_slash(text)


def _may_hold_slash(text: str) -> bool:
    """Whether a class is negated, or a range of it spans `/`."""
    classes: list[tuple[str, str]] = re.findall(r"\[(!?)([^]]+)\]", text)
    ranges = [pair for _, body in classes for pair in re.findall("(.)-(.)", body)]
    return any(negated for negated, _ in classes) or any(low <= "/" <= high for low, high in ranges)


@lru_cache(maxsize=64)
def by_wcmatch(text: str, flags: int = FLAGS) -> Test:
    """Whether wcmatch has a path in the pattern."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the regular expressions that it writes for `[[`
        compiled = wcglob.compile(text, flags=flags)
    return lambda path: bool(compiled.match(path))


@lru_cache(maxsize=64)
def by_pathspec(text: str) -> Test:
    """Whether pathspec has a path in the line of a `.gitignore` at the root."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        spec = pathspec.GitIgnoreSpec.from_lines([text])
    return lambda path: spec.match_file(path.removeprefix("/"))


def differs(case: MatchCase) -> str:
    """What is told differently of the case's one pattern; empty where all agree or share nothing.

    Raises `PatternError` for no pattern.
    """
    path = resource_of("path", plain("path", case.word))
    if path is None or len(case.patterns) != 1:
        return ""
    (text,) = case.patterns
    ours = matches(parse("path", text, ROOTS), path)
    if wcmatch_shares(text) and by_wcmatch(text)(path) != ours:
        return f"{path!r}: wcmatch says {not ours}, we {ours}"
    # A line that matches a folder matches all that is in it.
    if pathspec_shares(text) and by_pathspec(text)(path) != matches(parse("path", f"{text}/**"), path):
        return f"{path!r}: pathspec says {by_pathspec(text)(path)}, we the opposite of `{text}/**`"
    return ""


def run_batch(seed: str) -> tuple[Counter[str], list[MatchCase]]:
    """Counts by library, and the cases that differ."""
    vocabulary = words(Random(seed), "path")  # noqa: S311 - repeatable, and no secret
    counts: Counter[str] = Counter()
    found: list[MatchCase] = []
    for _ in range(PATTERNS):
        text = pattern_text(vocabulary)
        try:
            expression = reading("path", text).expression
        except PatternError:
            continue
        for _ in range(RESOURCES):
            case = MatchCase("path", (text,), near(vocabulary, expression))
            if resource_of("path", plain("path", case.word)) is not None:
                counts.update({"wcmatch": wcmatch_shares(text), "pathspec": pathspec_shares(text)})
                found += [case] if differs(case) else []
    return counts, found
