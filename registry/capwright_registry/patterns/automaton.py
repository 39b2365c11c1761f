"""A pattern table made ready for exploration: labels as bit masks, equal nodes made one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a table. `reach`: the labels that can follow; `beyond`: those that need a further segment."""

    lit: Mapping[str, int]
    globs: tuple[tuple[str, int], ...]
    one: int | None
    deep: int | None
    loop: bool
    ranges: tuple[tuple[int, int, int], ...]
    end: int
    reach: int
    beyond: int


@dataclass(frozen=True, slots=True)
class Automaton:
    """Nodes without a label to reach are gone, and no two nodes are the same."""

    nodes: tuple[Node, ...]
    start: frozenset[int]

    def entered(self, targets: Iterable[int]) -> frozenset[int]:
        """The targets, and the `**` that start at them."""
        found = set(targets)
        for target in tuple(found):
            deep = self.nodes[target].deep
            if deep is not None:
                found.add(deep)
        return frozenset(found)


def automaton(table: Sequence[Mapping[str, Any]], label: Callable[[int], int]) -> Automaton:
    """The automaton of a table, in which pattern id i has the bits `label(i)`.

    Raises `ValueError` where an edge leads back, which only the loop of a `**` may.
    """
    nodes: list[Node] = []
    known: dict[object, int] = {}
    place: dict[int, int] = {}
    for index in reversed(range(len(table))):
        node = _node(table[index], index, place, nodes, label)
        if node.reach or index == 0:
            key = (
                frozenset(node.lit.items()),
                node.globs,
                node.one,
                node.deep,
                node.loop,
                node.ranges,
                node.end,
            )
            place[index] = known.setdefault(key, len(nodes))
            if place[index] == len(nodes):
                nodes.append(node)
    bare = Automaton(tuple(nodes), frozenset())
    return Automaton(bare.nodes, bare.entered([place[0]]))


def _node(
    raw: Mapping[str, Any],
    index: int,
    place: Mapping[int, int],
    nodes: list[Node],
    label: Callable[[int], int],
) -> Node:
    def to(target: int | None) -> int | None:
        if target is not None and target <= index:
            raise ValueError("an edge of the table leads back")
        return None if target is None else place.get(target)

    lit = {text: there for text, target in raw.get("lit", {}).items() if (there := to(target)) is not None}
    globs = {(text, there) for text, target in raw.get("glob", ()) if (there := to(target)) is not None}
    ranges = {(int(a), int(b), there) for a, b, t in raw.get("range", ()) if (there := to(t)) is not None}
    one, deep, loop = to(raw.get("any")), to(raw.get("deep")), bool(raw.get("loop"))
    end = 0
    for pattern in raw.get("end", ()):
        end |= label(pattern)
    beyond = 0
    for there in {
        *lit.values(),
        *(t for _, t in globs),
        *(r[2] for r in ranges),
        *([] if one is None else [one]),
    }:
        beyond |= nodes[there].reach
    below = 0 if deep is None else nodes[deep].reach
    beyond |= 0 if deep is None else nodes[deep].beyond
    beyond |= end if loop else 0
    return Node(
        lit, tuple(sorted(globs)), one, deep, loop, tuple(sorted(ranges)), end, end | beyond | below, beyond
    )
