"""From regions to a search: what patterns mean for the answer becomes labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from capwright_registry.canonical import Segments
from capwright_registry.patterns.automaton import Table, automata
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.cover import Cover
from capwright_registry.patterns.elements import Pattern, Region
from capwright_registry.patterns.goal import Goal
from capwright_registry.patterns.search import Question, Search
from capwright_registry.patterns.space import SPACES
from capwright_registry.patterns.tables import build_trie


def find(
    domain: str, required: Sequence[Region], forbidden: Sequence[Region], budget: Budget
) -> Segments | None:
    """The shortest readable resource of the domain in all `required` and no `forbidden` regions.

    None iff there is none. Raises `TooComplex`.
    """
    required, forbidden = _simpler(tuple(dict.fromkeys(required)), forbidden, budget)
    if not all(region.on for region in required):
        return None
    new, against, back = _Labels(), dict[Pattern, int](), dict[Pattern, int]()
    never = new.of((p for region in required for p in region.except_), against)
    # Regions without exceptions are told apart by nothing: one label for all of them.
    plain = new.of((p for region in forbidden if not region.except_ for p in region.on), against)
    pairs = [(plain, 0), *((new.of(r.on, against), new.of(r.except_, back)) for r in forbidden if r.except_)]
    needed = [dict[Pattern, int]() for _ in required]
    for region, labels in zip(required, needed, strict=True):
        new.of(region.on, labels)
    nodes, starts = automata(*map(labelled, (against, back, *needed)))
    goal = Goal(never, {on: except_ for on, except_ in pairs if on})
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


def labelled(labels: Mapping[Pattern, int]) -> tuple[Table, Callable[[int], int]]:
    """The table of some patterns, and the labels of their numbers."""
    return build_trie(list(labels)), list(labels.values()).__getitem__


def domain_of(patterns: Iterable[Pattern]) -> str:
    """The domain that all the patterns share; raises `ValueError` where they do not."""
    domains = {pattern.domain for pattern in patterns}
    if len(domains) != 1:
        raise ValueError("patterns of different domains cannot be compared")
    return domains.pop()


class _Labels:
    """A label for each role that patterns have in a question, and for each pattern all that it has."""

    def __init__(self) -> None:
        self._next = 1

    def of(self, patterns: Iterable[Pattern], labels: dict[Pattern, int]) -> int:
        """A new label, which all of the patterns have in `labels` from now on; 0 where there are none."""
        bit = 0
        for pattern in patterns:
            bit = self._next
            labels[pattern] = labels.get(pattern, 0) | bit
        self._next <<= bool(bit)
        return bit
