"""The exact algebra of several globs over one segment, character by character.

The globs share one tree of items, determinised as it is explored (subset construction), in step with the
automaton of the segment's universe. So globs that start with different characters never meet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.charset import CharSet, holds, minus, of, rank, readable, union
from capwright_registry.patterns.globtree import glob_tree
from capwright_registry.patterns.intervals import sweep
from capwright_registry.patterns.taken import Ahead, Taken
from capwright_registry.patterns.universe import Universe

Place = tuple[int, frozenset[int]]  # a row of the universe, and the nodes of the tree that are live
Move = tuple[CharSet, str, Place]  # the characters, the most readable of them, and where they lead


class GlobSet:
    """Globs over one universe, each with a label: a bit mask that a text has where the glob matches it."""

    def __init__(self, globs: Iterable[tuple[str, int]], universe: Universe, budget: Budget) -> None:
        """Raises `PatternError` for a bad glob."""
        self._universe = universe
        self._budget = budget
        globs = list(globs)
        budget.spend(sum(len(glob) for glob, _ in globs))
        self._nodes, root = glob_tree(globs)
        self._moves: dict[Place, tuple[Move, ...]] = {}
        self._table: dict[Place, tuple[list[int], list[tuple[int, Place]]]] = {}
        self.start: Final[Place] = (0, self._closed({root}))

    def label(self, text: str) -> int:
        """The labels of all globs that match `text`, which must be in the universe."""
        place = self.start
        for char in text:
            lows, moves = self._sorted_moves(place)
            at = bisect_right(lows, ord(char)) - 1
            if at < 0 or ord(char) > moves[at][0]:
                return 0
            place = moves[at][1]
        return self._label(place)

    def classes(self) -> Iterator[tuple[int, str]]:
        """Every label that some text of the universe has, each with its shortest readable text.

        The empty text comes last, and only where no other has its label. Raises `TooComplex`.
        """
        found: set[int] = set()
        seen = {self.start}
        queue = deque([(self.start, "")])
        while queue:
            place, text = queue.popleft()
            label = self._label(place)
            if text and label not in found and place[0] in self._universe.accept:
                found.add(label)
                yield label, text
            for _, char, after in self._successors(place):
                if after not in seen:
                    seen.add(after)
                    queue.append((after, text + char))
        label = self._label(self.start)
        if 0 in self._universe.accept and label not in found:
            yield label, ""

    def avoiding(self, label: int, taken: Taken) -> str | None:
        """The shortest readable text with exactly this label that is not taken, or None."""
        first: tuple[Place, Ahead | None] = (self.start, taken.start)
        seen = {first}
        queue = deque([(*first, "")])
        while queue:
            place, ahead, text = queue.popleft()
            certain, possible = self._bounds(place)
            if certain & ~label or label & ~possible:
                continue
            accepted = place[0] in self._universe.accept and self._label(place) == label
            if accepted and not (ahead and taken.ends(ahead)):
                return text
            for char, after, longer in self._diverging(place, ahead, taken):
                there = (after, longer)
                if there not in seen:
                    seen.add(there)
                    queue.append((*there, text + char))
        return None

    def _diverging(
        self, place: Place, ahead: Ahead | None, taken: Taken
    ) -> Iterator[tuple[str, Place, Ahead | None]]:
        """The moves from `place`, those that keep to a taken text apart from those that leave them all."""
        following = taken.following(ahead) if ahead else {}
        self._budget.spend(1 + len(following))
        kept = of(following)
        for chars, char, after in self._successors(place):
            free = minus(chars, kept) if kept else chars
            if free:
                yield readable(free) if kept else char, after, None
            for one, longer in following.items():
                if holds(chars, ord(one)):
                    yield one, after, longer

    def _closed(self, nodes: Collection[int]) -> frozenset[int]:
        """The nodes, and the `*` that start at them, without those that can add nothing to the label."""
        runs = (self._nodes[node].run for node in nodes)
        live = {*nodes, *(run for run in runs if run is not None)}
        certain = 0
        for index in live:
            if self._nodes[index].loop:
                certain |= self._nodes[index].end
        return frozenset(i for i in live if self._nodes[i].reach & ~certain or self._settles(i))

    def _settles(self, index: int) -> bool:
        return self._nodes[index].loop and bool(self._nodes[index].end)

    def _label(self, place: Place) -> int:
        label = 0
        for node in place[1]:
            label |= self._nodes[node].end
        return label

    def _bounds(self, place: Place) -> tuple[int, int]:
        """The label that all longer texts have at least, and the one that they have at most."""
        certain = possible = 0
        for index in place[1]:
            node = self._nodes[index]
            possible |= node.reach
            if node.loop:
                certain |= node.end
        return certain, possible

    def _successors(self, place: Place) -> tuple[Move, ...]:
        """The moves from a place, the most readable first; their character sets are disjoint."""
        known = self._moves.get(place)
        if known is not None:
            return known
        groups: dict[Place, list[tuple[int, int]]] = {}
        for low, high, row, nodes in self._pieces(place):
            groups.setdefault((row, self._closed(nodes)), []).append((low, high))
        sets = ((union(intervals), after) for after, intervals in groups.items())
        moves = sorted(((chars, readable(chars), after) for chars, after in sets), key=lambda m: rank(m[1]))
        self._budget.spend(len(moves) + 1)
        result = self._moves[place] = tuple(moves)
        return result

    def _pieces(self, place: Place) -> Iterator[tuple[int, int, int, frozenset[int]]]:
        """Intervals of characters with the row and the nodes that they lead to."""
        row, nodes = place
        # A tag is a node, or the complement of a row: one kind of thing, so that the sweep can hold both.
        edges = [(low, high, ~to) for chars, to in self._universe.rows[row] for low, high in chars]
        loops = frozenset(node for node in nodes if self._nodes[node].loop)
        for node in nodes:
            edges += [(low, high, there) for chars, there in self._nodes[node].edges for low, high in chars]
        for low, high, tags in sweep(edges):
            to = min(tags)
            self._budget.spend(len(tags))
            if to < 0:
                yield low, high, ~to, (tags - {to}) | loops

    def _sorted_moves(self, place: Place) -> tuple[list[int], list[tuple[int, Place]]]:
        known = self._table.get(place)
        if known is None:
            flat = sorted(
                (low, high, after) for chars, _, after in self._successors(place) for low, high in chars
            )
            known = [low for low, _, _ in flat], [(high, after) for _, high, after in flat]
            self._table[place] = known
        return known
