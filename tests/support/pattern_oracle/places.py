"""A second reading of host patterns.

A host is held as `n` and its name, `4` and two characters, or `6` and eight, then `:` and the port in one;
the characters are those of `numbers.py`.
"""

from __future__ import annotations

import re
from typing import Final

from tests.support.pattern_oracle.expression import Chars, Either, Expression, Many, Seq, Text
from tests.support.pattern_oracle.globs import glob
from tests.support.pattern_oracle.numbers import within

#: Labels of other alphabets that the cases use, and their form in IDNA 2008.
LABELS: Final = {"bücher": "xn--bcher-kva", "пример": "xn--e1afmkfd", "例え": "xn--r8jz45g"}
_ADDRESSES: Final = (Seq((Text("4"), within(0, 2**32 - 1, 2))), Seq((Text("6"), within(0, 2**128 - 1, 8))))


def host(text: str, every: Chars) -> Expression:
    """Host and port."""
    place, _, ports = text.rpartition(":")
    return Seq((place_of(place, every), port(ports)))


def port(text: str) -> Expression:
    """One port, a range of them, or any; with the colon before it."""
    low, _, high = text.replace("*", "1-65535").partition("-")
    return Seq((Text(":"), within(int(low), int(high or low), 1)))


def place_of(text: str, every: Chars) -> Expression:
    """A host without its port."""
    if text == "*":
        return Either((Seq((Text("n"), _labels(every))), *_ADDRESSES))
    bare = text.removeprefix("[").removesuffix("]")
    if re.fullmatch(r"\d+(\.\d+){3}(/\d+)?", bare):
        return _network("4", *_four(bare), 32)
    if ":" in bare:
        return _six(bare)
    labels = [LABELS.get(label, label) for label in text.lower().removesuffix(".").split(".")]
    below = [_labels(every), Text(".")] if labels[0] == "*" else []
    rest = [part for label in labels[bool(below) :] for part in (Text("."), glob(label, every))]
    return Seq((Text("n"), *below, *rest[1:]))


def _labels(every: Chars) -> Expression:
    label = Many(every, 1)
    return Seq((label, Many(Seq((Text("."), label)))))


def _network(kind: str, number: int, prefix: int, width: int) -> Expression:
    last = number | ((1 << (width - prefix)) - 1)
    return Seq((Text(kind), within(number, last, width // 16)))


def _four(text: str) -> tuple[int, int]:
    address, _, prefix = text.partition("/")
    return int.from_bytes(bytes(map(int, address.split(".")))), int(prefix or 32)


def _six(text: str) -> Expression:
    address, _, prefix = text.partition("/")
    number, bits = six(address), int(prefix or 128)
    if number >> 32 == 0xFFFF and bits >= 96:  # "an IPv4-mapped network is its IPv4 network"
        return _network("4", number & 0xFFFFFFFF, bits - 96, 32)
    return _network("6", number, bits, 128)


def six(text: str) -> int:
    """The number of an IPv6 address: hexadecimal groups, `::` for zeros, four decimals at the end."""
    head, gap, tail = text.partition("::")
    before, after = _groups(head), _groups(tail)
    zeros = [0] * (8 - len(before) - len(after)) if gap else []
    return int("".join(f"{group:04x}" for group in (*before, *zeros, *after)), 16)


def _groups(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(":") if text else ():
        if "." in part:
            found += divmod(_four(part)[0], 0x10000)
        else:
            found.append(int(part, 16))
    return found
