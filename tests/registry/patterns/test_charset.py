"""Character sets and intervals against plain sets of numbers."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.patterns.charset import (
    EVERY,
    NONE,
    complement,
    holds,
    minus,
    of,
    rank,
    readable,
    union,
)
from capwright_registry.patterns.intervals import sweep

_PAIR = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: (min(pair), max(pair)))
_INTERVALS = st.lists(_PAIR, max_size=6)


def _points(intervals: list[tuple[int, int]]) -> set[int]:
    return {point for low, high in intervals for point in range(low, high + 1)}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(_INTERVALS, _INTERVALS)
def test_sets(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    a, b = union(left), union(right)
    for point in range(22):
        assert holds(a, point) == (point in _points(left))
        assert holds(complement(a), point) == (point not in _points(left))
        assert holds(minus(a, b), point) == (point in _points(left) - _points(right))
    assert all(x[1] + 1 < y[0] for x, y in pairwise(a))
    assert complement(complement(a)) == a


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 3)), max_size=6))
def test_sweep_cuts_where_something_changes(edges: list[tuple[int, int, int]]) -> None:
    ordered = [(min(a, b), max(a, b), tag) for a, b, tag in edges]
    found = {point: tags for low, high, tags in sweep(ordered) for point in range(low, high + 1)}
    for point in range(22):
        expected = {tag for low, high, tag in ordered if low <= point <= high}
        assert found.get(point, frozenset()) == expected


def test_readable() -> None:
    assert complement(NONE) == EVERY
    assert readable(EVERY) == "a"
    assert readable(of("Z9-")) == "9"
    assert readable(of("-_")) == "_"
    assert readable(of("\x01é")) == "\x01"
    assert readable(((0x100, 0x103),)) == "\u0100"
    assert rank("a") < rank("0") < rank("A") < rank("_") < rank("é")
