"""When a condition holds, where only a part of the context is known.

Conditions are the trees of `capwright_registry.conditions`. The solver is imported only for what a plain
evaluation cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from capwright_registry.capability import Capability
from capwright_registry.conditions import Condition, Variable
from capwright_registry.errors import InternalError
from capwright_registry.evaluate import evaluate

if TYPE_CHECKING:
    import z3

    from capwright_policy.contexts import Contexts

Tree: TypeAlias = tuple[object, ...]
Context: TypeAlias = Mapping[str, object]

TRUE: Tree = ("const", "bool", True)
FALSE: Tree = ("const", "bool", False)
_MICROSECONDS = 1_000_000
_SECONDS = 10.0  # conditions are small; one that takes longer is answered with an error, never with a guess


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether a condition can hold, and whether it always does, in the contexts that are still possible.

    `witness` is one whole context in which it holds, as far as it was needed; `None` if there is none.
    """

    witness: Context | None
    always: bool

    @property
    def possible(self) -> bool:
        """Whether it holds in some context."""
        return self.witness is not None


def holding(tree: Tree, given: Context, variables: Mapping[str, Variable]) -> Holding:
    """When `tree` holds in the contexts that agree with `given`.

    Raises `InternalError` where the solver cannot tell.
    """
    used = names(tree)
    if used <= given.keys():
        holds = evaluate(tree, given)
        return Holding({name: given[name] for name in used} if holds else None, holds)
    return _solved(tree, given, variables)


def guard(capability: Capability) -> Tree:
    """When a capability holds: its condition, before its end."""
    until: Tree = TRUE
    if capability.until is not None:
        end = str(int(capability.until.timestamp()) * _MICROSECONDS)
        until = ("lt", ("var", "now", "timestamp"), ("const", "timestamp", end))
    return every((TRUE if capability.when is None else capability.when.ast, until))


def every(trees: Iterable[Tree]) -> Tree:
    """The conjunction; true for none."""
    return _joined("and", trees, TRUE, FALSE)


def some(trees: Iterable[Tree]) -> Tree:
    """The disjunction; false for none."""
    return _joined("or", trees, FALSE, TRUE)


def negated(tree: Tree) -> Tree:
    """The negation."""
    return {TRUE: FALSE, FALSE: TRUE}.get(tree, ("not", tree))


def names(tree: Tree) -> frozenset[str]:
    """The variables that a tree mentions."""
    return frozenset(_names(tree))


def _names(tree: Tree) -> Iterator[str]:
    if tree[0] == "var":
        yield str(tree[1])
    elif tree[0] != "const":
        for part in tree[1:]:
            if isinstance(part, tuple):
                yield from _names(part)


def _joined(operation: str, trees: Iterable[Tree], neutral: Tree, decisive: Tree) -> Tree:
    rest = dict.fromkeys(tree for tree in trees if tree != neutral)
    if decisive in rest:
        return decisive
    return next(iter(rest), neutral) if len(rest) < 2 else (operation, *rest)


def _solved(tree: Tree, given: Context, variables: Mapping[str, Variable]) -> Holding:
    from capwright_policy.contexts import Contexts

    fixed = every(_equal(variables[name], value) for name, value in given.items() if name in variables)
    trees = (tree, fixed, negated(tree))
    contexts = Contexts(variables, [Condition("", t, names(t)) for t in trees])
    witness = _model(contexts, every((tree, fixed)))
    used = names(tree)
    shown = None if witness is None else {n: v for n, v in witness.items() if n in used}
    return Holding(shown, witness is not None and _model(contexts, every((negated(tree), fixed))) is None)


def _equal(variable: Variable, value: object) -> Tree:
    leaf: Tree = ("var", variable.name, variable.type)
    leaf += (variable.values,) if variable.type == "enum" else ()
    leaf += (str(variable.minimum),) if variable.type == "int" else ()
    kind = "string" if variable.type == "enum" else variable.type
    written = str(value) if kind in ("int", "timestamp") else value
    return ("eq", leaf, ("const", kind, written))


def _model(contexts: Contexts, tree: Tree) -> dict[str, object] | None:
    from capwright_policy.conditions_z3 import to_z3
    from capwright_policy.solver import Sat, Solver, Unsat

    formula: z3.BoolRef = to_z3(tree, contexts.own.symbols)
    answer = Solver(_SECONDS).check(contexts.domain(), formula)
    if isinstance(answer, Sat):
        return contexts.decode(answer.model)
    if isinstance(answer, Unsat):
        return None
    raise InternalError(f"the condition could not be decided: {answer.reason}")
