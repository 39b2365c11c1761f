"""Which texts can be a segment at all: small deterministic automata over characters.

The algebra must know them exactly: a glob `?` has no `.` in a path, and `*` no empty text in a name.
`tests/registry/patterns/test_universe.py` holds them against `capwright_registry.canonical`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from capwright_registry.canonical import OVERLONG, PCHARS, REFUSED_BYTES, UNSEEN
from capwright_registry.patterns.charset import CharSet, complement, holds, minus, of, union

Row = tuple[tuple[CharSet, int], ...]
_ESCAPED_BYTES: Final = (0xDC80, 0xDCFF)  # how Python spells the bytes of a file name that are not UTF-8


@dataclass(frozen=True, slots=True)
class Universe:
    """A deterministic automaton; the character sets of one row are disjoint.

    It starts in row 0 and never comes back there. `finite`: there are so few texts that each is told by name.
    """

    rows: tuple[Row, ...]
    accept: frozenset[int]
    finite: bool = False

    def holds(self, text: str) -> bool:
        """Whether `text` can be a segment here."""
        row = 0
        for char in text:
            after = self.after(row, ord(char))
            if after is None:
                return False
            row = after
        return row in self.accept

    def after(self, row: int, code: int) -> int | None:
        """The row that a character leads to, None where no text goes on with it."""
        return next((to for chars, to in self.rows[row] if holds(chars, code)), None)


def _universe(rows: Iterable[Mapping[int, CharSet]], accept: Iterable[int]) -> Universe:
    return Universe(
        tuple(tuple((chars, to) for to, chars in row.items() if chars) for row in rows), frozenset(accept)
    )


def words(*texts: str) -> Universe:
    """Exactly these texts."""
    prefixes = sorted({text[:end] for text in texts for end in range(len(text) + 1)})
    rows = [
        {prefixes.index(longer): of(longer[-1]) for longer in prefixes if longer and longer[:-1] == prefix}
        for prefix in prefixes
    ]
    return replace(_universe(rows, (prefixes.index(text) for text in texts)), finite=True)


def _unseen() -> CharSet:
    """`UNSEEN` of the canonical form, read from the class that it is written as."""
    found: list[tuple[int, int]] = []
    place = 0
    while place < len(UNSEEN):
        ranged = UNSEEN[place + 1 : place + 2] == "-"
        found.append((ord(UNSEEN[place]), ord(UNSEEN[place + 2 if ranged else place])))
        place += 3 if ranged else 1
    return union(found)


_SURROGATES: Final = minus(((0xD800, 0xDFFF),), (_ESCAPED_BYTES,))
_CONTROLS: Final = union([(0, 0x1F), (0x7F, 0x9F)])
_FILE: Final = complement(union([*_CONTROLS, *_SURROGATES, *of("/")]))
_DOT: Final = of(".")
_PIECE: Final = complement(union([*_unseen(), *of("./:")]))
_DIGITS: Final = of("0123456789")
_HEX: Final = union([*_DIGITS, *of("abcdef")])
_INNER: Final = of("-")
_EDGE: Final = union([*_DIGITS, (ord("a"), ord("z")), *of("_")])
_CAPITALS: Final = ((ord("A"), ord("Z")),)

_ARGUMENT: Final = complement(union([*_SURROGATES, (0, 0)]))

ARGUMENT: Final = _universe([{1: _ARGUMENT}, {1: _ARGUMENT}], {0, 1})
PIECE: Final = _universe([{1: _PIECE}, {1: _PIECE}], {1})
SEPARATOR: Final = words(".", "/", ":")
# Any file name but `.` (row 1) and `..` (row 2).
FILE: Final = _universe(
    [{1: _DOT, 3: minus(_FILE, _DOT)}, {2: _DOT, 3: minus(_FILE, _DOT)}, {3: _FILE}, {3: _FILE}], {3}
)
LABEL: Final = _universe([{1: _EDGE}, {1: _EDGE, 2: _INNER}, {1: _EDGE, 2: _INNER}], {1})
# A last label is no number: row 1 is `0`, row 2 digits, row 3 `0x` and hexadecimal digits, row 4 any label.
LAST_LABEL: Final = _universe(
    [
        {1: of("0"), 2: minus(_DIGITS, of("0")), 4: minus(_EDGE, _DIGITS)},
        {2: _DIGITS, 3: of("x"), 4: minus(minus(_EDGE, _DIGITS), of("x")), 5: _INNER},
        {2: _DIGITS, 4: minus(_EDGE, _DIGITS), 5: _INNER},
        {3: _HEX, 4: minus(_EDGE, _HEX), 5: _INNER},
        {4: _EDGE, 5: _INNER},
        {4: _EDGE, 5: _INNER},
    ],
    {4},
)
METHOD: Final = _universe([{1: _CAPITALS}, {1: union([*_CAPITALS, *_INNER])}], {1})


def _url_segment() -> Universe:
    """Raw characters and capital percent-escapes; never `.`, `..`, nor either before a `;`.

    After a byte that may begin an overlong form, the next escape has fewer high digits.
    """
    raw, percent = of(PCHARS), of("%")
    other, after_dots = minus(raw, _DOT), minus(minus(raw, _DOT), of(";"))
    low_digits: dict[str, set[str]] = {}
    for byte in range(256):
        if byte not in REFUSED_BYTES and chr(byte) not in PCHARS:
            digits = f"{byte:02X}"
            low_digits.setdefault(digits[0], set()).add(digits[1])
    rows: list[dict[int, CharSet]] = [
        {1: _DOT, 3: other, 4: percent},
        {2: _DOT, 3: after_dots, 4: percent},
        {3: minus(raw, of(";")), 4: percent},
        {3: raw, 4: percent},
        {5 + place: of(high) for place, high in enumerate(low_digits)},
        *({3: of(low)} for low in low_digits.values()),
    ]
    ends = {3}
    for byte, barred in OVERLONG.items():
        digits, here = f"{byte:02X}", len(rows)
        first, low = rows[5 + list(low_digits).index(digits[0])], digits[1]
        rows += [{3: raw, here + 1: percent}, {to: minus(chars, of(barred)) for to, chars in rows[4].items()}]
        first[3] = minus(first[3], of(low))
        first[here] = of(low)
        ends.add(here)
    return _universe(rows, ends)


URL_SEGMENT: Final = _url_segment()
