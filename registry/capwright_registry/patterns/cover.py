"""What one walk shows to be covered: a pattern that some other one has for all to see.

A walk along the elements of a pattern takes an edge only where it takes every segment that the element
stands for. So what comes to an end is covered; what does not may be, by several patterns together or for a
reason that only the search sees. It costs little more than to look a resource up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from capwright_registry.patterns.automaton import Node
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.elements import Alternative, Deep, Element, Glob, Pattern, Range, Word
from capwright_registry.patterns.forest import Forest
from capwright_registry.patterns.intervals import Spans
from capwright_registry.patterns.plain import PlainGlobs, plain_globs
from capwright_registry.patterns.reading import Reader
from capwright_registry.patterns.tables import build_trie


class Cover:
    """Some patterns, to ask what they cover. May raise `TooComplex`."""

    def __init__(self, patterns: Collection[Pattern], budget: Budget) -> None:
        self._table: list[dict[str, Any]] = build_trie(list(patterns))
        self._entered = [_entered(at, raw) for at, raw in enumerate(self._table)]
        self._spans: dict[int, Spans] = {}
        self._budget = budget
        self._plain: dict[int, PlainGlobs | None] = {}
        nodes = _Nodes(self._table)
        self._reader = Reader(nodes, Forest(nodes, budget), budget)

    def shows(self, pattern: Pattern) -> bool:
        """True only if every resource of the pattern is in one of these."""
        return all(map(self._shows, pattern.elements))

    def _shows(self, alternative: Alternative) -> bool:
        here: Collection[int] = self._entered[0]
        for element in alternative:
            there: set[int] = set()
            for node in here:
                self._follow(node, element, there)
            if not there:
                return False
            self._budget.spend(len(there))
            here = there
        return any("end" in self._table[node] for node in here)

    def _follow(self, node: int, element: Element, there: set[int]) -> None:
        """Add where every segment that the element stands for leads, from one node."""
        raw = self._table[node]
        if isinstance(element, Range):
            if "range" in raw:
                there.update(*(self._entered[to] for to in self._around(node, element)))
            return
        if "loop" in raw:
            there.add(node)
        if isinstance(element, Deep):
            return
        if "any" in raw:
            there.update(self._entered[raw["any"]])
        if isinstance(element, Word) and element.text in raw.get("lit", ()):
            there.update(self._entered[raw["lit"][element.text]])
        if "glob" in raw and isinstance(element, Word | Glob):
            self._follow_globs(node, element, there)

    def _around(self, node: int, element: Range) -> set[int]:
        if node not in self._spans:
            raw = self._table[node]["range"]
            self._spans[node] = Spans((int(low), int(high), to) for low, high, to in raw)
        return self._spans[node].around(element.low, element.high)

    def _follow_globs(self, node: int, element: Word | Glob, there: set[int]) -> None:
        plain = self._plain_of(node)
        if plain is not None:
            there.update(*(self._entered[to] for to in plain.leading(element.text)))
        else:
            read = self._reader.read if isinstance(element, Word) else self._reader.read_glob
            there |= read(node, element.text)

    def _plain_of(self, node: int) -> PlainGlobs | None:
        if node not in self._plain:
            self._plain[node] = plain_globs(self._table[node]["glob"])
        return self._plain[node]


def _entered(index: int, raw: Mapping[str, Any]) -> tuple[int, ...]:
    """Where a walk stands that comes to a node: there, and in the `**` that starts there."""
    return (index, raw["deep"]) if "deep" in raw else (index,)


class _Nodes(Sequence[Node]):
    """The nodes of a table, without labels, each made when it is asked for: most never are."""

    def __init__(self, table: Sequence[Mapping[str, Any]]) -> None:
        self._table = table
        self._made: dict[int, Node] = {}

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, index: Any) -> Any:
        made = self._made.get(index)
        if made is None:
            made = self._made[index] = _node(self._table[index])
        return made


def _node(raw: Mapping[str, Any]) -> Node:
    globs = tuple((text, there) for text, there in raw.get("glob", ()))
    end = int("end" in raw)
    return Node(raw.get("lit", {}), globs, raw.get("any"), raw.get("deep"), "loop" in raw, (), end, end)
