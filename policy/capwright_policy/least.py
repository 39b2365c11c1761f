"""One model of many that does not depend on how the solver came to it, so that a proof is always the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import z3

from capwright_policy.solver import Sat, Solver, Undecided, Unsat


def least(
    constants: Mapping[str, z3.ExprRef], formulas: Sequence[z3.BoolRef], solver: Solver
) -> z3.ModelRef | Undecided:
    """The model of `formulas` in which each constant, by name, is false, or as near to 0 as it can be.

    `formulas` have a model; of two numbers as near, the positive one counts.
    """
    fixed = list(formulas)
    for name in sorted(constants):
        constant = constants[name]
        wanted = z3.Not(constant) if z3.is_bool(constant) else constant == 0
        answer = solver.check(*fixed, wanted)
        if isinstance(answer, Unsat):
            found = constant if z3.is_bool(constant) else _nearest(constant, fixed, solver)
            if isinstance(found, Undecided):
                return found
            wanted = found
        elif not isinstance(answer, Sat):
            return answer
        fixed.append(wanted)
    last = solver.check(*fixed)
    return last.model if isinstance(last, Sat) else _gave_up(last)


def _nearest(constant: z3.ExprRef, fixed: Sequence[z3.BoolRef], solver: Solver) -> z3.BoolRef | Undecided:
    """The constant at its value nearest to 0, which it cannot be."""
    answer = solver.check(*fixed)
    if not isinstance(answer, Sat):
        return _gave_up(answer)
    low, high = 1, abs(_value(answer.model, constant))
    while low < high:
        middle = (low + high) // 2
        answer = solver.check(*fixed, constant <= middle, constant >= -middle)
        if isinstance(answer, Sat):
            high = abs(_value(answer.model, constant))
        elif isinstance(answer, Unsat):
            low = middle + 1
        else:
            return answer
    positive: z3.BoolRef = constant == high
    answer = solver.check(*fixed, positive)
    if isinstance(answer, Undecided):
        return answer
    return positive if isinstance(answer, Sat) else constant == -high


def _value(model: z3.ModelRef, constant: z3.ExprRef) -> int:
    return int(model.eval(constant, model_completion=True).as_long())


def _gave_up(answer: Unsat | Undecided) -> Undecided:
    return (
        answer if isinstance(answer, Undecided) else Undecided("a combination of conditions came to nothing")
    )
