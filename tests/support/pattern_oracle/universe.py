"""Which words are resources, from `specs/patterns.md`: a shape, less what looks like one and is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from tests.support.pattern_oracle.alphabets import DIGITS, EVERY, PCHARS, SMALL
from tests.support.pattern_oracle.expression import (
    Chars,
    Either,
    Expression,
    Many,
    Seq,
    Text,
    of,
    python,
    union,
    without,
)
from tests.support.pattern_oracle.numbers import within
from tests.support.pattern_oracle.reading import END, METHOD

Universe = tuple[Expression, Expression]  # what has the shape of a resource, and what of it is none
_NOTHING: Final = Either(())
_EMPTY: Final = Text("")
_HEX: Final = Chars((DIGITS, (ord("a"), ord("f"))))
_EDGE: Final = Chars(union([DIGITS, SMALL, *of("_")]))
_LABEL: Final = Seq((_EDGE, Either((_EMPTY, Seq((Many(EVERY["host"]), _EDGE))))))
_NUMBER: Final = Either((Many(Chars((DIGITS,)), 1), Seq((Text("0x"), Many(_HEX)))))
_PORT: Final = Seq((Text(":"), within(1, 65535, 1)))
_MAPPED: Final = 0xFFFF << 32  # "an IPv4-mapped address is its IPv4 address"
#: "Escapes of controls and of bytes that UTF-8 never has", and `%2F`, `%5C`.
_REFUSED: Final = {0x2F, 0x5C, 0x7F, 0xC0, 0xC1, *range(0x20), *range(0xF5, 0x100)}


def universe(domain: str, every: Chars) -> Universe:
    """The words that are resources of the domain, over these characters."""
    return _UNIVERSES[domain](every)


def _path(every: Chars) -> Universe:
    other, many = Chars(without(every.intervals, of("."))), Many(every)
    # Never empty, never `.`, never `..`.
    segment = Either((Seq((other, many)), Seq((Text("."), other, many)), Seq((Text(".."), every, many))))
    return Many(Seq((Text("/"), segment))), _NOTHING


def _name(every: Chars) -> Universe:
    return Many(every, 1), _NOTHING


def _argv(every: Chars) -> Universe:
    return Many(Seq((Many(every), Text(END))), 1), _NOTHING


def _places() -> Universe:
    labels = Many(Seq((_LABEL, Text("."))))
    addresses = (
        Seq((Text("4"), within(0, 2**32 - 1, 2))),
        Seq((Text("6"), within(0, _MAPPED - 1, 8))),
        Seq((Text("6"), within(_MAPPED + 2**32, 2**128 - 1, 8))),
    )
    return Either((*addresses, Seq((Text("n"), labels, _LABEL)))), Seq((Text("n"), labels, _NUMBER))


def _host(_: Chars) -> Universe:
    shape, numeric = _places()
    return Seq((shape, _PORT)), Seq((numeric, _PORT))


def _url(every: Chars) -> Universe:
    shape, numeric = _places()
    start = Seq((METHOD, Text(" "), Either((Text("http"), Text("https"))), Text(" ")))
    escape = Seq((Text("%"), Either(tuple(_escapes()))))
    path = Many(Seq((Text("/"), Many(Either((Chars(PCHARS), escape)), 1))))
    after = Either((_EMPTY, Seq((Text(";"), Many(every)))))
    hidden = Seq((Text("/"), Either((Text("."), Text(".."))), after))
    return (
        Seq((start, shape, _PORT, path)),
        Either((Seq((start, numeric, _PORT, path)), Seq((start, shape, _PORT, path, hidden, path)))),
    )


def _escapes() -> Iterator[Expression]:
    """The digits of the escapes that stay, those with the same second digits together."""
    firsts: dict[str, str] = {}
    for first in range(16):
        seconds = "".join(f"{second:X}" for second in range(16) if _stays(16 * first + second))
        firsts[seconds] = firsts.get(seconds, "") + f"{first:X}"
    for seconds, heads in firsts.items():
        yield Seq((Chars(of(heads)), Chars(of(seconds))))


def _stays(byte: int) -> bool:
    return byte not in _REFUSED and not any(low <= byte <= high for low, high in PCHARS)


_UNIVERSES: Final[Mapping[str, Callable[[Chars], Universe]]] = MappingProxyType(
    {"path": _path, "host": _host, "url": _url, "name": _name, "argv": _argv}
)


@cache
def _compiled(domain: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    shape, refused = universe(domain, EVERY[domain])
    return re.compile(python(shape)), re.compile(python(refused))


def is_resource(domain: str, word: str) -> bool:
    """Whether the word is a resource."""
    shape, refused = _compiled(domain)
    return shape.fullmatch(word) is not None and refused.fullmatch(word) is None
