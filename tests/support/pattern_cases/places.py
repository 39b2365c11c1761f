"""Random texts of host patterns: names, addresses and networks near each other, and ports."""

from __future__ import annotations

import ipaddress
from typing import Final

from tests.support.pattern_cases.globs import glob
from tests.support.pattern_cases.vocabulary import Words
from tests.support.pattern_oracle.places import LABELS

#: Networks of which one is what another leaves over, but for the addresses that are IPv4 ones.
_AROUND_MAPPED: Final = ("[::fffe:0:0/95]", "[::fffe:0:0/96]", "[::ffff:0:0/96]", "[::/0]")


def host(words: Words) -> str:
    """A host and its port."""
    return f"{place(words)}:{port(words)}"


def port(words: Words) -> str:
    """A port, a range, or any."""
    low, high = sorted(words.random.choices(words.numbers, k=2))
    return words.random.choice((str(low), str(high), f"{low}-{high}", "*", "1-65535"))


def place(words: Words) -> str:
    """A host without its port."""
    random = words.random
    kind = random.choices(("name", "any", "4", "6"), (6, 1, 2, 2))[0]
    if kind == "name":
        labels = [_label(words) for _ in range(random.choice((1, 2, 2, 3)))]
        return ".".join([*random.choice(([], [], ["*"])), *labels]) + random.choice(("", "", "", "."))
    return "*" if kind == "any" else _four(words) if kind == "4" else _six(words)


def _label(words: Words) -> str:
    kind = words.random.random()
    if kind < 0.45:
        label = words.random.choice(words.literals)
        return label.upper() if kind < 0.1 else label
    return words.random.choice(list(LABELS)) if kind > 0.95 else glob(words.random, words.chars)


def _four(words: Words) -> str:
    number, prefix = _network(words, 32)
    text = str(ipaddress.IPv4Address(number))
    if prefix == 32 and words.random.random() < 0.8:
        return text
    return words.random.choice((f"{text}/{prefix}", f"[{text}/{prefix}]"))


def _six(words: Words) -> str:
    if words.random.random() < 0.2:
        return words.random.choice(_AROUND_MAPPED)
    number, prefix = _network(words, 128)
    if words.random.random() < 0.3:  # mapped, or nearly so
        prefix = words.random.randint(90, 128)
        number = (0xFFFF << 32 | number & 0xFFFFFFFF) >> (128 - prefix) << (128 - prefix)
    address = ipaddress.IPv6Address(number)
    text = words.random.choice((address.compressed, address.compressed, address.exploded))
    if number >> 32 == 0xFFFF:
        text = words.random.choice((f"::ffff:{ipaddress.IPv4Address(number & 0xFFFFFFFF)}", text))
    return f"[{text}]" if prefix == 128 and words.random.random() < 0.8 else f"[{text}/{prefix}]"


def _network(words: Words, bits: int) -> tuple[int, int]:
    """An address near others of the batch, without the bits beyond its prefix."""
    few = (bits, bits, bits - 1, bits - 2, bits - 8, bits // 4, 0, words.random.randint(0, bits))
    prefix = words.random.choice(few)
    salt = words.numbers[0] % 5
    base = (0, 0x0A000000 + salt, 0xC0000201, 0xFFFF << 32, 0x20010DB8 << 96, (1 << 128) - 1)
    number = (words.random.choice(base) ^ (1 << words.random.randrange(bits)) + salt) % (1 << bits)
    return number >> (bits - prefix) << (bits - prefix), prefix
