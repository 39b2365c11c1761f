"""The one door to Z3: an answer, or a reason why there is none. A failure is never `unsat`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import z3

from capwright_policy.booleans import Term
from capwright_policy.watch import Watch


@dataclass(frozen=True, slots=True)
class Sat:
    """There is a model."""

    model: z3.ModelRef


@dataclass(frozen=True, slots=True)
class Unsat:
    """There is none."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """The solver gave up, ran out of time or failed; `reason` is fit for a user."""

    reason: str


Answer = Sat | Unsat | Undecided


@dataclass(slots=True)
class Solver:
    """Answers satisfiability questions until `seconds` have passed since it was made, then is undecided.

    `watch` is told of each question.
    """

    seconds: float
    watch: Watch = field(default_factory=Watch)
    _started: float = field(default_factory=time.monotonic)

    def check(self, *formulas: z3.BoolRef) -> Answer:
        """Decide the conjunction of `formulas`."""
        answer = self._decide(formulas)
        self.watch.asked(formulas, answer)
        return answer

    def unwatched(self) -> Solver:
        """The same solver, with what is left of its time, and nobody who looks on."""
        return replace(self, watch=Watch())

    def settled(self, violation: Term) -> bool:
        """Whether there is nothing to decide: the violation is false, whatever the solver would say.

        Never where somebody looks on who wants to hear every question.
        """
        return violation is False and not self.watch.every

    def _decide(self, formulas: Sequence[z3.BoolRef]) -> Answer:
        left = self.seconds - (time.monotonic() - self._started)
        if left <= 0:
            return Undecided("the time limit of this run has passed; give the solver more time")
        solver = z3.SimpleSolver()  # made for many small questions: no portfolio of tactics to set up
        solver.set("timeout", max(1, int(left * 1000)))
        try:
            solver.add(*formulas)
            return self._answer(solver)
        except z3.Z3Exception as error:
            return Undecided(f"the solver failed: {error}")

    @staticmethod
    def _answer(solver: z3.Solver) -> Answer:
        result = solver.check()
        if result == z3.sat:
            return Sat(solver.model())
        if result == z3.unsat:
            return Unsat()
        return Undecided(f"the solver gave up: {solver.reason_unknown()}")
