"""How much a question may cost before the answer is `TooComplex`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from capwright_registry.patterns.elements import Pattern, TooComplex

STEPS: Final = 200_000
A_CHARACTER: Final = 5
MOST: Final = 1_500_000


class Budget:
    """Counts steps through automata, and what is held in memory for them; no question runs on for ever."""

    __slots__ = ("_left",)

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        """Raises `TooComplex` once more steps were spent than the budget holds."""
        self._left -= steps
        if self._left < 0:
            raise TooComplex("the patterns need more states than the budget allows")


def budget_of(patterns: Iterable[Pattern]) -> Budget:
    """The budget of a question about these patterns: it grows with their length, up to a bound."""
    characters = sum(len(pattern.canonical) for pattern in patterns)
    return Budget(min(STEPS + A_CHARACTER * characters, MOST))
