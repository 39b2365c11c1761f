"""What one walk shows to be covered: a pattern that some other one has for all to see.

A walk along the elements of a pattern takes an edge only where it takes every segment that the element
stands for. So what comes to an end is covered; what does not may be, by several patterns together or for a
reason that only the search sees.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from capwright_registry.patterns.automaton import Places, automata, entered
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.elements import Alternative, Deep, Element, Glob, One, Pattern, Word
from capwright_registry.patterns.forest import Forest
from capwright_registry.patterns.reading import Reader
from capwright_registry.patterns.tables import build_trie

_NOWHERE: Final[Places] = frozenset()


class Cover:
    """Some patterns, to ask what they cover."""

    def __init__(self, patterns: Collection[Pattern], budget: Budget) -> None:
        self._nodes, (self._start,) = automata((build_trie(list(patterns)), lambda _: 1))
        self._reader = Reader(self._nodes, Forest(self._nodes, budget), budget)

    def shows(self, pattern: Pattern) -> bool:
        """True only if every resource of the pattern is in one of these."""
        return all(map(self._shows, pattern.elements))

    def _shows(self, alternative: Alternative) -> bool:
        here = self._start
        for element in alternative:
            here = _NOWHERE.union(*(self._after(node, element) for node in here))
        return any(self._nodes[node].end for node in here)

    def _after(self, node: int, element: Element) -> Iterable[int]:
        """Where every segment that the element stands for leads, from one node."""
        here = self._nodes[node]
        match element:
            case Word(text):
                return self._reader.read(node, text)
            case Glob(text):
                return self._reader.read_glob(node, text)
            case One():
                return self._reader.always(node)
            case Deep():
                return (node,) if here.loop else ()
            case range_:
                within = (to for low, high, to in here.ranges if low <= range_.low and range_.high <= high)
                return entered(self._nodes, within)
