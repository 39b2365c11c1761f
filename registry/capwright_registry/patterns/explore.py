"""Exact exploration of a pattern table, segment by segment, within a domain's space.

States are sets of live nodes (subset construction, lazily). At each state the texts fall into classes over
which nothing changes: each literal is one, and the rest fall into the classes of the live globs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from capwright_registry.canonical import Segments
from capwright_registry.patterns.automaton import Automaton, Node
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.globset import GlobSet
from capwright_registry.patterns.intervals import sweep
from capwright_registry.patterns.space import Numbers, Space, Texts
from capwright_registry.patterns.universe import Universe

Place = tuple[int, frozenset[int]]  # a state of the space, and the live nodes


class Goal(Protocol):
    """What an exploration looks for: it says which labels still matter, so that the rest is left out."""

    def relevant(self, certain: int, possible: int) -> int:
        """The labels that still matter where `certain` will hold and none but `possible` can; 0 for none."""
        ...

    def needs(self, beyond: int) -> bool:
        """Whether something can still be found in a longer resource, where only `beyond` can hold."""
        ...


class Explorer:
    """Walks one automaton within one space."""

    def __init__(self, automaton: Automaton, space: Space, goal: Goal | None, budget: Budget) -> None:
        """Without a goal, nothing is left out."""
        self._nodes = automaton.nodes
        self._automaton = automaton
        self._space = space
        self._goal = goal
        self._budget = budget
        self._globsets: dict[tuple[frozenset[tuple[str, int]], int], GlobSet] = {}

    def labels(self) -> Iterator[tuple[int, Segments]]:
        """The label and one resource of every state where a resource may end, the shortest first.

        Labels may repeat. Raises `TooComplex`.
        """
        start = self._reduced(0, self._automaton.start)
        origin: dict[Place, tuple[Place, str | int] | None] = {} if start is None else {start: None}
        queue = deque(origin)
        while queue:
            place = queue.popleft()
            if self._space[place[0]].accepts:
                yield self._label(place[1]), _path(origin, place)
            for segment, after in self._successors(place):
                self._budget.spend()
                if after not in origin:
                    origin[after] = (place, segment)
                    queue.append(after)

    def _label(self, nodes: Iterable[int]) -> int:
        label = 0
        for node in nodes:
            label |= self._nodes[node].end
        return label

    def _reduced(self, state: int, nodes: Iterable[int]) -> Place | None:
        """The place without the nodes that no longer matter, or None where nothing can be found."""
        certain = possible = 0
        open_ = self._space[state].open
        for index in nodes:
            node = self._nodes[index]
            possible |= node.reach
            if open_ and node.loop:
                certain |= node.end
        relevant = -1 if self._goal is None else self._goal.relevant(certain, possible)
        if not relevant:
            return None
        kept = []
        for index in nodes:
            node = self._nodes[index]
            settled = certain if not (open_ and node.loop and node.end) else 0
            if node.reach & relevant & ~settled:
                kept.append(index)
        return state, frozenset(kept)

    def _successors(self, place: Place) -> Iterator[tuple[str | int, Place]]:
        state, nodes = place
        for option in self._space[state].options:
            moves: Iterable[tuple[str | int, Iterable[int]]] = (
                self._numbers(option, nodes) if isinstance(option, Numbers) else self._texts(option, nodes)
            )
            for segment, targets in moves:
                after = self._reduced(option.after, self._automaton.entered(targets))
                if after is not None:
                    yield segment, after

    def _numbers(self, option: Numbers, nodes: frozenset[int]) -> Iterator[tuple[int, frozenset[int]]]:
        edges = [(low, high, -1) for low, high in option.intervals]
        edges += [edge for node in nodes for edge in self._nodes[node].ranges]
        found: dict[frozenset[int], list[tuple[int, int]]] = {}
        for low, high, tags in sweep(edges):
            if -1 in tags:
                found.setdefault(tags - {-1}, []).append((low, high))
        for targets, intervals in found.items():
            preferred = (n for n in option.preferred if any(low <= n <= high for low, high in intervals))
            yield next(preferred, intervals[0][0]), targets

    def _texts(self, option: Texts, nodes: frozenset[int]) -> Iterator[tuple[str, set[int]]]:
        here = [self._nodes[index] for index in nodes]
        base = {index for index in nodes if self._nodes[index].loop}
        base.update(node.one for node in here if node.one is not None)
        literals: dict[str, set[int]] = {}
        for node in here:
            for text, target in node.lit.items():
                literals.setdefault(text, set()).add(target)
        targets, globset = self._globs(here, option.universe)
        for text in sorted(literals):
            if option.universe.holds(text):
                yield text, base.union(literals[text], _chosen(targets, globset.label(text)))
        for label, text in self._others(option, globset, base, targets, literals):
            yield text, base.union(_chosen(targets, label))

    def _globs(self, here: Sequence[Node], universe: Universe) -> tuple[Sequence[int], GlobSet]:
        """The targets of the live globs, and the globs with labels in which bit i is target number i."""
        targets = sorted({target for node in here for _, target in node.globs})
        number = {target: 1 << place for place, target in enumerate(targets)}
        labels: dict[str, int] = {}
        for node in here:
            for text, target in node.globs:
                labels[text] = labels.get(text, 0) | number[target]
        key = (frozenset(labels.items()), id(universe))
        if key not in self._globsets:
            self._globsets[key] = GlobSet(sorted(labels.items()), universe, self._budget)
        return targets, self._globsets[key]

    def _others(
        self,
        option: Texts,
        globset: GlobSet,
        base: set[int],
        targets: Sequence[int],
        literals: Collection[str],
    ) -> Iterator[tuple[int, str]]:
        """The classes of texts that are no literal of this state."""

        def hopeless(certain: int, possible: int) -> bool:
            return self._goal is not None and self._hopeless(
                self._goal,
                option.after,
                base.union(_chosen(targets, certain)),
                base.union(_chosen(targets, possible)),
            )

        for label, witness in globset.classes(hopeless):
            text = globset.avoiding(label, literals) if witness in literals else witness
            if text is not None:
                yield label, text

    def _hopeless(self, goal: Goal, state: int, certain_nodes: set[int], possible_nodes: set[int]) -> bool:
        """Whether nothing can be found, whichever of the possible nodes join the certain ones."""
        certain = possible = beyond = 0
        for index in self._automaton.entered(possible_nodes):
            possible |= self._nodes[index].reach
            beyond |= self._nodes[index].beyond
        final = not goal.needs(beyond)
        for index in self._automaton.entered(certain_nodes):
            node = self._nodes[index]
            if final or (node.loop and self._space[state].open):
                certain |= node.end
        return not goal.relevant(certain, possible)


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
