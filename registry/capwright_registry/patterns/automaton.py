"""Pattern tables made ready for exploration: labels as bit masks, equal nodes made one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

Table = Sequence[Mapping[str, Any]]
Places = frozenset[int]


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a table. `reach`: the labels that can follow."""

    lit: Mapping[str, int]
    globs: tuple[tuple[str, int], ...]
    one: int | None
    deep: int | None
    loop: bool
    ranges: tuple[tuple[int, int, int], ...]
    end: int
    reach: int

    @property
    def goes_on(self) -> bool:
        """Whether a further segment may be read here."""
        return bool(self.lit or self.globs or self.ranges or self.loop or self.one is not None)


def entered(nodes: Sequence[Node], targets: Iterable[int]) -> Places:
    """Where a walk stands that reaches `targets`: there, and in the `**` that start there."""
    found = set()
    for target in targets:
        node = nodes[target]
        if node.deep is not None:
            found.add(node.deep)
        if node.goes_on or node.end:
            found.add(target)
    return frozenset(found)


def automata(*tables: tuple[Table, Callable[[int], int]]) -> tuple[tuple[Node, ...], tuple[Places, ...]]:
    """The nodes of tables, and where the walk of each starts; pattern id i of one has the bits `label(i)`.

    Nodes without a label to reach are gone, and no two nodes are the same, so that tables without a label in
    common have no node in common. Raises `ValueError` where an edge leads back, which only a `**` may.
    """
    nodes: list[Node] = []
    known: dict[object, int] = {}
    roots = [_added(table, label, nodes, known) for table, label in tables]
    return tuple(nodes), tuple(entered(nodes, [] if root is None else [root]) for root in roots)


def _added(
    table: Table, label: Callable[[int], int], nodes: list[Node], known: dict[object, int]
) -> int | None:
    """The place of the table's root among the nodes, None where no label can be reached."""
    place: dict[int, int] = {}
    for index in reversed(range(len(table))):
        node = _node(table[index], index, place, nodes, label)
        if node.reach:
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
    return place.get(0)


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

    def kept(edges: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return [(*edge, there) for *edge, target in edges if (there := to(target)) is not None]

    # Most nodes have one kind of edge; what is not there costs next to nothing.
    lit = dict(kept(raw["lit"].items())) if "lit" in raw else {}
    globs = sorted({*kept(raw["glob"])}) if "glob" in raw else ()
    ranges = sorted({(int(a), int(b), to) for a, b, to in kept(raw["range"])}) if "range" in raw else ()
    one, deep = to(raw.get("any")), to(raw.get("deep"))
    end = 0
    for pattern in raw.get("end", ()):
        end |= label(pattern)
    reach = end
    for there in chain(lit.values(), (t for _, t in globs), (t for _, _, t in ranges), (one, deep)):
        reach |= 0 if there is None else nodes[there].reach
    return Node(lit, tuple(globs), one, deep, "loop" in raw, tuple(ranges), end, reach)
