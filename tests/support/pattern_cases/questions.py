"""Random questions of the pattern algebra: sets out of few patterns, so that answers go both ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from capwright_registry.patterns import PatternError, parse
from tests.support.pattern_cases.algebra import REFUSED_AS_EMPTY, Question, judge
from tests.support.pattern_cases.globs import narrowed
from tests.support.pattern_cases.shrinking import cuts, with_smaller, without_one
from tests.support.pattern_cases.texts import ROOTS, pattern_text
from tests.support.pattern_cases.vocabulary import Words, words
from tests.support.pattern_oracle.solver import Set


def run_batch(domain: str, seed: str) -> tuple[Counter[tuple[str, str]], list[Question]]:
    """Counts by kind and verdict, and the questions whose answers differ."""
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for question in questions(domain, seed):
        outcome = judge(question)
        counts[question.kind, outcome.verdict] += 1
        found += [question] if outcome.wrong else []
    return counts, found


def questions(domain: str, seed: str) -> list[Question]:
    """One question of each kind over the same patterns, and one for each text refused as empty."""
    random = Random(seed)  # noqa: S311 - repeatable, and no secret
    pool, refused = _pool(words(random, domain))
    a, b, c, d = (_set(random, pool) for _ in range(4))
    inner = a if random.random() < 0.5 else Set(a.on, (*a.except_, random.choice(pool)))
    return [
        Question("inclusion", domain, (inner,), (b, c, d)[: random.choice((1, 1, 2, 3))]),
        Question("intersection", domain, (a, b)),
        Question("difference", domain, *random.choice((((a, b), (c,)), ((a,), (b, c)), ((a, b, c), ())))),
        Question("emptiness", domain, (a,)),
        *(Question("emptiness", domain, (Set((text,)),)) for text in refused),
    ]


def _pool(words: Words) -> tuple[list[str], list[str]]:
    """Patterns, half of them narrower or wider forms of another; and the texts that were refused as empty."""
    random = words.random
    pool: list[str] = []
    refused: list[str] = []
    size = random.choice((3, 4, 5, 5, 8, 12))
    chars = [char for char in words.chars if char.isascii()] or ["a"]
    while len(pool) < size:
        near = pool and random.random() < 0.5
        text = narrowed(random, random.choice(pool), chars) if near else pattern_text(words)
        try:
            parse(words.domain, text, ROOTS)
        except PatternError as error:
            refused += [text] if error.message == REFUSED_AS_EMPTY else []
        else:
            pool.append(text)
    return pool, refused


def _set(random: Random, pool: list[str]) -> Set:
    most = len(pool) // 2
    on = random.sample(pool, max(1, min(random.choice((1, 1, 2, 3, 6)), most)))
    except_ = random.sample(pool, min(random.choice((0, 0, 0, 1, 2, 4)), most))
    return Set(tuple(on), tuple(except_))


def smaller(question: Question) -> Iterator[Question]:
    """The question with one part left out: a set, a pattern, or a run of characters of one."""
    least = 2 if question.kind == "intersection" else 1
    if len(question.within) > least:
        for within in without_one(question.within):
            yield replace(question, within=within)
    for without in (*without_one(question.without), *with_smaller(question.without, _smaller_set)):
        yield replace(question, without=without)
    for within in with_smaller(question.within, _smaller_set):
        yield replace(question, within=within)


def _smaller_set(one: Set) -> Iterator[Set]:
    for except_ in (*without_one(one.except_), *with_smaller(one.except_, cuts)):
        yield Set(one.on, except_)
    for on in (*without_one(one.on), *with_smaller(one.on, cuts)):
        yield Set(on, one.except_)
