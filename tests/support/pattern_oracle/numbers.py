"""Numbers as characters, sixteen bits in each, so that a range of them is a short regular expression.

The digit `d` is the character U+10000 + `d`, which no host and no URL holds.
"""

from __future__ import annotations

from typing import Final

from tests.support.pattern_oracle.expression import Chars, Either, Expression, Seq

_ZERO: Final = 0x10000
_LAST: Final = 0x1FFFF


def number(value: int, digits: int) -> str:
    """The number as that many characters."""
    return "".join(chr(_ZERO + (value >> 16 * place & 0xFFFF)) for place in reversed(range(digits)))


def value(text: str) -> int:
    """The number that the characters are; raises `ValueError` for others."""
    if not all(_ZERO <= ord(char) <= _LAST for char in text):
        raise ValueError("no number")
    return sum((ord(char) - _ZERO) << 16 * place for place, char in enumerate(reversed(text)))


def within(low: int, high: int, digits: int) -> Expression:
    """Every number from `low` to `high`, both included."""
    return _between(number(low, digits), number(high, digits))


def _between(low: str, high: str) -> Expression:
    first, last, rest = ord(low[0]), ord(high[0]), len(low) - 1
    if not rest or (set(low[1:]) == {chr(_ZERO)} and set(high[1:]) == {chr(_LAST)}):
        return Seq((Chars(((first, last),)), *(Chars(((_ZERO, _LAST),)),) * rest))
    if first == last:
        return Seq((Chars(((first, first),)), _between(low[1:], high[1:])))
    parts = [Seq((Chars(((first, first),)), _between(low[1:], chr(_LAST) * rest)))]
    if first + 1 < last:
        parts.append(Seq((Chars(((first + 1, last - 1),)), *(Chars(((_ZERO, _LAST),)),) * rest)))
    parts.append(Seq((Chars(((last, last),)), _between(chr(_ZERO) * rest, high[1:]))))
    return Either(tuple(parts))
