"""The type checker of the subset: from CEL's syntax tree to the condition's own tree.

What it lets through has one meaning for every context of the declared variables: no operation of the subset
can fail. The rules and the shapes of the result are those of `specs/conditions.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from capwright_registry.conditions import refusals
from capwright_registry.conditions.model import MAX_DEPTH, MAX_NODES, Variable
from capwright_registry.conditions.syntax import Node
from capwright_registry.conditions.timestamps import microseconds

Ast: TypeAlias = tuple[object, ...]

# operator -> (name in the tree, operands swapped)
_ORDERS = {"_<_": ("lt", False), "_<=_": ("le", False), "_>_": ("lt", True), "_>=_": ("le", True)}


@dataclass(frozen=True, slots=True)
class Typed:
    """A checked expression. `values` are those of an enum variable, empty for everything else."""

    ast: Ast
    type: str
    offset: int
    values: tuple[str, ...] = ()


class Checker:
    """Checks one condition. `names` collects the variables that it uses."""

    def __init__(self, text: str, declared: Mapping[str, Variable]) -> None:
        self._text = text
        self._declared = declared
        self._nodes = 0
        self._calls: Mapping[str, Callable[[Node, int], Typed]] = {
            "_&&_": self._junction,
            "_||_": self._junction,
            "!_": self._negation,
            "_?_:_": self._choice,
            "_==_": self._equality,
            "_!=_": self._equality,
            "@in": self._membership,
            "timestamp": self._timestamp,
            **dict.fromkeys(_ORDERS, self._order),
        }
        self.names: set[str] = set()

    def condition(self, node: Node) -> Ast:
        """The tree of the whole condition. Raises `ConditionError` where it leaves the subset."""
        return self._bool(node, 1)

    def _expression(self, node: Node, depth: int) -> Typed:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise refusals.too_many_nodes(node.offset)
        if depth > MAX_DEPTH:
            raise refusals.too_deep(node.offset)
        if node.kind == "const":
            return _constant(node)
        if node.kind == "name":
            return self._variable(node)
        if node.kind == "call" and node.name in self._calls:
            return self._calls[node.name](node, depth + 1)
        raise refusals.outside_the_subset(node, self._text)

    def _bool(self, node: Node, depth: int) -> Ast:
        typed = self._expression(node, depth)
        if typed.type != "bool":
            raise refusals.not_a_bool(typed.type, node.offset)
        return typed.ast

    def _variable(self, node: Node) -> Typed:
        variable = self._declared.get(node.name)
        if variable is None:
            raise refusals.unknown_variable(node.name, self._declared, node.offset)
        self.names.add(node.name)
        leaf: Ast = ("var", node.name, variable.type)
        if variable.type == "enum":
            return Typed((*leaf, variable.values), "string", node.offset, variable.values)
        if variable.type == "int":
            leaf = (*leaf, str(variable.minimum))
        return Typed(leaf, variable.type, node.offset)

    def _junction(self, node: Node, depth: int) -> Typed:
        name = "and" if node.name == "_&&_" else "or"
        operands = [self._bool(part, depth) for part in node.parts]
        flat = [item for ast in operands for item in (ast[1:] if ast[0] == name else (ast,))]
        return Typed((name, *flat), "bool", node.offset)

    def _negation(self, node: Node, depth: int) -> Typed:
        return Typed(("not", self._bool(node.parts[0], depth)), "bool", node.offset)

    def _choice(self, node: Node, depth: int) -> Typed:
        return Typed(("if", *(self._bool(part, depth) for part in node.parts)), "bool", node.offset)

    def _equality(self, node: Node, depth: int) -> Typed:
        left, right = (self._expression(part, depth) for part in node.parts)
        if left.type != right.type:
            raise refusals.mixed_types(node, left.type, right.type)
        _check_values(left.values, [right])
        _check_values(right.values, [left])
        equal: Ast = ("eq", left.ast, right.ast)
        return Typed(equal if node.name == "_==_" else ("not", equal), "bool", node.offset)

    def _order(self, node: Node, depth: int) -> Typed:
        left, right = (self._expression(part, depth) for part in node.parts)
        if left.type != right.type:
            raise refusals.mixed_types(node, left.type, right.type)
        if left.type not in ("int", "timestamp"):
            raise refusals.no_order(node, left.type)
        name, swapped = _ORDERS[node.name]
        operands = (right.ast, left.ast) if swapped else (left.ast, right.ast)
        return Typed((name, *operands), "bool", node.offset)

    def _membership(self, node: Node, depth: int) -> Typed:
        item, options = node.parts[0], node.parts[1]
        left = self._expression(item, depth)
        if options.kind != "list":
            raise refusals.not_a_list(options.offset)
        if left.type not in ("int", "string"):
            raise refusals.no_membership(left.type, node.offset)
        literals = [self._expression(part, depth) for part in options.parts]
        _check_literals(literals, left.type, options.offset)
        _check_values(left.values, literals)
        return Typed(("in", left.ast, *(literal.ast for literal in literals)), "bool", node.offset)

    def _timestamp(self, node: Node, _depth: int) -> Typed:
        argument = node.parts[0] if len(node.parts) == 1 else None
        if argument is None or argument.kind != "const" or not isinstance(argument.value, str):
            raise refusals.not_a_timestamp_literal(node, self._text)
        try:
            instant = microseconds(argument.value)
        except ValueError as error:
            raise refusals.bad_timestamp(str(error), argument.offset) from None
        return Typed(("const", "timestamp", str(instant)), "timestamp", node.offset)


def _constant(node: Node) -> Typed:
    if node.value is None:
        raise refusals.bad_constant(node)
    value = str(node.value) if node.name == "int" else node.value
    return Typed(("const", node.name, value), node.name, node.offset)


def _check_literals(literals: Sequence[Typed], wanted: str, offset: int) -> None:
    if not literals:
        raise refusals.empty_list(offset)
    for literal in literals:
        if literal.ast[0] != "const":
            raise refusals.not_a_literal(literal.offset)
        if literal.type != wanted:
            raise refusals.mixed_list(literal.type, wanted, literal.offset)


def _check_values(values: tuple[str, ...], others: Sequence[Typed]) -> None:
    for other in others if values else ():
        if other.ast[0] == "const" and other.ast[2] not in values:
            raise refusals.not_a_value(str(other.ast[2]), values, other.offset)
