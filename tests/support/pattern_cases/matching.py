"""Match cases: how the code reads patterns, and how the oracle does, of words near the patterns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from capwright_registry.canonical import canonical, segments
from capwright_registry.patterns import Pattern, PatternError, build_trie, matches, parse
from capwright_registry.patterns.folding import folded
from capwright_registry.trie import Trie
from tests.support.pattern_cases.resources import near
from tests.support.pattern_cases.shrinking import cuts, with_smaller, without_one
from tests.support.pattern_cases.texts import ROOTS, pattern_text
from tests.support.pattern_cases.vocabulary import words
from tests.support.pattern_oracle.alphabets import EVERY, LOOSE
from tests.support.pattern_oracle.expression import Expression, any_case, python
from tests.support.pattern_oracle.reading import read
from tests.support.pattern_oracle.universe import is_resource
from tests.support.pattern_oracle.words import read_word, write_text

PATTERNS: Final = 12  # of one batch, which share a table
RESOURCES: Final = 18


@dataclass(frozen=True, slots=True)
class MatchCase:
    """Patterns that share a table, and the word of what may be a resource."""

    domain: str
    patterns: tuple[str, ...]
    word: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A pattern as the code reads it, and its text and its canonical text as the oracle does."""

    pattern: Pattern
    expression: Expression
    text: re.Pattern[str]
    canonical: re.Pattern[str]


def readings_of(domain: str, texts: Sequence[str]) -> list[Reading]:
    """A reading of each text and, of paths, one of the pattern with the case of letters folded.

    Raises `PatternError` where the code refuses a text.
    """
    plain_ones = [reading(domain, text) for text in texts]
    return plain_ones + [_any_case(one) for one in plain_ones if domain == "path"]


def reading(domain: str, text: str) -> Reading:
    """Raises `PatternError` where the code refuses the text."""
    pattern = parse(domain, text, ROOTS)
    return Reading(
        pattern,
        read(domain, text, EVERY[domain], ROOTS),
        _compiled(read(domain, text, LOOSE[domain], ROOTS)),
        _compiled(read(domain, pattern.canonical, LOOSE[domain])),
    )


def _any_case(one: Reading) -> Reading:
    pattern = folded(one.pattern)
    loose = LOOSE["path"]
    return Reading(
        pattern,
        one.expression,
        _compiled(any_case(read("path", pattern.text, loose, ROOTS))),
        _compiled(read("path", pattern.canonical, loose)),
    )


def compiled(domain: str, text: str) -> re.Pattern[str]:
    """What the oracle reads, for words that are resources."""
    return _compiled(read(domain, text, LOOSE[domain], ROOTS))


def _compiled(expression: Expression) -> re.Pattern[str]:
    return re.compile(python(expression))


def resource_of(domain: str, word: str) -> str | None:
    """The canonical resource that the word stands for, as the code sees it; None for no resource."""
    try:
        resource = canonical(domain, write_text(domain, word))
    except ValueError:  # `ResourceError` is one
        return None
    return resource if read_word(domain, resource) == word else None


def plain(domain: str, word: str) -> str:
    """The word with the escaped bytes that form UTF-8 as "the characters that they spell"."""
    if domain in ("path", "argv") and re.search("[\ud800-\udfff]", word):
        try:
            return word.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return word  # a surrogate that stands for no byte: no resource, and so both sides must say
    return word


def difference(readings: Sequence[Reading], table: Trie, word: str) -> str:
    """What is told differently of the word, in one line; empty where all agree."""
    domain = readings[0].pattern.domain
    resource, expected = resource_of(domain, word), is_resource(domain, word)
    if (resource is not None) != expected:
        return f"{word!r}: the oracle says {'a' if expected else 'no'} resource, `canonical` {resource!r}"
    if resource is None:
        return ""
    said = {
        "oracle": members(readings, word),
        "oracle, canonical text": frozenset(n for n, r in enumerate(readings) if r.canonical.fullmatch(word)),
        "matches": frozenset(n for n, r in enumerate(readings) if matches(r.pattern, resource)),
        "table": table.walk(segments(domain, resource)),
    }
    told = ", ".join(f"{who}: {sorted(what)}" for who, what in said.items())
    return f"{resource!r}: {told}" if len(set(said.values())) > 1 else ""


def members(readings: Sequence[Reading], word: str) -> frozenset[int]:
    """The numbers of the patterns that have the word, by the oracle."""
    return frozenset(number for number, one in enumerate(readings) if one.text.fullmatch(word))


def differs(case: MatchCase) -> str:
    """What is told differently of the case; empty where all agree. Raises `PatternError` for no pattern."""
    readings = readings_of(case.domain, case.patterns)
    if not readings:
        return ""
    changed = [one.pattern.canonical for one in readings if not _reads_back(one.pattern)]
    if changed:
        return f"the canonical text {changed[0]!r} does not read back as the same pattern"
    table = Trie(build_trie([one.pattern for one in readings]))
    return difference(readings, table, plain(case.domain, case.word))


def _is_pattern(domain: str, text: str) -> bool:
    try:
        return bool(parse(domain, text, ROOTS))
    except PatternError:
        return False


def _reads_back(pattern: Pattern) -> bool:
    try:
        return parse(pattern.domain, pattern.canonical).elements == pattern.elements
    except PatternError:
        return False


def run_batch(domain: str, seed: str) -> tuple[Counter[str], list[MatchCase]]:
    """Counts of one batch by verdict, and the cases that differ."""
    vocabulary = words(Random(seed), domain)  # noqa: S311 - repeatable, and no secret
    counts: Counter[str] = Counter()
    texts: tuple[str, ...] = ()
    while len(texts) < PATTERNS:
        text = pattern_text(vocabulary)
        texts += (text,) if _is_pattern(domain, text) else ()
    readings = readings_of(domain, texts)
    found = [MatchCase(domain, texts, "")] if differs(MatchCase(domain, texts, "")) else []
    table = Trie(build_trie([one.pattern for one in readings]))
    for number in range(RESOURCES):
        word = plain(domain, near(vocabulary, readings[number % PATTERNS].expression))
        if is_resource(domain, word):
            matched = len(members(readings, word))
            counts.update({"matched": matched, "not matched": len(readings) - matched})
        else:
            counts["no resource"] += 1
        found += [MatchCase(domain, texts, word)] if difference(readings, table, word) else []
    return counts, found


def smaller(case: MatchCase) -> Iterator[MatchCase]:
    """The case with one part left out: a pattern, or a run of characters."""
    for patterns in (*without_one(case.patterns), *with_smaller(case.patterns, cuts)):
        yield replace(case, patterns=patterns)
    for word in cuts(case.word):
        yield replace(case, word=word)
