"""What the texts of one batch are made of: few characters, so that patterns meet each other and resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.support.pattern_oracle.alphabets import FOREIGN

DOMAINS: Final = ("path", "host", "url", "name", "argv")
_SIGNS: Final = "_,;!^]}~+=@#$&'\"(*?[\\"
_CHARS: Final[Mapping[str, str]] = {
    "path": f"aabbcAZ09..-- :{_SIGNS}{FOREIGN}",
    "host": "aabbcz019--__",
    "url": "aabbcAZ09..;-_~!$&'(*+,=:@ é[\"#?%",
    "name": f"aabbcAZ09--{_SIGNS}{FOREIGN}",
    "argv": f"aabbcAZ09..-- :/{_SIGNS}{FOREIGN}",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A vocabulary, and the random choices that are made with it."""

    random: Random
    domain: str
    chars: Sequence[str]
    literals: Sequence[str]
    numbers: Sequence[int]  # ports


def words(random: Random, domain: str) -> Words:
    """A small vocabulary of the domain."""
    chars = random.sample(_CHARS[domain], random.randint(3, 6))
    literals = ["".join(random.choices(chars, k=random.choice((1, 1, 2, 3)))) for _ in range(4)]
    number = random.choice((1, 80, 443, 65535, random.randint(1, 65535)))
    numbers = [n for n in (number - 1, number, number + 1, number | 255) if 0 < n < 65536]
    return Words(random, domain, chars, literals, numbers)
