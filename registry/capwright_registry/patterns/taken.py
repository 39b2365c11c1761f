"""Texts that are not to be found again: a walk along all of them at once, one character at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from typing import NamedTuple


class Ahead(NamedTuple):
    """The taken texts that start with the same `depth` characters: those from `first` up to `end`."""

    first: int
    end: int
    depth: int


class Taken:
    """The texts in order, so that those with one beginning stand together."""

    def __init__(self, texts: Collection[str]) -> None:
        self._texts = sorted(set(texts))

    @property
    def start(self) -> Ahead | None:
        """All of the texts; None where there are none."""
        return Ahead(0, len(self._texts), 0) if self._texts else None

    def ends(self, here: Ahead) -> bool:
        """Whether a text ends here."""
        return len(self._texts[here.first]) == here.depth

    def following(self, here: Ahead) -> dict[str, Ahead]:
        """The characters that texts go on with, and those texts."""
        found: dict[str, Ahead] = {}
        at = here.first + self.ends(here)
        while at < here.end:
            char = self._texts[at][here.depth]
            end = bisect_right(self._texts, char, at, here.end, key=lambda text: text[here.depth])
            found[char] = Ahead(at, end, here.depth + 1)
            at = end
        return found
