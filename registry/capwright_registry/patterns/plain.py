"""Globs of one `*` and no class, found by what stands before it, whatever their number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

_PLAIN: Final = re.compile(r"([^*?\[\]]*)\*([^*?\[\]]*)\Z")
#: So many globs may share what stands before their `*`, and so many lengths may that have: a text is held
#: against each length and, where it starts alike, against each of these globs.
_ALIKE: Final = 4
_LENGTHS: Final = 8


class PlainGlobs:
    """Where globs lead to, by prefix. Made by `plain_globs`, for what can be found in a bounded time."""

    __slots__ = ("_by_prefix", "_lengths")

    def __init__(self, by_prefix: dict[str, list[tuple[str, int]]]) -> None:
        self._by_prefix = by_prefix
        self._lengths = sorted(set(map(len, by_prefix)))

    @property
    def lengths(self) -> int:
        """How many lengths of prefixes there are."""
        return len(self._lengths)

    def leading(self, text: str) -> Iterator[int]:
        """Where the globs lead that match `text` or, if that is a glob too, all that it matches.

        A `*` in the text can only be where such a glob has its own: its prefix and its suffix hold none.
        """
        for length in self._lengths:
            for suffix, to in self._by_prefix.get(text[:length], ()):
                if len(text) >= length + len(suffix) and text.endswith(suffix):
                    yield to


def plain_globs(globs: Sequence[Sequence[Any]]) -> PlainGlobs | None:
    """The globs (text, where to) as such; None where one is not plain, or they are too much alike."""
    by_prefix: dict[str, list[tuple[str, int]]] = {}
    for text, to in globs:
        parts = _PLAIN.match(text)
        if parts is None:
            return None
        alike = by_prefix.setdefault(parts[1], [])
        alike.append((parts[2], to))
        if len(alike) > _ALIKE:
            return None
    found = PlainGlobs(by_prefix)
    return found if found.lengths <= _LENGTHS else None
