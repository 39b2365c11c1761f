"""How much a question may cost before the answer is `TooComplex`."""

from __future__ import annotations

from typing import Final

from capwright_registry.patterns.elements import TooComplex

STEPS: Final = 200_000


class Budget:
    """Counts steps through automata; never lets a question run on for ever."""

    __slots__ = ("_left",)

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        """Raises `TooComplex` once more steps were spent than the budget holds."""
        self._left -= steps
        if self._left < 0:
            raise TooComplex("the patterns need more states than the budget allows")
