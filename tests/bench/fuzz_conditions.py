"""Differential fuzzing of conditions: three readings of each case, which must agree.

    python -m tests.bench.fuzz_conditions --cases 10000 --seed 1

The CEL library, `evaluate` and Z3 read the same condition on the same context; a model of the condition and
one of its negation are replayed by the first two. Prints one line of counts; a disagreement is shrunk and
raised.
"""

from __future__ import annotations

import argparse
from collections import Counter

import z3
from hypothesis import HealthCheck, Phase, given, seed, settings

from capwright_policy.conditions_z3 import Symbols, to_z3
from capwright_registry.conditions import parse_condition
from capwright_registry.evaluate import evaluate
from tests.policy.test_conditions_z3 import solve, three
from tests.registry.condition_cases import DECLARED, Case, cases, oracle, oracle_reads


def compare(case: Case) -> str:
    """`true` or `false`, as all three readings say. Raises `AssertionError` where two differ."""
    return "true" if three(case.text, case.context) else "false"


def replay(case: Case) -> str:
    """Which of the condition and its negation have a model; each model replays in both concrete readings."""
    condition = parse_condition(case.text, DECLARED)
    symbols = Symbols(DECLARED, [condition])
    formula = to_z3(condition.ast, symbols)
    found = []
    for wanted, question in ((True, formula), (False, z3.Not(formula))):
        model = solve(symbols.domain, question)
        if model is not None:
            context = symbols.decode(model)
            assert evaluate(condition.ast, context) is wanted
            assert not oracle_reads(context) or oracle(case.text, context) is wanted
            found.append(wanted)
    return {(True, False): "both ways", (True,): "always", (False,): "never"}[tuple(found)]


def run(count: int, start: int) -> Counter[str]:
    """Compare and replay `count` distinct cases, drawn deterministically from `start`."""
    counts: Counter[str] = Counter()

    @seed(start)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def fuzz(case: Case) -> None:
        counts[compare(case)] += 1
        counts[replay(case)] += 1

    fuzz()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts = run(options.cases, options.seed)
    total = counts["true"] + counts["false"]
    shown = ", ".join(f"{counts[name]} {name}" for name in ("true", "false"))
    models = ", ".join(f"{counts[name]} {name}" for name in ("both ways", "always", "never"))
    print(f"{total} cases, no disagreement; on their contexts: {shown}; satisfiable: {models}")


if __name__ == "__main__":
    main()
