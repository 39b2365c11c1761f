"""Differential fuzzing of conditions: three readings of each case, which must agree.

    python -m tests.bench.fuzz_conditions --cases 10000 --seed 1

The CEL library, `evaluate` and Z3 read the same condition on the same context, all three on every case;
a model of the condition and one of its negation are replayed by the first two (by the library where its
binding can hold the model's values). Prints counts, and how many cases had each operator, literal and
edge of a range. A disagreement is shrunk and raised, and so is a run of 1,000 cases that left one out.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Mapping

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


#: What a case may have, and the pattern that finds it in the text without its strings and comments.
FORMS: Mapping[str, str] = {
    **{
        sign: rf"(?<![<>=!&|]){re.escape(sign)}(?![=&|])"
        for sign in ("==", "!=", "<", "<=", ">", ">=", "!", "&&", "||", "?")
    },
    "in": r"\bin\b",
    "timestamp": r"\btimestamp\b",
    "bool literal": r"\b(true|false)\b",
    "hexadecimal": r"\b0x",
    "negative": r"(?<!-)-\s*\d",
    "enum": r"\b(region|zone|label)\b",
    "2^63-1": r"(?i)\b(00)?9223372036854775807\b|\b0x7f{15}\b",
    "-2^63": r"(?i)-\s*(00)?9223372036854775808\b|-\s*0x80{15}\b",
}
#: The same, found in the text as it is.
WRITTEN: Mapping[str, str] = {
    "zone offset": r"timestamp\(.[-\dT:.]+[-+](?!00:00)\d\d:\d\d",
    "part of a second": r"timestamp\(.[-\dT:]+\.\d",
    "year 1": r"timestamp\(.0001-",
    "year 9999": r"timestamp\(.9999-",
    "escape": r"\\[xXuU0-3abfnrtv]",
    "raw string": r"\b[rR]['\"]",
    "triple quotes": r"('''|\"\"\")",
    "beyond ASCII": r"[^\x00-\x7f]",
    "comment": r"// why",
}
_STRINGS = re.compile(r"""//[^\n]*|[rR]('''|""\"|'|").*?\1|('''|""\"|'|")(?:\\.|.)*?\2""", re.DOTALL)


def forms(text: str) -> Iterator[str]:
    """What a condition has in it."""
    bare = _STRINGS.sub("''", text)
    yield from (name for name, found in FORMS.items() if re.search(found, bare))
    yield from (name for name, found in WRITTEN.items() if re.search(found, text))


def run(count: int, start: int) -> tuple[Counter[str], Counter[str]]:
    """Compare and replay `count` distinct cases, drawn deterministically from `start`: answers, and forms."""
    counts: Counter[str] = Counter()
    seen: Counter[str] = Counter()

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
        seen.update(forms(case.text))

    fuzz()
    missing = sorted({*FORMS, *WRITTEN} - set(seen))
    assert count < 1_000 or not missing, f"no case had {', '.join(missing)}"
    return counts, seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts, seen = run(options.cases, options.seed)
    total = counts["true"] + counts["false"]
    shown = ", ".join(f"{counts[name]} {name}" for name in ("true", "false"))
    models = ", ".join(f"{counts[name]} {name}" for name in ("both ways", "always", "never"))
    print(f"{total} cases, no disagreement; on their contexts: {shown}; satisfiable: {models}")
    print("cases with " + ", ".join(f"`{name}` {seen[name]}" for name in (*FORMS, *WRITTEN)))


if __name__ == "__main__":
    main()
