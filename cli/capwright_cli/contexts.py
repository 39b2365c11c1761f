"""Contexts on the command line: `--context NAME=VALUE`, read and written by the type that was declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from capwright_registry.conditions import INT_HIGH, Variable
from capwright_registry.conditions.timestamps import microseconds
from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span
from capwright_registry.suggest import clip, suggest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 20  # as many as a 64-bit integer has, its sign included


def read_context(items: Iterable[str], variables: Mapping[str, Variable]) -> dict[str, object]:
    """The values that `NAME=VALUE` texts give, as conditions read them (timestamps in microseconds).

    Raises `InputError` for every item that has no `=`, names no variable, names one twice, or does not fit
    its type.
    """
    found: dict[str, object] = {}
    problems: list[Problem] = []
    for item in items:
        name, equals, text = item.partition("=")
        try:
            if not equals:
                raise _ItemError(f"`{clip(item)}` is no `NAME=VALUE`", "write `--context mode=ci`")
            if name in found:
                raise _ItemError(f"`{clip(name)}` is given twice", "give it once")
            found[name] = _value(name, text, variables)
        except _ItemError as error:
            problems.append(Problem(error.message, Span(""), error.help))
    if problems:
        raise InputError(problems)
    return found


def written(value: object, variable: Variable | None) -> str:
    """A value in the text form that `read_context` takes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and variable is not None and variable.type == "timestamp":
        instant = _EPOCH + timedelta(microseconds=value)
        return instant.isoformat().replace("+00:00", "Z")
    return str(value)


class _ItemError(Exception):
    def __init__(self, message: str, help_: str) -> None:
        super().__init__(message)
        self.message = message
        self.help = help_


def _value(name: str, text: str, variables: Mapping[str, Variable]) -> object:
    variable = variables.get(name)
    if variable is None:
        raise _ItemError(f"no context variable is named `{clip(name)}`", suggest(name, variables))
    if variable.type == "bool":
        return text == "true" if text in ("true", "false") else _misfit(variable, "write `true` or `false`")
    if variable.type == "int":
        return _whole(text, variable)
    if variable.type == "timestamp":
        return _instant(text, variable)
    if variable.type == "enum" and text not in variable.values:
        return _misfit(variable, suggest(text, variable.values))
    return text


def _whole(text: str, variable: Variable) -> int:
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(text) <= _DIGITS:
        number = int(text)
        if variable.minimum <= number <= INT_HIGH:
            return number
    least = f", {variable.minimum} or more" if variable.minimum == 0 else ""
    return _misfit(variable, f"write a whole number{least}")


def _instant(text: str, variable: Variable) -> int:
    try:
        return microseconds(text)
    except ValueError:
        return _misfit(variable, "write it as `2026-01-31T12:00:00Z`")


def _misfit(variable: Variable, help_: str) -> int:
    raise _ItemError(f"the value does not fit `{variable.name}`, which is of type `{variable.type}`", help_)
