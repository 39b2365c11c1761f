"""The least counterexample: atoms come shortest witness first, so the least atom is the most readable one."""

from __future__ import annotations

import z3

from capwright_policy.solver import Answer, Sat, Solver


def least(number: z3.ArithRef, solver: Solver, *formulas: z3.BoolRef) -> Answer:
    """The answer to `formulas`; a model gives `number` its least value, so that every machine shows the same.

    Where the solver gives up on the way down, the least value so far stands: it is a counterexample too.
    """
    answer = solver.check(*formulas)
    while isinstance(answer, Sat):
        lower = solver.check(*formulas, number < answer.model.eval(number, model_completion=True))
        if not isinstance(lower, Sat):
            return answer
        answer = lower
    return answer
