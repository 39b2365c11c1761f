"""Sets of characters as sorted, disjoint, non-adjacent intervals of code points, both ends included."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

CharSet = tuple[tuple[int, int], ...]

EVERY: Final[CharSet] = ((0, 0x10FFFF),)
NONE: Final[CharSet] = ()
_PREFERRED: Final = (
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.+=,@~%!#$&'()*:;<>?[]^`{|}/\"\\ "
)


def union(intervals: Iterable[tuple[int, int]]) -> CharSet:
    """The set that any intervals cover, in any order."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(chars: CharSet) -> CharSet:
    """Every code point that is not in `chars`."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in chars:
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= 0x10FFFF:
        gaps.append((start, 0x10FFFF))
    return tuple(gaps)


def minus(chars: CharSet, taken: CharSet) -> CharSet:
    """What is in `chars` and not in `taken`."""
    return complement(union((*complement(chars), *taken)))


def both(a: CharSet, b: CharSet) -> CharSet:
    """What is in both sets."""
    if a == EVERY or b == EVERY:
        return b if a == EVERY else a
    found: list[tuple[int, int]] = []
    here = there = 0
    while here < len(a) and there < len(b):
        low, high = max(a[here][0], b[there][0]), min(a[here][1], b[there][1])
        if low <= high:
            found.append((low, high))
        if a[here][1] < b[there][1]:
            here += 1
        else:
            there += 1
    return tuple(found)


def of(text: Iterable[str]) -> CharSet:
    """The set of these characters."""
    return union((ord(char), ord(char)) for char in text)


def holds(chars: CharSet, code: int) -> bool:
    """Whether the code point is in the set."""
    place = bisect_right(chars, (code, 0x110000)) - 1
    return place >= 0 and code <= chars[place][1]


def is_within(chars: CharSet, outer: CharSet) -> bool:
    """Whether `outer` has every character of the set."""
    return all(holds(outer, low) and high <= _end(outer, low) for low, high in chars)


def _end(chars: CharSet, code: int) -> int:
    """The end of the interval with `code`, which is in the set."""
    return chars[bisect_right(chars, (code, 0x110000)) - 1][1]


def is_single(chars: CharSet) -> bool:
    """Whether the set has exactly one character."""
    return len(chars) == 1 and chars[0][0] == chars[0][1]


def readable(chars: CharSet) -> str:
    """The character of a non-empty set that is the easiest to read: letters, digits, signs, then the rest."""
    if len(chars) == 1 and chars[0][1] - chars[0][0] < 8:
        return min((chr(code) for code in range(chars[0][0], chars[0][1] + 1)), key=rank)
    return next((char for char in _PREFERRED if holds(chars, ord(char))), chr(chars[0][0]))


def rank(char: str) -> int:
    """How easy a character is to read, the easiest lowest."""
    place = _PREFERRED.find(char)
    return len(_PREFERRED) + ord(char) if place < 0 else place
