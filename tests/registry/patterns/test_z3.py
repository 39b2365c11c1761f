"""Inclusion of path patterns against Z3's theory of regular expressions.

Z3 is an oracle here and never the way to a verdict: it may answer `unknown`, and `AllChar` and a `Range` up
to the last code point are traps, so every character set is an explicit `Range` over printable ASCII.
"""

from __future__ import annotations

from functools import reduce

import z3
from hypothesis import given, reject, settings

from capwright_registry.patterns import Pattern, Region, outside, overlap
from capwright_registry.patterns.charset import CharSet
from capwright_registry.patterns.elements import Deep, Element, Glob, Word
from capwright_registry.patterns.glob import STAR, parse_glob
from tests.registry.patterns.reference import patterns, within
from tests.registry.patterns.samples import regions

_LOW, _HIGH = 0x20, 0x7E
_NOTHING = z3.Intersect(z3.Re("a"), z3.Re("b"))


def _any_of(parts: list[z3.ReRef]) -> z3.ReRef:
    return reduce(z3.Union, parts) if parts else _NOTHING


def _chars(chars: CharSet) -> z3.ReRef:
    """The set within printable ASCII, `/` left out."""
    pieces = [(max(low, a), min(high, b)) for low, high in chars for a, b in ((_LOW, 0x2E), (0x30, _HIGH))]
    return _any_of([z3.Range(chr(low), chr(high)) for low, high in pieces if low <= high])


_ANY_CHAR = _chars(((_LOW, _HIGH),))
_SEGMENT = z3.Intersect(
    z3.Plus(_ANY_CHAR), z3.Complement(z3.Union(z3.Re("."), z3.Re(".."))), z3.Plus(_ANY_CHAR)
)
_PATHS = z3.Star(z3.Concat(z3.Re("/"), _SEGMENT))  # the root is the empty text here


def _text(element: Element) -> z3.ReRef:
    match element:
        case Word(text):
            return z3.Re(text)
        case Glob(text):
            parts = [z3.Star(_ANY_CHAR) if item == STAR else _chars(item) for item in parse_glob(text)]
            return reduce(z3.Concat, parts)
        case _:
            return z3.Plus(_ANY_CHAR)


def _expression(pattern: Pattern) -> z3.ReRef:
    parts = [
        z3.Star(z3.Concat(z3.Re("/"), _SEGMENT))
        if isinstance(element, Deep)
        else z3.Concat(z3.Re("/"), _text(element))
        for element in pattern.elements[0]
    ]
    return reduce(z3.Concat, parts, z3.Re(""))


def _area(region_: Region) -> z3.ReRef:
    on = _any_of([_expression(pattern) for pattern in region_.on])
    except_ = _any_of([_expression(pattern) for pattern in region_.except_])
    return z3.Intersect(on, z3.Complement(except_))


def _some(expression: z3.ReRef) -> str | None:
    """A path in the expression, None where there is none; a question that Z3 gives up on is not a test."""
    solver = z3.Solver()
    solver.set("rlimit", 3_000_000)
    path = z3.String("path")
    solver.add(z3.InRe(path, z3.Intersect(_PATHS, expression)))
    verdict = solver.check()
    if verdict == z3.unknown:
        reject()
    return (solver.model()[path].as_string() or "/") if verdict == z3.sat else None


def _minus(outer: list[Region], inner: Region) -> z3.ReRef:
    return z3.Intersect(_area(inner), z3.Complement(_any_of([_area(o) for o in outer])))


def test_the_oracle_can_say_both() -> None:
    inner = Region(patterns("path", "/a/*"))
    assert _some(_minus([Region(patterns("path", "/**"))], inner)) is None
    assert _some(_minus([Region(patterns("path", "/a"))], inner)) is not None
    assert _some(_minus([Region(patterns("path", "/a/?", "/a/??*"))], inner)) is None


class TestAgainstZ3:
    """ "The algebra is exact and complete": another decision procedure says the same."""

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(regions("path"))
    def test_outside(self, drawn: list[Region]) -> None:
        inner, *outer = drawn
        theirs, ours = _some(_minus(outer, inner)), outside(outer, inner)
        assert (ours is None) == (theirs is None), theirs
        if theirs is not None:
            assert within(inner, theirs)
            assert not any(within(o, theirs) for o in outer)

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(regions("path"))
    def test_overlap(self, drawn: list[Region]) -> None:
        a, b = drawn[0], drawn[-1]
        theirs = _some(z3.Intersect(_area(a), _area(b)))
        assert (overlap(a, b) is None) == (theirs is None), theirs
