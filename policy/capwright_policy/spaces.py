"""The resource space of one question: the classes that its capabilities tell apart, and nothing of the rest.

A capability looks at a resource only through two lists, `on` and `except`. So the classes are those of the
lists (`capwright_registry.patterns.classes`: the exact partition, each class with its shortest witness), and
no question pays for lists that it never meets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from capwright_policy.authority import Authority
from capwright_registry.capability import Capability
from capwright_registry.patterns import Atom, Pattern, TooComplex, atoms, classes

#: With no more patterns than this they are told apart one by one: more cases for a proof's tables to meet.
FEW = 8

Patterns = tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """The atoms of one action's resources, told apart by the lists of one question.

    `index` numbers the lists; an atom's `members` are the lists that its resources are in.
    """

    action: str
    index: dict[Patterns, int]
    atoms: tuple[Atom, ...]

    def contains(self, capability: Capability, atom: Atom) -> bool:
        """Whether every resource of `atom` is in the capability's `on` minus `except`."""
        members = atom.members
        return self.index[capability.on] in members and self.index[capability.except_] not in members


def space_of(action: str, authorities: Iterable[Authority]) -> Space:
    """The space of `action` for a question about `authorities`.

    Raises `capwright_registry.patterns.TooComplex` past the algebra's budget; callers answer `unknown`.
    """
    lists = tuple(
        dict.fromkeys(
            patterns
            for authority in authorities
            for layer in authority.layers
            for capability in layer.of(action)
            for patterns in (capability.on, capability.except_)
        )
    )
    return Space(action, {patterns: number for number, patterns in enumerate(lists)}, _atoms(lists))


def _atoms(lists: tuple[Patterns, ...]) -> tuple[Atom, ...]:
    answer = _answer(lists)
    if isinstance(answer, str):
        raise TooComplex(answer)
    return answer


@lru_cache(maxsize=16384)
def _answer(lists: tuple[Patterns, ...]) -> tuple[Atom, ...] | str:
    # The same lists (a ceiling, a scope) come up for every plugin; the result is a pure function of them.
    # That there is none, and why, is kept too: it is what takes the longest to find out.
    patterns = tuple(dict.fromkeys(pattern for listed in lists for pattern in listed))
    try:
        return _told_apart(lists, patterns) if len(patterns) <= FEW else classes(lists)
    except TooComplex as error:
        return str(error)


def _told_apart(lists: tuple[Patterns, ...], patterns: Patterns) -> tuple[Atom, ...]:
    """The atoms of the patterns, with the lists that each is in as its members."""
    number = {pattern: n for n, pattern in enumerate(patterns)}
    numbers = [frozenset(number[p] for p in listed) for listed in lists]
    return tuple(
        Atom(frozenset(n for n, listed in enumerate(numbers) if listed & atom.members), atom.witness)
        for atom in atoms(patterns)
    )
