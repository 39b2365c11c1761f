"""Every refusal of the subset, in one place: the message, what to do about it, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from capwright_registry.conditions.model import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, ConditionError
from capwright_registry.conditions.syntax import Node

_SYMBOLS = {"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_ARITHMETIC = frozenset({"_+_", "_-_", "_*_", "_/_", "_%_", "-_"})
_LITERAL_TIMESTAMP = 'write `timestamp("2026-01-31T00:00:00Z")`'
_INSTEAD_OF = {
    "uint": "leave the `u` out",
    "double": "write a whole number",
    "bytes": "leave the `b` out",
    "null": "every variable has a value",
}
_LITERAL_TESTS = "compare with `==`, or use `in` with a list of literals"


def empty() -> ConditionError:
    """Nothing is written."""
    return ConditionError("the condition is empty", "leave `when` out to say that it always holds")


def too_long(size: int) -> ConditionError:
    """More than `MAX_CHARACTERS`."""
    message = f"the condition has {size} characters, at most {MAX_CHARACTERS} are read"
    return ConditionError(message, "split it over several capabilities", MAX_CHARACTERS)


def hidden_character(code: int, offset: int) -> ConditionError:
    """A character that does not show, or turns the text around."""
    message = f"the condition holds U+{code:04X}, which does not show"
    return ConditionError(message, "write it as an escape inside a string, or leave it out", offset)


def too_many_nodes(offset: int) -> ConditionError:
    """More than `MAX_NODES`."""
    message = f"the condition has more than {MAX_NODES} operations, names and literals"
    return ConditionError(message, "split it over several capabilities", offset)


def too_deep(offset: int) -> ConditionError:
    """Nested deeper than `MAX_DEPTH`."""
    message = f"the condition is nested more than {MAX_DEPTH} deep"
    return ConditionError(message, "write it flatter", offset)


def not_a_bool(kind: str, offset: int) -> ConditionError:
    """A value of another type where a bool is needed."""
    return ConditionError(
        f"expected a bool here, found {_article(kind)}", "compare it with something", offset
    )


def unknown_variable(name: str, declared: Mapping[str, object], offset: int) -> ConditionError:
    """A name that nobody declared, with the nearest one that somebody did."""
    if name.startswith("."):
        return ConditionError("a name must not start with a dot", f"write `{name.lstrip('.')}`", offset)
    close = _closest(name, [*declared, "true", "false"])
    known = f"declared are {_listed(sorted(declared))}; more can be declared under `context`"
    return ConditionError(
        f"unknown variable `{name}`", f"did you mean `{close}`?" if close else known, offset
    )


def reserved_word(word: str, offset: int) -> ConditionError:
    """A word that CEL keeps for itself, where a variable could stand."""
    return ConditionError(f"`{word}` is a word of CEL", "choose another name", offset)


def mixed_types(node: Node, left: str, right: str) -> ConditionError:
    """A comparison of two types."""
    message = f"`{_SYMBOLS[node.name]}` compares {_article(left)} with {_article(right)}"
    help_ = (
        _LITERAL_TIMESTAMP if {left, right} == {"timestamp", "string"} else "both sides need the same type"
    )
    return ConditionError(message, help_, node.offset)


def no_order(node: Node, kind: str) -> ConditionError:
    """An order on a type that has none."""
    message = f"`{_SYMBOLS[node.name]}` orders int and timestamp only, not {kind}"
    return ConditionError(
        message, _LITERAL_TESTS if kind == "string" else "use `==`, `!` and `&&`", node.offset
    )


def no_membership(kind: str, offset: int) -> ConditionError:
    """`in` with a left side that lists do not hold."""
    return ConditionError(f"`in` looks up an int or a string, not {_article(kind)}", "use `==`", offset)


def not_a_list(offset: int) -> ConditionError:
    """`in` with anything but a list on its right."""
    return ConditionError("`in` needs a list of literals on its right", 'write `in ["a", "b"]`', offset)


def empty_list(offset: int) -> ConditionError:
    """`in` with a list that holds nothing."""
    return ConditionError("the list is empty, so nothing is in it", "write `false` if that is meant", offset)


def not_a_literal(offset: int) -> ConditionError:
    """A list with something that has to be computed."""
    return ConditionError("a list may hold literals only", "compare with `==` instead", offset)


def mixed_list(found: str, wanted: str, offset: int) -> ConditionError:
    """A list of two types."""
    return ConditionError(f"the list holds {_article(found)} among values of type {wanted}", "", offset)


def not_a_value(literal: str, values: Sequence[str], offset: int) -> ConditionError:
    """A literal that the enum does not have, with the nearest one that it has."""
    close = _closest(literal, values)
    help_ = f"did you mean `{close}`?" if close else f"its values are {_listed(values)}"
    return ConditionError(f"`{literal}` is not a value of this enum", help_, offset)


def not_a_timestamp_literal(node: Node, text: str) -> ConditionError:
    """A `timestamp` of something that has to be computed."""
    message = "`timestamp` takes one literal string"
    return ConditionError(message, _LITERAL_TIMESTAMP, _start(node, text))


def bad_timestamp(reason: str, offset: int) -> ConditionError:
    """A text that is no point in time."""
    return ConditionError(f"the timestamp {reason}", _LITERAL_TIMESTAMP, offset)


def bad_constant(node: Node) -> ConditionError:
    """A literal of a type that conditions do not have."""
    message = f"{node.name} literals are not used here"
    return ConditionError(message, _INSTEAD_OF.get(node.name, ""), node.offset)


def outside_the_subset(node: Node, text: str) -> ConditionError:
    """Why this kind of expression is refused: what it needs could fail, or could not be proved."""
    if node.kind == "call" and node.name in _ARITHMETIC:
        return ConditionError(
            "arithmetic is not used here", "compare with the result as a literal", node.offset
        )
    if node.kind == "call" and node.name == "_[_]":
        return ConditionError("indexing is not used here", _LITERAL_TESTS, node.offset)
    if node.kind in ("call", "method"):
        message = f"the function `{node.name}` is not used here"
        return ConditionError(message, _LITERAL_TESTS, _start(node, text))
    reasons = {
        "field": ("variables have no fields", "use the variable as it is"),
        "list": ("a list stands only on the right of `in`", _LITERAL_TESTS),
        "struct": ("maps and messages are not used here", _LITERAL_TESTS),
        "macro": ("macros are not used here", "write the cases out with `&&` and `||`"),
    }
    message, help_ = reasons[node.kind]
    return ConditionError(message, help_, node.offset)


def _start(node: Node, text: str) -> int:
    """CEL places a call at its `(`; a reader looks for its name."""
    before = text[: node.offset].rstrip()
    return len(before) - len(node.name) if before.endswith(node.name) else node.offset


def _article(kind: str) -> str:
    return f"an {kind}" if kind == "int" else f"a {kind}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _closest(name: str, known: Iterable[str]) -> str | None:
    # Imported here: only a refusal needs it, and it costs more than the rest of this file.
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.5)), None)
