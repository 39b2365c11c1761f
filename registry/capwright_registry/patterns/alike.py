"""Questions that differ only in names: the answer to one is the answer to all, with the names put in.

Exploration looks at a literal segment in four ways only: which other literals it equals, how it sorts among
them, which globs match it, and which segments of the space it can be. So two questions that agree in these,
and in everything else, have one answer but for their literals, in the same order. (Where a segment has
finitely many texts, the literal itself counts.) A text that exploration makes up must be none of the
literals: where one is, the answer is not used for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from capwright_registry.canonical import Segments
from capwright_registry.matching import glob_matcher
from capwright_registry.patterns.elements import Deep, Glob, One, Pattern, Word
from capwright_registry.patterns.space import SPACES, Texts

Answer = tuple[tuple[frozenset[int], Segments], ...]


@dataclass(slots=True)
class Known:
    """What is known of all questions of one kind: an answer, the literals it was given for, in order, and
    the texts that were made up for it.
    """

    answer: Answer | None = None
    literals: tuple[str, ...] = ()
    made_up: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about lists of patterns: its literals in order, and what is known of its kind."""

    literals: tuple[str, ...]
    known: Known = field(compare=False)

    def answer(self) -> Answer | None:
        """The answer, where one of the same kind is known."""
        known = self.known
        if known.answer is None or not known.made_up.isdisjoint(self.literals):
            return None
        if known.literals == self.literals:
            return known.answer
        named = dict(zip(known.literals, self.literals, strict=True))
        return tuple(
            (members, tuple(s if isinstance(s, int) else named.get(s, s) for s in segments))
            for members, segments in known.answer
        )

    def keep(self, answer: Answer, made_up: frozenset[str]) -> None:
        """Remember an answer for which these texts were made up."""
        if made_up.isdisjoint(self.literals):
            self.known.answer, self.known.literals, self.known.made_up = answer, self.literals, made_up


def asked(lists: Sequence[Sequence[Pattern]], patterns: Sequence[Pattern], domain: str) -> Asked:
    """The question about `lists`, whose patterns are `patterns`, each once."""
    forms = [_form(pattern) for pattern in patterns]
    literals = tuple(sorted({word for form in forms for word in form.words}))
    globs = tuple(sorted({glob for form in forms for glob in form.globs}))
    place = {word: number for number, word in enumerate(literals)}
    number = {pattern: n for n, pattern in enumerate(patterns)}
    kind = (
        domain,
        tuple(form.text for form in forms),
        tuple(place[word] for form in forms for word in form.words),
        tuple(tuple(number[pattern] for pattern in listed) for listed in lists),
        tuple(_traits(domain, globs, word) for word in literals),
    )
    return Asked(literals, _known(kind))


@dataclass(frozen=True, slots=True)
class _Form:
    """A pattern without its literals, the literals in order, and its globs."""

    text: str
    words: tuple[str, ...]
    globs: tuple[str, ...]


@lru_cache(maxsize=65536)
def _form(pattern: Pattern) -> _Form:
    every = [element for alternative in pattern.elements for element in alternative]
    # No two elements but literals are written alike: `repr` names the kind and all that is in it.
    text = "|".join(" ".join(map(_written, alternative)) for alternative in pattern.elements)
    words = tuple(element.text for element in every if isinstance(element, Word))
    return _Form(text, words, tuple(element.text for element in every if isinstance(element, Glob)))


def _written(element: object) -> str:
    match element:
        case Word():
            return "w"
        case One():
            return "1"
        case Deep():
            return "d"
        case _:
            return repr(element)


@lru_cache(maxsize=65536)
def _traits(domain: str, globs: tuple[str, ...], word: str) -> str | tuple[bool, ...]:
    """What exploration can see of a literal by itself; the literal as it is, where that is more."""
    options = [option for state in SPACES[domain] for option in state.options if isinstance(option, Texts)]
    held = tuple(option.universe.holds(word) for option in options)
    fixed = any(holds and option.universe.finite for holds, option in zip(held, options, strict=True))
    return word if fixed else (*held, *(bool(glob_matcher(glob)(word)) for glob in globs))


@lru_cache(maxsize=4096)
def _known(_kind: object) -> Known:
    return Known()
