"""Overlapping intervals of whole numbers, cut into pieces over which nothing changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def sweep(edges: Iterable[tuple[int, int, T]]) -> Iterator[tuple[int, int, frozenset[T]]]:
    """The covered pieces `(low, high, tags)` in order, with the tags of all edges that cover the piece.

    Edges are `(low, high, tag)`, both ends included. Pieces that no edge covers are left out.
    """
    opened: defaultdict[int, list[T]] = defaultdict(list)
    closed: defaultdict[int, list[T]] = defaultdict(list)
    for low, high, tag in edges:
        opened[low].append(tag)
        closed[high + 1].append(tag)
    bounds = sorted({*opened, *closed})
    counts: dict[T, int] = {}
    for low, after in pairwise(bounds):
        for tag in closed.get(low, ()):
            counts[tag] -= 1
            if not counts[tag]:
                del counts[tag]
        for tag in opened.get(low, ()):
            counts[tag] = counts.get(tag, 0) + 1
        if counts:
            yield low, after - 1, frozenset(counts)
