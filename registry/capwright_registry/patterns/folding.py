"""Path patterns on a file system that folds case: no other spelling may slip past an exception.

Only ASCII letters are folded. Which names beyond ASCII are one file differs between file systems
(normalisation, full or simple folding, characters that are dropped), so such names are left out altogether.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from capwright_registry.patterns.charset import CharSet, complement, union
from capwright_registry.patterns.elements import Element, Glob, Pattern, Word
from capwright_registry.patterns.glob import STAR, escaped, parse_glob, unit_at
from capwright_registry.patterns.parsing import parse
from capwright_registry.patterns.paths import written

#: Every path that holds a character outside of printable ASCII.
OUTSIDE_ASCII: Final = parse("path", "**/*[! -~]*/**")
_CAPITALS: Final = (ord("A"), ord("Z"))
_SMALL: Final = (ord("a"), ord("z"))
_APART: Final = _SMALL[0] - _CAPITALS[0]


def folded(pattern: Pattern) -> Pattern:
    """The pattern of every path that differs from one of `pattern` in the case of ASCII letters at most.

    `text` stays as it was written. Idempotent.
    """
    (elements,) = pattern.elements
    closed = tuple(map(_element, elements))
    if closed == elements:
        return pattern
    return replace(pattern, canonical="/" + "/".join(map(written, closed)), elements=(closed,))


def _element(element: Element) -> Element:
    if not isinstance(element, (Word, Glob)):
        return element
    glob = escaped(element.text) if isinstance(element, Word) else element.text
    closed = "".join(map(_unit, _units(glob)))
    return element if closed == glob else Glob(closed)


def _units(glob: str) -> Iterator[str]:
    place = 0
    while place < len(glob):
        unit = unit_at(glob, place)
        place += len(unit)
        yield unit


def _unit(unit: str) -> str:
    """One unit of a glob, closed under the case of letters."""
    (item,) = parse_glob(unit)
    if item == STAR:
        return unit
    closed = union((*item, *_other_case(item)))
    if closed == item:
        return unit
    if unit.startswith("[!"):
        left = complement(closed)
        return f"[!{_listed(left)}]" if left else "?"
    body = _listed(closed)  # `!` or `^` as the first character would negate; a member twice says nothing new
    return f"[{chr(closed[-1][1])}{body}]" if body[0] in "!^" else f"[{body}]"


def _other_case(chars: CharSet) -> Iterator[tuple[int, int]]:
    """The letters of `chars`, each in its other case."""
    for (first, last), apart in ((_CAPITALS, _APART), (_SMALL, -_APART)):
        for low, high in chars:
            if max(low, first) <= min(high, last):
                yield max(low, first) + apart, min(high, last) + apart


def _listed(chars: CharSet) -> str:
    """The body of a class that holds these characters."""
    ranges = [f"{chr(low)}-{chr(high)}" if low < high else chr(low) for low, high in chars]
    # A `-` stands for itself at the end, and starts a range only at the beginning: `[+--[]` ends at `-`.
    return "".join(sorted(ranges, key=lambda text: (text == "-", not text.startswith("-"))))
