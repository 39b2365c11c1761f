"""The characters of each domain, written from `specs/patterns.md`: all of them, and as many as Z3 needs.

Z3's characters end at U+2FFFF. What is past them is alike to every pattern that names none of them by itself,
and so is what lies between two neighbours of those that the cases name: one of each such gap is enough.
Escaped bytes are held by those that continue a character in UTF-8 (0x80 to 0xBF): no run of them spells a
character, so that every run is a name of its own.
"""

from __future__ import annotations

from typing import Final

from tests.support.pattern_oracle.expression import Chars, Intervals, both, of, union, without

#: What the cases name beside ASCII.
FOREIGN: Final = "éÿж中😀"
DIGITS: Final = (ord("0"), ord("9"))
SMALL: Final = (ord("a"), ord("z"))
CAPITAL: Final = (ord("A"), ord("Z"))
#: What may stand raw in a segment of a URL's path (RFC 3986, `pchar`).
PCHARS: Final = of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@")

_UNICODE: Final[Intervals] = ((0, 0x10FFFF),)
_SURROGATES: Final = (0xD800, 0xDFFF)
_ESCAPED: Final = (0xDC80, 0xDCFF)
_SCALARS: Final = without(_UNICODE, [_SURROGATES])
#: "White space, control characters, surrogates, and every character that takes no room": the properties
#: White_Space and Default_Ignorable_Code_Point, and the categories Cc, Cf and Cs of Unicode.
_UNSEEN: Final[Intervals] = (
    *((0x0, 0x20), (0x7F, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F)),
    *((0x205F, 0x205F), (0x3000, 0x3000)),
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F)),
    *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
    *((0xE0000, 0xE0FFF), (0x600, 0x605), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2)),
    *((0xFFF9, 0xFFFB), (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F), _SURROGATES),
)

_ALL: Final[dict[str, Intervals]] = {
    "path": without(union([*_SCALARS, _ESCAPED]), [(0, 0x1F), (0x7F, 0x9F), *of("/")]),
    "host": union([DIGITS, SMALL, *of("-_")]),  # in a label
    "url": union([*PCHARS, *of("%")]),  # in a segment of the path
    "name": without(_UNICODE, _UNSEEN),
    "argv": without(union([*_SCALARS, _ESCAPED]), [(0, 0)]),
}
_HELD: Final[Intervals] = ((0, 0xD7FF), (0xDC80, 0xDCBF), (0xE000, 0x2FFFF))
#: Names leave so much out that Z3 takes long over the rest; one block in each gap of `FOREIGN` is enough.
_BLOCKS: Final[Intervals] = (
    *((0x21, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x400, 0x5FF), (0x4E00, 0x9FFF)),
    *((0x1F000, 0x1F6FF), (0x20000, 0x2FFFF)),
)

EVERY: Final = {domain: Chars(intervals) for domain, intervals in _ALL.items()}
#: For Z3.
FINITE: Final = {
    domain: Chars(both(intervals, _BLOCKS if domain == "name" else _HELD))
    for domain, intervals in _ALL.items()
}
#: For words that are resources already: what no wildcard crosses, and no more, so that expressions are quick.
LOOSE: Final = {
    **EVERY,
    "path": Chars(without(_UNICODE, of("/"))),
    "name": Chars(_UNICODE),
    "argv": Chars(without(_UNICODE, [(0, 0)])),
}
