"""A short list of exceptions in place of a long one: what a person is to read and to keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from capwright_registry.patterns import Pattern, Region, TooComplex, includes, parse

#: Every file with a hidden name, and all that is in a folder of one.
HIDDEN: Final = "**/.*/**"
_MANY: Final = 8


def shortened(exceptions: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """Exceptions that leave out at least as much, in the same order.

    Those that another one covers go. More than a few of hidden names become the one of all hidden names: most
    of what governs is hidden, and a list of sixty is not read.
    """
    try:
        return _without_covered(_without_hidden(exceptions))
    except TooComplex:
        return tuple(dict.fromkeys(exceptions))


def _without_hidden(exceptions: Sequence[Pattern]) -> list[Pattern]:
    all_hidden = parse("path", HIDDEN)
    hidden = {p for p in exceptions if p.domain == "path" and _covers((all_hidden,), p)}
    if len(hidden) <= _MANY:
        return list(exceptions)
    return list(dict.fromkeys(all_hidden if pattern in hidden else pattern for pattern in exceptions))


def _without_covered(exceptions: Sequence[Pattern]) -> tuple[Pattern, ...]:
    kept = list(dict.fromkeys(exceptions))
    for pattern in exceptions:
        others = tuple(other for other in kept if other != pattern)
        if pattern in kept and _covers(others, pattern):
            kept.remove(pattern)
    return tuple(kept)


def _covers(patterns: tuple[Pattern, ...], one: Pattern) -> bool:
    return bool(patterns) and includes(Region(patterns), Region((one,)))
