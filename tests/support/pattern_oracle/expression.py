"""Regular expressions as plain data, written out for Python's `re` and as SMT-LIB text.

Nothing here knows of patterns, and nothing comes from the code under test.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

Intervals = tuple[tuple[int, int], ...]  # sorted and disjoint code points, both ends included


@dataclass(frozen=True, slots=True)
class Text:
    """Exactly this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of the set."""

    intervals: Intervals


@dataclass(frozen=True, slots=True)
class Seq:
    """The parts, one after the other; the empty text where there is none."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any one of the parts; nothing where there is none."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """The part any number of times, `least` times at least: 0 or 1."""

    part: Expression
    least: int = 0


Expression = Text | Chars | Seq | Either | Many


def union(intervals: Iterable[tuple[int, int]]) -> Intervals:
    """The code points that any interval holds, in as few intervals as can be."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def of(chars: str) -> Intervals:
    """These characters."""
    return union((ord(char), ord(char)) for char in chars)


def both(a: Intervals, b: Intervals) -> Intervals:
    """The code points in both sets."""
    pairs = ((max(low, c), min(high, d)) for low, high in a for c, d in b)
    return union(pair for pair in pairs if pair[0] <= pair[1])


def without(a: Intervals, taken: Iterable[tuple[int, int]]) -> Intervals:
    """The code points of `a` that no interval of `taken` holds."""
    for low, high in taken:
        a = (*both(a, ((0, low - 1),)), *both(a, ((high + 1, 0x10FFFF),)))
    return union(a)


def any_case(expression: Expression) -> Expression:
    """What differs from the expression in the case of ASCII letters at most."""
    match expression:
        case Text(text):
            return Seq(tuple(any_case(Chars(of(char))) for char in text))
        case Chars(intervals):
            capitals, small = both(intervals, of(ascii_uppercase)), both(intervals, of(ascii_lowercase))
            others = [(low + 32, high + 32) for low, high in capitals]
            return Chars(union([*intervals, *others, *((low - 32, high - 32) for low, high in small)]))
        case Seq(parts):
            return Seq(tuple(map(any_case, parts)))
        case Either(parts):
            return Either(tuple(map(any_case, parts)))
        case Many(part, least):
            return Many(any_case(part), least)


def python(expression: Expression) -> str:
    """For `re.fullmatch`."""
    match expression:
        case Text(text):
            return re.escape(text)
        case Chars(intervals):
            return _class(intervals)
        case Seq(parts):
            return "".join(map(python, parts))
        case Either(parts):
            return f"(?:{'|'.join(map(python, parts))})" if parts else "(?!)"
        case Many(part, least):
            return f"(?:{python(part)}){'+' if least else '*'}"


def _class(intervals: Intervals) -> str:
    """A set with the last code point as what it leaves out: Python compiles that a hundred times faster."""
    negated = bool(intervals) and intervals[-1][1] == 0x10FFFF
    shown = without(((0, 0x10FFFF),), intervals) if negated else intervals
    if not shown:
        return "(?s:.)" if negated else "(?!)"
    ranges = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in shown)
    return f"[{'^' if negated else ''}{ranges}]"


def smt(expression: Expression) -> str:
    """A term of the sort `RegLan`. Every set of characters is a union of explicit `re.range`."""
    match expression:
        case Text(text):
            return f"(str.to_re {quoted(text)})"
        case Chars(intervals):
            ranges = [f"(re.range {quoted(chr(low))} {quoted(chr(high))})" for low, high in intervals]
            return joined("re.union", ranges, "re.none")
        case Seq(parts):
            return joined("re.++", map(smt, parts), '(str.to_re "")')
        case Either(parts):
            return joined("re.union", map(smt, parts), "re.none")
        case Many(part, least):
            return f"({'re.+' if least else 're.*'} {smt(part)})"


def joined(operator: str, terms: Iterable[str], nothing: str) -> str:
    """The operator over the terms; a single term as it is."""
    listed = list(terms)
    return f"({operator} {' '.join(listed)})" if len(listed) > 1 else "".join(listed) or nothing


def quoted(text: str) -> str:
    """An SMT-LIB string, with everything but letters and digits as an escape."""
    escaped = (c if c.isascii() and c.isalnum() else f"\\u{{{ord(c):x}}}" for c in text)
    return f'"{"".join(escaped)}"'


def unquoted(text: str) -> str:
    """The text that an SMT-LIB string without its quotation marks stands for."""
    plain = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), plain)
