"""Exact exploration of a pattern table, segment by segment, within a domain's space.

States are sets of live nodes (subset construction, lazily). At each state the texts fall into classes over
which nothing changes: each literal is one, and the rest fall into the classes of the live globs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence

from capwright_registry.canonical import Segments
from capwright_registry.patterns.automaton import Node, Places, entered
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.globset import GlobSet
from capwright_registry.patterns.space import Numbers, Space, Texts
from capwright_registry.patterns.taken import Taken
from capwright_registry.patterns.universe import Universe

Place = tuple[int, frozenset[int]]  # a state of the space, and the live nodes


class Explorer:
    """Walks one automaton within one space.

    `made_up` comes to hold the texts that were found for classes of globs, whatever literals there are; where
    there are finitely many texts, none is made up.
    """

    def __init__(
        self, nodes: Sequence[Node], start: Places, space: Space, budget: Budget, made_up: set[str]
    ) -> None:
        self._nodes = nodes
        self._start = start
        self._space = space
        self._budget = budget
        self._made_up = made_up
        self._globsets: dict[tuple[frozenset[tuple[str, int]], int], GlobSet] = {}

    def labels(self) -> Iterator[tuple[int, Segments]]:
        """Every label that resources have, each once, by its shortest resource. Raises `TooComplex`."""
        found: set[int] = set()
        start = self._place(0, self._start)
        origin: dict[Place, tuple[Place, str | int] | None] = {start[0]: None}
        if self._space[0].accepts:
            found.add(start[1])
            yield start[1], ()
        queue = deque(origin)
        while queue:
            place = queue.popleft()
            for segment, after, label in self._successors(place):
                if label not in found and self._space[after[0]].accepts:
                    found.add(label)
                    yield label, (*_path(origin, place), segment)
                if after not in origin:
                    origin[after] = (place, segment)
                    queue.append(after)

    def _place(self, state: int, nodes: Collection[int]) -> tuple[Place, int]:
        """The place to go on from, and the label here. Nodes that only end here bear on the label alone."""
        self._budget.spend(1 + len(nodes))
        here = [(index, self._nodes[index]) for index in nodes]
        open_ = self._space[state].open
        label = certain = 0
        for _, node in here:
            label |= node.end
            if open_ and node.loop:
                certain |= node.end
        # What is settled is left to the loops that settle it.
        kept = (i for i, n in here if n.goes_on and (n.reach & ~certain or (open_ and n.loop and n.end)))
        return (state, frozenset(kept)), label

    def _successors(self, place: Place) -> Iterator[tuple[str | int, Place, int]]:
        state, nodes = place
        for option in self._space[state].options:
            moves: Iterable[tuple[str | int, Iterable[int]]] = (
                self._numbers(option, nodes) if isinstance(option, Numbers) else self._texts(option, nodes)
            )
            for segment, targets in moves:
                yield segment, *self._place(option.after, entered(self._nodes, targets))

    def _numbers(self, option: Numbers, nodes: Places) -> Iterator[tuple[int, Places]]:
        edges = (edge for node in nodes for edge in self._nodes[node].ranges)
        return option.told_apart(edges, self._budget)

    def _texts(self, option: Texts, nodes: Places) -> Iterator[tuple[str, set[int]]]:
        here = [self._nodes[index] for index in nodes]
        base = {index for index in nodes if self._nodes[index].loop}
        base.update(node.one for node in here if node.one is not None)
        literals: dict[str, set[int]] = {}
        for node in here:
            for text, target in node.lit.items():
                literals.setdefault(text, set()).add(target)
        targets, globset = self._globs(here, option.universe)
        here_too = [text for text in sorted(literals) if option.universe.holds(text)]
        taken = Taken(here_too)
        for text in here_too:
            yield text, base.union(literals[text], _chosen(targets, globset.label(text)))
        for label, witness in globset.classes():
            if not option.universe.finite:
                self._made_up.add(witness)
            other = globset.avoiding(label, taken) if witness in literals else witness
            if other is not None:
                yield other, base.union(_chosen(targets, label))

    def _globs(self, here: Sequence[Node], universe: Universe) -> tuple[Sequence[int], GlobSet]:
        """The targets of the live globs, and the globs with labels in which bit i is target number i."""
        targets = sorted({target for node in here for _, target in node.globs})
        number = {target: 1 << place for place, target in enumerate(targets)}
        labels: dict[str, int] = {}
        for node in here:
            for text, target in node.globs:
                labels[text] = labels.get(text, 0) | number[target]
        self._budget.spend(len(labels))
        key = (frozenset(labels.items()), id(universe))
        if key not in self._globsets:
            self._globsets[key] = GlobSet(sorted(labels.items()), universe, self._budget)
        return targets, self._globsets[key]


def _chosen(targets: Sequence[int], label: int) -> list[int]:
    """The targets whose bits the label has."""
    return [targets[number] for number in bits(label)]


def bits(label: int) -> Iterator[int]:
    """The numbers of the bits that are set, the lowest first."""
    while label:
        low = label & -label
        yield low.bit_length() - 1
        label ^= low


def _path(origin: dict[Place, tuple[Place, str | int] | None], place: Place) -> Segments:
    found: list[str | int] = []
    step = origin[place]
    while step is not None:
        found.append(step[1])
        step = origin[step[0]]
    return tuple(reversed(found))
