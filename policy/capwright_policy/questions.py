"""Inclusion questions: is every effect of one authority within another, in every context?

Source: the attenuation and least-authority guarantees G1 and G2 of the design. `included` is unsat iff the
property holds: the formula says that some atom and context are within `inner` and not within `outer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import z3

from capwright_policy.authority import Authority
from capwright_policy.booleans import Term, conj, disj, lift, neg
from capwright_policy.contexts import Contexts
from capwright_policy.encoding import Encoder
from capwright_policy.minimal import least
from capwright_policy.solver import Sat, Solver, Undecided, Unsat
from capwright_policy.spaces import Space, space_of
from capwright_registry.patterns import TooComplex


@dataclass(frozen=True, slots=True)
class Case:
    """One concrete effect in one concrete context."""

    action: str
    resource: str
    context: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """Is `inner` within `outer`, whatever the context?

    `outer_is_parent`: `outer` is read in the parent's context, one level of `depth` above (delegations).
    `outer_shrinks`: what stands outside may have been narrowed at run time to any subset (`any-subset`);
    `inner_follows`: the inner side is narrowed along with it.
    `disjoint`: the question is instead whether `inner` keeps clear of `outer`.
    """

    inner: Authority
    outer: Authority
    outer_is_parent: bool = False
    outer_shrinks: bool = False
    inner_follows: bool = False
    disjoint: bool = False


@dataclass(frozen=True, slots=True)
class Included:
    """Proved."""


@dataclass(frozen=True, slots=True)
class Exceeds:
    """Refuted by `case`; `narrowed` says that it needs a run-time choice which leaves the resource out."""

    case: Case
    narrowed: bool = False


Outcome = Included | Exceeds | Undecided

# A context variable's name holds no `#`: no document can name, and so constrain, these constants.
_ATOM = z3.Int("#atom")
_KEPT = z3.Bool("#kept")


def included(question: Question, contexts: Contexts, solver: Solver) -> Outcome:
    """Decide the question, an action at a time; the first action that exceeds gives the counterexample.

    An action that cannot be decided hides none that exceeds, and is never passed over as included.
    A counterexample that needs no choice at run time is preferred to one that does.
    """
    if question.outer_shrinks and not question.inner_follows:
        fixed = included(replace(question, outer_shrinks=False), contexts, solver)
        if not isinstance(fixed, Included):
            return fixed
    result: Outcome = Included()
    for action in question.inner.actions():
        outcome = _action_included(question, action, contexts, solver)
        if isinstance(outcome, Exceeds):
            return outcome
        result = outcome if isinstance(outcome, Undecided) else result
    return result


def _action_included(question: Question, action: str, contexts: Contexts, solver: Solver) -> Outcome:
    try:
        space = space_of(action, (question.inner, question.outer))
    except TooComplex as error:
        return Undecided(str(error))
    violation = _violation(question, space, contexts)
    if solver.settled(violation):  # every atom has been gone through, and no condition bears on the answer
        return Included()
    answer = least(_ATOM, solver, contexts.domain(question.outer_is_parent), lift(violation))
    if isinstance(answer, Unsat):
        return Included()
    if isinstance(answer, Sat):
        return _decode(answer.model, space, contexts)
    return answer


def _violation(question: Question, space: Space, contexts: Contexts) -> Term:
    """Some atom is within `inner` and not within `outer`; false itself where no condition bears on it."""
    inner = Encoder(space, contexts.own)
    outer = Encoder(space, contexts.parent if question.outer_is_parent else contexts.own)
    kept: Term = _KEPT if question.outer_shrinks else True
    found: list[Term] = []
    for number, atom in enumerate(space.atoms):
        within = inner.within(question.inner, atom)
        if within is not False:
            bad = _bad(question, conj((outer.within(question.outer, atom), kept)))
            wrong = conj((within, kept if question.inner_follows else True, bad))
            found.append(conj((_ATOM == number, wrong)) if wrong is not False else False)
    return disj(found)


def _bad(question: Question, outside: Term) -> Term:
    return outside if question.disjoint else neg(outside)


def _decode(model: z3.ModelRef, space: Space, contexts: Contexts) -> Exceeds:
    atom = space.atoms[model.eval(_ATOM, model_completion=True).as_long()]
    narrowed = z3.is_false(model.eval(_KEPT, model_completion=False))
    return Exceeds(Case(space.action, atom.witness, contexts.decode(model)), narrowed)
