"""Who looks on while a verification runs. What it is told changes nothing of what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import z3

    from capwright_policy.solver import Answer


class Watch:
    """Told of each check that begins and each question that the solver was asked. This one does nothing.

    `every`: it wants to hear every question, also those that can be answered without the solver.
    """

    every = False

    def begins(self, check: str, number: int, of: int) -> None:
        """The check of that id begins, `number` (from 0) `of` all."""

    def asked(self, formulas: Sequence[z3.BoolRef], answer: Answer) -> None:
        """The solver was asked whether the conjunction of `formulas` can hold, and said `answer`."""


class Several(Watch):
    """Tells each of several others."""

    def __init__(self, *others: Watch) -> None:
        self._others = others
        self.every = any(other.every for other in others)

    def begins(self, check: str, number: int, of: int) -> None:
        """As `Watch`."""
        for other in self._others:
            other.begins(check, number, of)

    def asked(self, formulas: Sequence[z3.BoolRef], answer: Answer) -> None:
        """As `Watch`."""
        for other in self._others:
            other.asked(formulas, answer)
