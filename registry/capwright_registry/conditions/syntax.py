"""The syntax tree of a CEL expression, decoded from a serialised `cel.expr.ParsedExpr`.

Source: https://github.com/google/cel-spec/blob/master/proto/cel/expr/syntax.proto (field numbers below).
Kinds that the subset refuses anyway are kept as bare nodes, so that the refusal can point at them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from capwright_registry.conditions.wire import WireError, fields, signed

Kind: TypeAlias = Literal["const", "name", "field", "call", "method", "list", "struct", "macro"]

_KINDS: dict[int, Kind] = {3: "const", 4: "name", 5: "field", 6: "call", 7: "list", 8: "struct", 9: "macro"}
_CONSTANTS = {1: "null", 2: "bool", 3: "int", 4: "uint", 5: "double", 6: "string", 7: "bytes"}


@dataclass(frozen=True, slots=True)
class Node:
    """One expression. `offset` counts characters (code points) into the text.

    `name` is the constant's type, the variable's name or the called function; `value` is set for bool, int
    and string constants; `parts` are a call's arguments or a list's elements.
    """

    kind: Kind
    offset: int
    name: str = ""
    value: bool | int | str | None = None
    parts: tuple[Node, ...] = ()


def decode(serialised: bytes) -> Node:
    """The tree of a serialised `google.protobuf.Any` that holds a `ParsedExpr`.

    Raises `WireError` for anything else: another message type, a missing expression, bytes cut short.
    """
    envelope = dict(fields(serialised))
    url = _bytes(envelope.get(1))
    if not url.endswith(b"/cel.expr.ParsedExpr"):
        raise WireError("the CEL library did not hand out a parsed expression")
    parsed = dict(fields(_bytes(envelope.get(2))))
    return _node(_bytes(parsed.get(2)), _positions(_bytes(parsed.get(3, b""))))


def _positions(source_info: bytes) -> dict[int, int]:
    entries = [dict(fields(_bytes(value))) for number, value in fields(source_info) if number == 4]
    return {_int(entry.get(1, 0)): _int(entry.get(2, 0)) for entry in entries}


def _node(data: bytes, positions: dict[int, int]) -> Node:
    message = dict(fields(data))
    offset = positions.get(_int(message.get(2, 0)), 0)
    number = next((n for n in message if n in _KINDS), 0)
    if number == 0:
        raise WireError("an expression without a kind")
    kind, body = _KINDS[number], _bytes(message[number])
    if kind == "const":
        return _constant(body, offset)
    if kind == "name":
        return Node(kind, offset, _text(dict(fields(body)).get(1)))
    if kind == "call":
        return _call(body, offset, positions)
    if kind == "list":
        elements = (_bytes(value) for n, value in fields(body) if n == 1)
        return Node(kind, offset, parts=tuple(_node(element, positions) for element in elements))
    return Node(kind, offset)


def _call(body: bytes, offset: int, positions: dict[int, int]) -> Node:
    entries = list(fields(body))
    function = _text(dict(entries).get(2))
    kind: Kind = "method" if any(n == 1 for n, _ in entries) else "call"
    arguments = tuple(_node(_bytes(value), positions) for n, value in entries if n == 3)
    return Node(kind, offset, function, parts=arguments)


def _constant(body: bytes, offset: int) -> Node:
    for number, raw in fields(body):
        name = _CONSTANTS.get(number, "unknown")
        value: bool | int | str | None = None
        if name == "bool":
            value = bool(_int(raw))
        elif name == "int":
            value = signed(_int(raw))
        elif name == "string":
            value = _text(raw)
        return Node("const", offset, name, value)
    raise WireError("a constant without a value")


def _bytes(value: int | bytes | None) -> bytes:
    if not isinstance(value, bytes):
        raise WireError("a field that should hold bytes does not")
    return value


def _int(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise WireError("a field that should hold a number does not")
    return value


def _text(value: int | bytes | None) -> str:
    try:
        return _bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("a text field is not UTF-8") from None
