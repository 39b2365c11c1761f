"""Whether a segment matches a glob, in time linear in the segment.

Standard library only and no import of ours: emitted stubs carry this source as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from operator import xor
from typing import Final

Matcher = Callable[[str], object]
_LONG: Final = 64  # so many units in a row are tried at every place of a text; more are not
_UNITS: Final = re.compile(r"\*|\[!?[^\]]+\]|.", re.DOTALL)
_CLASS_ITEMS: Final = re.compile(r"(.)-(.)|(.)", re.DOTALL)


def glob_matcher(text: str) -> Matcher:
    """A test, in time linear in the segment, of whether a whole segment matches the glob `text`.

    `*` is any run of characters, `?` one, `[a-z]` one of a class, `[!a-z]` one outside it. `text` must be a
    glob that the pattern parser accepts.
    """
    prefix, star, suffix = text.partition("*")
    if star and not any(sign in prefix + suffix for sign in "*?["):
        return partial(_is_between, prefix, suffix)  # most globs: nothing to compile
    parts: list[list[str]] = [[]]
    for unit in _UNITS.findall(text):
        if unit == "*":
            parts.append([])
        else:
            parts[-1].append(unit)
    first, *others = ["".join(map(_as_regex, part)) for part in parts]
    if not others:
        return re.compile(first + r"\Z", re.DOTALL).match
    if any(len(part) > _LONG for part in parts[1:-1]):
        return _bit_matcher(parts)
    # Atomic groups: each run takes the first place that fits and never goes back, so that no text is slow.
    *middle, last = others
    atoms = "".join(f"(?>.*?{part})" for part in middle)
    # The last part is compared where it must stand, at the end, and nowhere else.
    end = f"(?=.{{{len(parts[-1])}}})(?>.*)(?<={last})" if last else ".*"
    return re.compile(rf"{first}{atoms}{end}\Z", re.DOTALL).match


def _is_between(prefix: str, suffix: str, text: str) -> bool:
    return len(text) >= len(prefix) + len(suffix) and text.startswith(prefix) and text.endswith(suffix)


def _as_regex(unit: str) -> str:
    """One unit of a glob as a regular expression."""
    if unit == "?":
        return "."
    if len(unit) == 1:
        return re.escape(unit)
    negated, items = _class_of(unit)
    body = "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in items)
    return f"[{'^' if negated else ''}{body}]"


def _class_of(unit: str) -> tuple[bool, list[tuple[int, int]]]:
    """Whether a class is negated, and the intervals that it lists."""
    negated = unit.startswith("[!") and len(unit) > 3
    found = _CLASS_ITEMS.findall(unit[2:-1] if negated else unit[1:-1])
    return negated, [(ord(low or one), ord(high or one)) for low, high, one in found]


def _bit_matcher(parts: Sequence[Sequence[str]]) -> Matcher:
    """A glob with a long run of units between two `*`, which a regular expression would try at every place.

    Bit i of a state stands for the first i units matched (Baeza-Yates and Gonnet's shift-and).
    """
    changes: dict[int, int] = {}
    loops = size = 0
    for number, part in enumerate(parts):
        loops |= (1 << size) if number else 0
        for unit in part:
            size += 1
            for low, high in _accepted(unit):
                changes[low] = changes.get(low, 0) ^ (1 << size)
                changes[high + 1] = changes.get(high + 1, 0) ^ (1 << size)
    bounds = sorted(changes)
    masks = list(accumulate((changes[bound] for bound in bounds), xor, initial=0))
    return partial(_stepped, bounds, masks, loops, 1 << size)


def _accepted(unit: str) -> list[tuple[int, int]]:
    """The characters that a unit takes, as intervals that do not overlap."""
    if len(unit) == 1:
        return [(0, 0x10FFFF)] if unit == "?" else [(ord(unit), ord(unit))]
    negated, items = _class_of(unit)
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(items):
        gap = (start, low - 1) if negated else (max(low, start), high)
        found += [gap] if gap[0] <= gap[1] else []
        start = max(start, high + 1)
    return [*found, (start, 0x10FFFF)] if negated and start <= 0x10FFFF else found


def _stepped(bounds: Sequence[int], masks: Sequence[int], loops: int, end: int, text: str) -> bool:
    state = 1
    for char in text:
        state = (state << 1) & masks[bisect_right(bounds, ord(char))] | state & loops
        if not state:
            return False
    return bool(state & end)
