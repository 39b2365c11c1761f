"""Conditions and ends, the contexts in which a question is asked, and the solver's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import z3

from capwright_policy import conditions_z3, questions, unmet
from capwright_policy.checks import syntactic
from capwright_policy.conditions_z3 import Symbols
from capwright_policy.contexts import Contexts, Reading
from capwright_policy.least import least
from capwright_policy.solver import Answer, Solver, Unsat
from capwright_registry.conditions import Variable
from tests.soundness.probe import Patch, original, probe


@probe(
    "encoding",
    *("grant-over-scope", "deputy", "spawn-amplifies", "exec-is-everything"),
    *("rewrite-deputy", "fail-open-hook", "request-over-grant"),
)
def conditions_always_hold(patch: Patch) -> None:
    """A capability with a condition counts in every context."""
    real = Reading.guard
    patch.setattr(Reading, "guard", lambda self, c: real(self, replace(c, when=None)))


@probe("encoding", "grant-over-scope", "fail-open-hook")
def nothing_ends(patch: Patch) -> None:
    """A capability counts past its `until`."""
    real = Reading.guard
    patch.setattr(Reading, "guard", lambda self, c: real(self, replace(c, until=None)))


@probe("encoding", "grant-over-scope")
def ends_are_read_to_the_day(patch: Patch) -> None:
    """An end at any time of a day is read as the end of that day's first second."""

    def guard(self: Reading, capability: Any) -> Any:
        end = capability.until.replace(hour=0, minute=0, second=0) if capability.until else None
        return real(self, replace(capability, until=end))

    real = Reading._guard
    patch.setattr(Reading, "_guard", guard)


def _operation(patch: Patch, **other: Any) -> None:
    known = MappingProxyType({**conditions_z3._OPERATIONS, **other})
    patch.setattr(conditions_z3, "_OPERATIONS", known)


@probe("encoding", "delegation-over-parent", "spawn-amplifies")
def at_most_is_read_as_less(patch: Patch) -> None:
    """`<=` is read as `<`: a condition ends one level, or one second, too early."""
    _operation(patch, le=lambda left, right: left < right)


@probe("encoding", "delegation-over-parent", "deputy")
def less_is_read_as_at_most(patch: Patch) -> None:
    """`<` is read as `<=`: a condition holds one level, or one second, too long."""
    _operation(patch, lt=lambda left, right: left <= right)


@probe("encoding", "grant-over-scope")
def one_of_is_read_as_the_first_of(patch: Patch) -> None:
    """`in` compares with the first of the list only."""
    _operation(patch, **{"in": lambda item, *options: item == options[0]})


@probe("encoding", "grant-over-scope")
def not_is_dropped_before_a_comparison(patch: Patch) -> None:
    """`!=` is read as `==`."""
    _operation(patch, **{"not": lambda operand: operand if z3.is_eq(operand) else z3.Not(operand)})


@probe("encoding", "grant-over-scope", "deputy", "policy-write", "toxic-flow")
def only_the_first_context_is_asked_about(patch: Patch) -> None:
    """The question is put in the context in which every variable has its least value, and in no other."""
    real = Symbols.__init__

    def init(self: Symbols, variables: Mapping[str, Variable], *args: Any, **named: Any) -> None:
        real(self, variables, *args, **named)
        model = least(self.constants, [self.domain], Solver(60))
        assert isinstance(model, z3.ModelRef)
        first = (c == model.eval(c, model_completion=True) for c in self.constants.values())
        self.domain = z3.And(self.domain, *first)

    patch.setattr(Symbols, "__init__", init)


@probe("encoding", "grant-over-scope")
def a_text_is_one_that_some_condition_names(patch: Patch) -> None:
    """Of a variable that may be any text only those are looked at that stand in a condition."""
    real = Symbols._allowed

    def allowed(self: Symbols, variable: Variable) -> z3.BoolRef:
        if variable.type != "string" or not self._strings:
            return real(self, variable)
        constant: Any = self.constants[variable.name]
        return z3.And(constant >= 0, constant < len(self._strings))

    patch.setattr(Symbols, "_allowed", allowed)


@probe("encoding", "deputy", "spawn-amplifies", "exec-is-everything")
def nobody_approves(patch: Patch) -> None:
    """`approved` is taken to be false: what an `ask` lets happen does not happen."""
    real = Symbols._allowed

    def allowed(self: Symbols, variable: Variable) -> z3.BoolRef:
        here = real(self, variable)
        return z3.Not(self.constants["approved"]) if variable.name == "approved" else here

    patch.setattr(Symbols, "_allowed", allowed)


@probe(
    "encoding",
    *("never-grantable", "unmediated-effect", "budget-growth", "shadowed-identity", "unpinned"),
    *("api-incompatible", "artifact-drift", "descriptor-drift", "ambient-import", "ambient-process"),
    *("toxic-flow", "rewrite-after-check", "exec-is-everything"),
)
def a_solver_that_gives_up_has_proved_it(patch: Patch) -> None:
    """Every answer of the solver is that there is no counterexample."""

    def check(self: Solver, *formulas: Any) -> Answer:
        return Unsat()

    patch.setattr(Solver, "check", check)


@probe("encoding", "grant-over-scope")
def a_later_action_clears_one_that_cannot_be_told(patch: Patch) -> None:
    """An action that could not be decided is forgotten once a later one is included."""

    def included(question: Any, contexts: Contexts, solver: Solver) -> Any:
        result: Any = questions.Included()
        for action in question.inner.actions():
            result = questions._action_included(question, action, contexts, solver)
            if isinstance(result, questions.Exceeds):
                return result
        return result

    patch.setattr("capwright_policy.checks.inclusion.included", included)


@probe("encoding", "unpinned", "api-incompatible", "descriptor-drift", "artifact-drift")
def only_the_first_claim_is_asked_about(patch: Patch) -> None:
    """Of all claims that are asked about as one, the first alone stands in the formula."""
    patch.setattr(syntactic, "disj", lambda terms: next(iter(terms), False))


@probe("encoding", "request-over-grant")
def one_class_that_is_granted_is_enough(patch: Patch) -> None:
    """A request counts as met once one class of its resources is granted."""
    real = original(unmet, "space_of")

    def space_of(*args: Any) -> Any:
        space = real(*args)
        return replace(space, atoms=space.atoms[:1])

    patch.setattr(unmet, "space_of", space_of)


@probe("encoding", "request-over-grant")
def what_is_withheld_was_not_granted(patch: Patch) -> None:
    """An exception that the operator makes on purpose leaves a request unmet."""
    real = original(unmet, "replace")
    patch.setattr(unmet, "replace", lambda c, **changed: c if "except_" in changed else real(c, **changed))


@probe("encoding", "request-over-grant")
def granted_sometime_is_granted(patch: Patch) -> None:
    """A request counts as met where the grant holds in contexts other than those in which it is asked for."""
    real = unmet._missing

    def missing(encoder: Any, atom: Any, asked: Any, given: Any, contexts: Any, solver: Any) -> Any:
        if encoder.within(given, atom) is not False:
            return None
        return real(encoder, atom, asked, given, contexts, solver)

    patch.setattr(unmet, "_missing", missing)
