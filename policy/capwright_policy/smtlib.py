"""Questions to the solver as SMT-LIB 2.6 scripts, which another solver can read and answer.

Most scripts ask for a violation: `unsat` says that the property holds; some look for what must be there, or
go on to a smaller counterexample. `:status` is what Z3 said, so that a solver that disagrees complains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import z3

from capwright_policy.solver import Answer, Sat, Unsat
from capwright_policy.watch import Watch


def script(formulas: Sequence[z3.BoolRef], answer: Answer, about: str) -> str:
    """One question as a script: the conjunction of `formulas`, with `about` as its source.

    Only Booleans and integers come up, so the logic is quantifier-free linear integer arithmetic.
    """
    solver = z3.SimpleSolver()
    solver.add(*formulas)
    said = "sat" if isinstance(answer, Sat) else "unsat" if isinstance(answer, Unsat) else "unknown"
    body = [line for line in solver.sexpr().splitlines() if line]
    head = ["(set-info :smt-lib-version 2.6)", "(set-logic QF_LIA)"]
    head += [f"(set-info :source |{about}|)", f"(set-info :status {said})"]
    return "\n".join([*head, *body, "(check-sat)", "(exit)"]) + "\n"


class Export(Watch):
    """Hands each question as a script to `write`, with the name of a file: `CHECK/0001.smt2`."""

    every = True

    def __init__(self, write: Callable[[str, str], None]) -> None:
        self._write = write
        self._check = ""
        self._count = 0

    def begins(self, check: str, number: int, of: int) -> None:
        """Questions are those of this check from now on."""
        del number, of
        self._check, self._count = check, 0

    def asked(self, formulas: Sequence[z3.BoolRef], answer: Answer) -> None:
        """Write the question."""
        self._count += 1
        about = f"capwright {self._check}, question {self._count}"
        self._write(f"{self._check}/{self._count:04}.smt2", script(formulas, answer, about))
