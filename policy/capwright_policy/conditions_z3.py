"""The second reading of conditions: formulas over Z3 constants, and models read back as contexts.

No string theory. Conditions tell strings apart by equality alone, so each literal gets an integer code, and
every code past the last literal stands for a string of its own that no condition mentions: exact, and
decidable by linear arithmetic. Timestamps are microseconds, as in `capwright_registry.evaluate`, the first
reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import z3

from capwright_registry.conditions import INT_HIGH, TIME_HIGH, TIME_LOW, Condition, Variable
from capwright_registry.errors import InternalError


class Symbols:
    """The Z3 constants of one context.

    `constants` maps each declared variable to its constant: bool to Bool, all else to Int. `domain` holds
    exactly on the contexts that `evaluate` accepts; whatever is solved must include it, or a model may not
    decode. `conditions` are all that will be translated with these symbols.
    """

    def __init__(
        self,
        variables: Mapping[str, Variable],
        conditions: Iterable[Condition] = (),
        *,
        suffix: str = "",
        overrides: Mapping[str, z3.ExprRef] = MappingProxyType({}),
    ) -> None:
        unknown = sorted(set(overrides) - set(variables))
        if unknown:
            raise InternalError(f"no such variable to override: {', '.join(unknown)}")
        self._variables = variables
        self._conditions = tuple(conditions)
        self._strings = _strings(variables.values(), self._conditions)
        self._codes = {string: code for code, string in enumerate(self._strings)}
        self.constants: Mapping[str, z3.ExprRef] = MappingProxyType(
            {name: overrides.get(name, _constant(variable, suffix)) for name, variable in variables.items()}
        )
        self.domain: z3.BoolRef = z3.And([self._allowed(variable) for variable in variables.values()])

    def copy(self, suffix: str, overrides: Mapping[str, z3.ExprRef] = MappingProxyType({})) -> Symbols:
        """A second context beside this one, with the same codes, so that constants of both may be compared.

        `suffix` keeps its constants apart. `overrides` ties variables of the copy to terms:
        `{"depth": child.constants["depth"] - 1}` makes it the parent's context.
        """
        return Symbols(self._variables, self._conditions, suffix=suffix, overrides=overrides)

    def constant(self, name: str) -> z3.ExprRef:
        """The constant of a variable. Raises `InternalError` for one that is not declared."""
        if name not in self.constants:
            raise InternalError(f"the variable `{name}` is missing from the symbols")
        return self.constants[name]

    def code(self, string: str) -> int:
        """The code of a literal. Raises `InternalError` for a string of no condition that was given."""
        if string not in self._codes:
            raise InternalError(f"the literal {string!r} is missing from the symbols")
        return self._codes[string]

    def decode(self, model: z3.ModelRef) -> dict[str, object]:
        """The context that `model` describes: a value for every declared variable, fit for `evaluate`.

        A string that no condition mentions decodes to a readable one that is none of the literals.
        """
        return {name: self._decoded(variable, model) for name, variable in self._variables.items()}

    def _decoded(self, variable: Variable, model: z3.ModelRef) -> object:
        value = model.eval(self.constants[variable.name], model_completion=True)
        if variable.type == "bool":
            return z3.is_true(value)
        number = int(value.as_long())
        if variable.type in ("int", "timestamp"):
            return number
        return self._string(number, variable)

    def _string(self, code: int, variable: Variable) -> str:
        known = 0 <= code < len(self._strings)
        string = self._strings[code] if known else self._fresh(code - len(self._strings))
        if code < 0 or (variable.type == "enum" and string not in variable.values):
            raise InternalError(f"the model lies outside the domain of `{variable.name}`")
        return string

    def _fresh(self, index: int) -> str:
        base = "other"
        while any(string.startswith(base) for string in self._strings):
            base += "_"
        return base if index == 0 else f"{base}-{index + 1}"

    def _allowed(self, variable: Variable) -> z3.BoolRef:
        constant: Any = self.constants[variable.name]
        if variable.type == "int":
            return z3.And(constant >= variable.minimum, constant <= INT_HIGH)
        if variable.type == "timestamp":
            return z3.And(constant >= TIME_LOW, constant <= TIME_HIGH)
        if variable.type == "string":
            return constant >= 0
        if variable.type == "enum":
            return z3.Or([constant == self._codes[value] for value in variable.values])
        return z3.BoolVal(True)


def to_z3(ast: Sequence[Any], symbols: Symbols) -> z3.BoolRef:
    """The formula that is true exactly where `evaluate(ast, context)` is, for every context in the domain.

    `ast` is the tree of a `Condition`. Raises `InternalError` for a variable or literal that `symbols` lacks.
    """
    name, *parts = ast
    if name == "const":
        return _literal(parts, symbols)
    if name == "var":
        return symbols.constant(parts[0])
    return _OPERATIONS[name](*(to_z3(part, symbols) for part in parts))


def _literal(parts: Sequence[Any], symbols: Symbols) -> z3.ExprRef:
    kind, value = parts
    if kind == "bool":
        return z3.BoolVal(value)
    return z3.IntVal(symbols.code(value) if kind == "string" else int(value))


_OPERATIONS: Mapping[object, Callable[..., z3.BoolRef]] = MappingProxyType(
    {
        "not": lambda operand: z3.Not(operand),
        "and": lambda *operands: z3.And(*operands),
        "or": lambda *operands: z3.Or(*operands),
        "if": lambda chosen, yes, no: z3.If(chosen, yes, no),
        "eq": lambda left, right: left == right,
        "lt": lambda left, right: left < right,
        "le": lambda left, right: left <= right,
        "in": lambda item, *options: z3.Or([item == option for option in options]),
    }
)


def _constant(variable: Variable, suffix: str) -> z3.ExprRef:
    name = f"{variable.name}{suffix}"
    return z3.Bool(name) if variable.type == "bool" else z3.Int(name)


def _strings(variables: Iterable[Variable], conditions: Iterable[Condition]) -> tuple[str, ...]:
    values = {value for variable in variables for value in variable.values}
    return tuple(sorted(values.union(*(_literals(condition.ast) for condition in conditions))))


def _literals(ast: Sequence[Any]) -> Iterator[str]:
    """Every string literal of a tree."""
    name, *parts = ast
    if name == "const" and parts[0] == "string":
        yield parts[1]
    elif name not in ("const", "var"):
        for part in parts:
            yield from _literals(part)
