"""What a condition's tree means on one context. Standard library only: stubs carry this file's text.

The tree (JSON lists or tuples; `specs/conditions.md`):
    ["const", type, value]      bool as a JSON bool, string as a string, int and timestamp as decimal strings
    ["var", name, type, ...]    an enum's values, or an int's least value as a decimal string, follow the type
    ["not", x]  ["and", x, ...]  ["or", x, ...]  ["if", x, y, z]  ["eq", a, b]  ["lt", a, b]  ["le", a, b]
    ["in", a, const, ...]

The context: bool and string are `bool` and `str`, an int is an `int` of 64 bits (a bool is not one), a
timestamp is an `int` of microseconds since the Unix epoch, UTC, within the years 1 to 9999; an enum is one of
its values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

__all__ = ["EvaluationError", "evaluate"]

_MAX_DEPTH = 80
_INT_LOW, _INT_HIGH = -(2**63), 2**63 - 1
_TIME_LOW, _TIME_HIGH = -62_135_596_800_000_000, 253_402_300_799_999_999


class EvaluationError(ValueError):
    """The context lacks a variable or has a wrong value for it, or the tree is none. Callers must deny."""


def evaluate(ast: Sequence[object], context: Mapping[str, object]) -> bool:
    """Whether the condition holds on `context`. Raises `EvaluationError` where it cannot be told.

    Strict, unlike CEL's `&&` and `||`: every variable that the tree mentions must be there with a value of
    its type, wherever it stands. So the outcome never depends on the order of the operands, and a context
    that the proof did not consider is an error, never a `True`.
    """
    kind, value = _value(ast, context, 0)
    if kind != "bool" or not isinstance(value, bool):
        raise EvaluationError("the condition is not a bool")
    return value


_Value = tuple[str, "bool | int | str"]


def _value(ast: object, context: Mapping[str, object], depth: int) -> _Value:
    if not isinstance(ast, (list, tuple)) or not ast or depth > _MAX_DEPTH:
        raise EvaluationError("the condition's tree is malformed")
    if ast[0] == "const":
        return _constant(ast[1:])
    if ast[0] == "var":
        return _variable(ast[1:], context)
    operation = _OPERATIONS.get(ast[0]) if isinstance(ast[0], str) else None
    if operation is None:
        raise EvaluationError("the condition's tree has an unknown operation")
    # No short circuit: an operand that cannot be told must not hide behind one that can.
    return "bool", operation([_value(part, context, depth + 1) for part in ast[1:]])


def _constant(parts: Sequence[object]) -> _Value:
    kind, value = parts if len(parts) == 2 else (None, None)
    if kind == "bool" and isinstance(value, bool):
        return kind, value
    if kind == "string" and isinstance(value, str):
        return kind, value
    if kind in ("int", "timestamp") and isinstance(value, str):
        return str(kind), _number(value)
    raise EvaluationError("the condition's tree has a malformed literal")


def _number(text: object) -> int:
    digits = text.removeprefix("-") if isinstance(text, str) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        raise EvaluationError("the condition's tree has a malformed number")
    return int(str(text))


def _variable(parts: Sequence[object], context: Mapping[str, object]) -> _Value:
    if len(parts) < 2 or not isinstance(parts[0], str) or not isinstance(parts[1], str):
        raise EvaluationError("the condition's tree has a malformed variable")
    name, kind, limits = parts[0], parts[1], parts[2:]
    if name not in context:
        raise EvaluationError(f"the context has no `{name}`")
    value = context[name]
    if kind == "bool" and type(value) is bool:
        return kind, value
    if kind in ("string", "enum") and type(value) is str and _is_one_of(value, kind, limits):
        return "string", value
    # `type(...) is int`: a bool is an int for Python, and must not count as 0 or 1 here.
    if kind in ("int", "timestamp") and type(value) is int and _is_within(value, kind, limits):
        return kind, value
    raise EvaluationError(f"the context's `{name}` is no valid {kind}")


def _is_one_of(value: str, kind: str, limits: Sequence[object]) -> bool:
    if kind == "string":
        return not limits
    return len(limits) == 1 and isinstance(limits[0], (list, tuple)) and value in limits[0]


def _is_within(value: int, kind: str, limits: Sequence[object]) -> bool:
    if kind == "timestamp":
        return not limits and _TIME_LOW <= value <= _TIME_HIGH
    return len(limits) == 1 and max(_INT_LOW, _number(limits[0])) <= value <= _INT_HIGH


def _bools(parts: Sequence[_Value], least: int, most: int = 2**31) -> list[bool]:
    values = [value for _, value in parts if isinstance(value, bool)]
    if len(values) != len(parts) or not least <= len(parts) <= most:
        raise EvaluationError("the condition's tree has an operand that is not a bool")
    return values


def _alike(parts: Sequence[_Value], least: int, most: int, kinds: str) -> list[bool | int | str]:
    found = {kind for kind, _ in parts}
    if len(found) != 1 or not found <= set(kinds.split()) or not least <= len(parts) <= most:
        raise EvaluationError("the condition's tree compares what cannot be compared")
    return [value for _, value in parts]


def _order(parts: Sequence[_Value], or_equal: bool) -> bool:
    left, right = _alike(parts, 2, 2, "int timestamp")
    return (int(left), 0) < (int(right), int(or_equal))


def _equal(parts: Sequence[_Value]) -> bool:
    left, right = _alike(parts, 2, 2, "bool int string timestamp")
    return left == right


def _among(parts: Sequence[_Value]) -> bool:
    first, *rest = _alike(parts, 2, 2**31, "int string")
    return first in rest


def _choice(parts: Sequence[_Value]) -> bool:
    chosen, yes, no = _bools(parts, 3, 3)
    return yes if chosen else no


_OPERATIONS: Mapping[str, Callable[[Sequence[_Value]], bool]] = {
    "not": lambda parts: not _bools(parts, 1, 1)[0],
    "and": lambda parts: all(_bools(parts, 1)),
    "or": lambda parts: any(_bools(parts, 1)),
    "if": _choice,
    "eq": _equal,
    "lt": lambda parts: _order(parts, or_equal=False),
    "le": lambda parts: _order(parts, or_equal=True),
    "in": _among,
}
