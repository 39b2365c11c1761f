"""Overlapping intervals of whole numbers, cut into pieces over which nothing changes."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Final, TypeVar

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


class Spans:
    """Intervals, each with a target, to ask which of them have all of another one; both ends included."""

    _NEAR: Final = 4

    def __init__(self, spans: Iterable[tuple[int, int, int]]) -> None:
        self._spans = sorted(spans)
        self._lows = [low for low, _, _ in self._spans]
        # For each place, the interval among those up to there that goes the farthest.
        self._farthest = list(accumulate(self._spans, _farther))

    def around(self, low: int, high: int) -> set[int]:
        """The targets of some intervals that have all of `low` to `high`: of one at least, if there is one.

        It looks at a fixed number of them, so that long lists of networks cost no more than short ones.
        """
        place = bisect_right(self._lows, low)
        if not place:
            return set()
        near = [self._farthest[place - 1], *self._spans[max(0, place - self._NEAR) : place]]
        return {target for _, end, target in near if high <= end}


def _farther(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return other if other[1] > one[1] else one
