"""Questions about sets of resources, put to Z3's theory of regular expressions.

Each question has a context of its own and a limit on Z3's resources, not on time, so that its answer is the
same wherever and however often it is asked. `test_oracle.py` asks what is known, for an oracle that finds
nothing agrees with everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import z3

from tests.support.pattern_oracle.alphabets import FINITE
from tests.support.pattern_oracle.expression import joined, smt, unquoted
from tests.support.pattern_oracle.reading import NO_ROOTS, read
from tests.support.pattern_oracle.universe import universe

LIMIT: Final = 3_000_000
_NOTHING: Final = "re.none"


@dataclass(frozen=True, slots=True)
class Set:
    """What some pattern of `on` matches and none of `except_` does, the patterns as text."""

    on: tuple[str, ...]
    except_: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """`verdict` is `sat`, `unsat` or `unknown`; with `sat` comes a word that satisfies."""

    verdict: str
    word: str = ""


def ask(
    domain: str,
    within: Sequence[Set],
    without: Sequence[Set],
    roots: Mapping[str, str] = NO_ROOTS,
    limit: int = LIMIT,
) -> Answer:
    """Whether a resource is in all sets of `within` and in none of `without`."""
    kept = [_term(domain, one, roots) for one in within]
    left_out = [f"(re.comp {_term(domain, one, roots)})" for one in without]
    return solve(joined("re.inter", [_resources(domain), *kept, *left_out], _NOTHING), limit)


@cache
def _resources(domain: str) -> str:
    shape, refused = universe(domain, FINITE[domain])
    return f"(re.diff {smt(shape)} {smt(refused)})"


def _term(domain: str, one: Set, roots: Mapping[str, str]) -> str:
    on, except_ = (
        joined("re.union", (smt(read(domain, text, FINITE[domain], roots)) for text in texts), _NOTHING)
        for texts in (one.on, one.except_)
    )
    return f"(re.diff {on} {except_})" if one.except_ else on


def solve(term: str, limit: int = LIMIT) -> Answer:
    """Whether the regular expression, as SMT-LIB text, has a word."""
    solver = z3.Solver(ctx=z3.Context())
    solver.set("rlimit", limit)
    solver.from_string(f"(declare-const word String)(assert (str.in_re word {term}))")
    verdict = solver.check()
    if verdict != z3.sat:
        return Answer(str(verdict))
    model = solver.model()
    # A word that Z3 leaves open may be anything at all, the empty one included.
    return Answer("sat", unquoted(model[model.decls()[0]].as_string()) if len(model) else "")
