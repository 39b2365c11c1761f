"""Patterns over names (tools, secrets, variables, agents): pieces between the separators `.`, `/` and `:`."""

from __future__ import annotations

import re
from typing import Final

from capwright_registry.canonical import UNSEEN
from capwright_registry.patterns.charset import complement, holds, of, union
from capwright_registry.patterns.elements import Deep, Element, Glob, One, Pattern, PatternError, Word, joined
from capwright_registry.patterns.glob import STAR, Item, element_of, escaped, parse_glob, unit_at

SEPARATORS: Final = "./:"
_UNSEEN: Final = re.compile(f"[{UNSEEN}]")


def parse_name(text: str) -> Pattern:
    """The pattern over names that `text` says; raises `PatternError`."""
    if _UNSEEN.search(text):
        raise PatternError("no name holds a space or a character that cannot be seen", "leave it out")
    elements: list[Element] = []
    written = ""
    for piece in _pieces(text):
        elements += _elements(piece)
        written += _written(piece)
    return Pattern("name", text, written, (joined(elements),))


def _pieces(text: str) -> list[str]:
    """The text cut at its separators, which are pieces of their own. Separators in a class do not count."""
    pieces: list[str] = []
    place = 0
    while place < len(text):
        unit = unit_at(text, place)
        place += len(unit)
        if unit in SEPARATORS or not pieces or pieces[-1] in SEPARATORS:
            pieces.append(unit)
        else:
            pieces[-1] += unit
    return pieces


def _elements(piece: str) -> list[Element]:
    if piece == "**":
        return [One(), Deep()]
    if any(_spans_separator(unit, item) for unit, item in zip(_units(piece), parse_glob(piece), strict=True)):
        raise PatternError(
            "a class in a name cannot hold `.`, `/` or `:`", "write the separator outside the class"
        )
    element = element_of(piece)
    if isinstance(element, Word):
        return [element]
    return [Glob(_within_piece(piece))]


def _units(piece: str) -> list[str]:
    units: list[str] = []
    place = 0
    while place < len(piece):
        units.append(unit_at(piece, place))
        place += len(units[-1])
    return units


def _spans_separator(unit: str, item: Item) -> bool:
    """Whether a class that is not negated holds a separator."""
    if item == STAR or len(unit) == 1 or unit.startswith("[!"):
        return False
    return any(holds(item, ord(separator)) for separator in SEPARATORS)


def _within_piece(piece: str) -> str:
    """The same glob, made unable to match a separator, which is a segment of its own."""
    if set(piece) == {"*"}:
        return f"[!{SEPARATORS}]*"
    return "".join(
        f"[!{SEPARATORS}]" if unit == "?" else _without_separators(item) if unit.startswith("[!") else unit
        for unit, item in zip(_units(piece), parse_glob(piece), strict=True)
    )


def _without_separators(item: Item) -> str:
    """A negated class that has no separator either, its `-` in front, where it stands for itself."""
    assert item != STAR  # noqa: S101 - the item of a class
    taken = union([*complement(item), *of(SEPARATORS)])
    ordered = sorted(taken, key=lambda interval: (interval[0] != ord("-"), interval))
    return f"[!{''.join(chr(low) if low == high else f'{chr(low)}-{chr(high)}' for low, high in ordered)}]"


def _written(piece: str) -> str:
    if piece == "**" or piece in SEPARATORS:
        return piece
    element = element_of(piece)
    return escaped(element.text) if isinstance(element, Word) else piece
