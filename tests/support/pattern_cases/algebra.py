"""Questions of the pattern algebra: its answers and those of Z3, each replaying the other's witnesses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from capwright_registry.canonical import canonical
from capwright_registry.patterns import (
    Area,
    PatternError,
    Region,
    TooComplex,
    includes,
    is_empty,
    matches,
    meet,
    minus,
    outside,
    overlap,
    parse,
    witness,
)
from tests.support.pattern_cases.matching import compiled, resource_of
from tests.support.pattern_cases.texts import ROOTS
from tests.support.pattern_oracle.solver import LIMIT, Answer, Set, ask
from tests.support.pattern_oracle.universe import is_resource
from tests.support.pattern_oracle.words import read_word

KINDS: Final = ("inclusion", "intersection", "difference", "emptiness")
REFUSED_AS_EMPTY: Final = "the pattern matches nothing"


@dataclass(frozen=True, slots=True)
class Question:
    """Is a resource in all sets of `within` and in none of `without`? If so, it refutes an inclusion."""

    kind: str
    domain: str
    within: tuple[Set, ...]
    without: tuple[Set, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict to count, and what is wrong with it: empty where the two sides agree."""

    verdict: str
    wrong: str = ""


def judge(question: Question, limit: int = LIMIT) -> Outcome:
    """Put the question to both sides. Raises `PatternError` where a text is no pattern."""
    try:
        found, none = answer(question)
    except TooComplex:
        return Outcome("too complex")
    theirs = ask(question.domain, question.within, question.without, ROOTS, limit)
    empty = "included" if question.kind == "inclusion" else "empty"
    verdict = empty if found is None else f"not {empty}"
    shown = f"oracle unknown, {verdict}" if theirs.verdict == "unknown" else verdict
    return Outcome(
        shown, _wrong(question, found, theirs) if (found is None) == none else "our entries differ"
    )


def _wrong(question: Question, found: str | None, theirs: Answer) -> str:
    if found is not None and not _replays_at_the_oracle(question, found):
        return f"our witness {found!r} is none"
    if theirs.verdict == "unsat" and found is not None:
        return f"Z3 says there is none, and we say {found!r}"
    if theirs.verdict != "sat":
        return ""
    resource = resource_of(question.domain, theirs.word)
    if resource is None:
        return f"the word {theirs.word!r} of Z3 is no resource"
    if not _replays_with_us(question, resource):
        return f"{resource!r} of Z3 is not in our tables"
    return f"we say there is none, and Z3 {resource!r}" if found is None else ""


def answer(question: Question) -> tuple[str | None, bool]:
    """The algebra's witness, and whether there is none by another of its entries."""
    try:
        within = [_region(question.domain, one) for one in question.within]
    except PatternError as error:
        if question.kind == "emptiness" and error.message == REFUSED_AS_EMPTY:
            return None, True
        raise
    without = [_region(question.domain, one) for one in question.without]
    if question.kind == "inclusion":
        found = outside(without, within[0])
        return found, includes(without[0], within[0]) if len(without) == 1 else found is None
    if question.kind == "intersection":
        return overlap(within[0], within[1]), is_empty(meet(within[1], within[0]))
    area = Area((within[0],))
    for region in within[1:]:
        area = meet(area, region)
    for region in without:
        area = minus(area, region)
    return witness(area), is_empty(area)


def _region(domain: str, one: Set) -> Region:
    on, except_ = (tuple(parse(domain, text, ROOTS) for text in texts) for texts in (one.on, one.except_))
    return Region(on, except_)


def _replays_at_the_oracle(question: Question, resource: str) -> bool:
    """By regular expressions over the whole of Unicode, which need no solver."""
    domain, word = question.domain, read_word(question.domain, resource)
    real = is_resource(domain, word) and canonical(domain, resource) == resource
    return real and _holds(question, lambda text: compiled(domain, text).fullmatch(word) is not None)


def _replays_with_us(question: Question, resource: str) -> bool:
    return _holds(question, lambda text: matches(parse(question.domain, text, ROOTS), resource))


def _holds(question: Question, has: Callable[[str], bool]) -> bool:
    def within(one: Set) -> bool:
        return any(map(has, one.on)) and not any(map(has, one.except_))

    return all(map(within, question.within)) and not any(map(within, question.without))
