"""Boolean connectives over Z3 terms and Python truth values, folded where a truth value decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import z3

Term: TypeAlias = z3.BoolRef | bool


def conj(terms: Iterable[Term]) -> Term:
    """The conjunction; true for none."""
    rest: list[z3.BoolRef] = []
    for term in terms:
        if term is False:
            return False
        if term is not True:
            rest.append(term)
    return (z3.And(rest) if len(rest) > 1 else rest[0]) if rest else True


def disj(terms: Iterable[Term]) -> Term:
    """The disjunction; false for none."""
    rest: list[z3.BoolRef] = []
    for term in terms:
        if term is True:
            return True
        if term is not False:
            rest.append(term)
    return (z3.Or(rest) if len(rest) > 1 else rest[0]) if rest else False


def neg(term: Term) -> Term:
    """The negation."""
    return (not term) if isinstance(term, bool) else z3.Not(term)


def lift(term: Term) -> z3.BoolRef:
    """A Z3 term, for the solver."""
    return z3.BoolVal(term) if isinstance(term, bool) else term
