"""From regions to a search: what patterns mean for the answer becomes labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from capwright_registry.canonical import Segments
from capwright_registry.patterns.automaton import Table, automata
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.cover import Cover
from capwright_registry.patterns.elements import Pattern, Region
from capwright_registry.patterns.goal import Goal
from capwright_registry.patterns.search import Question, Search
from capwright_registry.patterns.space import SPACES
from capwright_registry.patterns.tables import build_trie

_NEVER: Final = 0b1
_PLAIN: Final = 0b10  # regions without exceptions are told apart by nothing; the bit above stays free
_NEXT: Final = 0b1000
_Labels = dict[Pattern, int]


def find(
    domain: str, required: Sequence[Region], forbidden: Sequence[Region], budget: Budget
) -> Segments | None:
    """The shortest readable resource of the domain in all `required` and no `forbidden` regions.

    None iff there is none. Raises `TooComplex`.
    """
    required = tuple(dict.fromkeys(required))
    budget.spend(sum(_size(r.on) + _size(r.except_) for r in (*required, *forbidden)))
    required, forbidden = _simpler(required, forbidden, budget)
    if not all(region.on for region in required):
        return None
    against, back, goal, label = _forbidden(forbidden)
    for region in required:
        _add(against, region.except_, _NEVER)
    needed = [_add({}, region.on, label << number) for number, region in enumerate(required)]
    nodes, starts = automata(*map(labelled, (against, back, *needed)))
    return Search(Question(nodes, starts[2:], starts[0], starts[1], goal), SPACES[domain], budget).found()


def _simpler(
    required: Sequence[Region], forbidden: Sequence[Region], budget: Budget
) -> tuple[list[Region], list[Region]]:
    """The same question without what a glance settles."""
    never = Cover([p for region in required for p in region.except_], budget)
    forbidden = [Region(r.on, tuple(p for p in r.except_ if not never.shows(p))) for r in forbidden]
    plain = Cover([p for region in forbidden if not region.except_ for p in region.on], budget)
    required = [Region(tuple(p for p in r.on if not plain.shows(p)), r.except_) for r in required]
    return required, forbidden


def _forbidden(regions: Iterable[Region]) -> tuple[_Labels, _Labels, Goal, int]:
    """The labels of what speaks against a find and of what gives back, what they say, and the next label."""
    against, back, label, mask = _Labels(), _Labels(), _NEXT, _PLAIN
    for region in regions:
        if region.except_:
            _add(against, region.on, label)
            _add(back, region.except_, label << 1)
            mask |= label
            label <<= 2
        else:
            _add(against, region.on, _PLAIN)
    return against, back, Goal(_NEVER, mask), label


def _add(labels: _Labels, patterns: Iterable[Pattern], label: int) -> _Labels:
    """The labels, in which the patterns have one more."""
    for pattern in patterns:
        labels[pattern] = labels.get(pattern, 0) | label
    return labels


def _size(patterns: Iterable[Pattern]) -> int:
    return sum(len(alternative) for pattern in patterns for alternative in pattern.elements)


def labelled(labels: Mapping[Pattern, int]) -> tuple[Table, Callable[[int], int]]:
    """The table of some patterns, and the labels of their numbers."""
    return build_trie(list(labels)), list(labels.values()).__getitem__


def domain_of(patterns: Iterable[Pattern]) -> str:
    """The domain that all the patterns share; raises `ValueError` where they do not."""
    domains = {pattern.domain for pattern in patterns}
    if len(domains) != 1:
        raise ValueError("patterns of different domains cannot be compared")
    return domains.pop()
