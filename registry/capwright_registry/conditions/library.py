"""The CEL library behind one small face: text in, syntax tree out, its errors in our words.

The only file that imports the library, and only when a condition is parsed (25 ms that most commands skip).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from capwright_registry.conditions import refusals
from capwright_registry.conditions.model import ConditionError, Variable
from capwright_registry.conditions.syntax import Node, decode

Environment: TypeAlias = Any  # the library has no type information that mypy reads

_REPORT = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
_TOKEN = re.compile(r"(?:input|at:) '(.*?)'(?: expecting|$)")
_OTHER_TONGUES = {"and": "&&", "or": "||", "=": "==", "&": "&&", "|": "||", "is": "=="}


def environment(variables: Iterable[Variable]) -> Environment:
    """What the library needs in order to type expressions over `variables`."""
    from cel_expr_python import cel

    types = {
        "bool": cel.Type.BOOL,
        "int": cel.Type.INT,
        "string": cel.Type.STRING,
        "enum": cel.Type.STRING,
        "timestamp": cel.Type.TIMESTAMP,
    }
    return cel.NewEnv(variables={variable.name: types[variable.type] for variable in variables})


def parse(environment: Environment, text: str) -> Node:
    """The syntax tree of `text`, names and types unchecked. Raises `ConditionError` for a syntax error."""
    try:
        serialised: bytes = environment.compile(text, disable_check=True).serialize()
    except RuntimeError as error:
        raise in_our_words(str(error), text) from None
    return decode(serialised)


def confirm(environment: Environment, text: str) -> None:
    """Raise `ConditionError` unless the library, too, types `text` as a bool."""
    try:
        compiled = environment.compile(text)
    except RuntimeError as error:
        raise in_our_words(str(error), text) from None
    if compiled.return_type().name() != "BOOL":
        raise ConditionError("the condition is not a bool")


def in_our_words(report: str, text: str) -> ConditionError:
    """The first problem of one of the library's reports, without its prose."""
    if "recursion" in report:
        return refusals.too_deep(offset=0)
    found = _REPORT.search(report)
    if found is None:
        return ConditionError("the condition is not a CEL expression")
    line, column, essence = int(found[1]), int(found[2]), found[3].removesuffix(" [INVALID_ARGUMENT]")
    return _syntax_error(essence, text, _offset(text, line, column))


def _offset(text: str, line: int, column: int) -> int:
    before = sum(len(previous) + 1 for previous in text.split("\n")[: max(line - 1, 0)])
    return max(0, min(before + column - 1, len(text)))


def _syntax_error(essence: str, text: str, offset: int) -> ConditionError:
    if "<EOF>" in essence.split(" expecting ")[0]:
        missing = re.search(r"missing '(.)'", essence)
        wanted = f"`{missing[1]}`" if missing else "a value"
        return ConditionError(f"the condition ends where {wanted} is expected", offset=offset)
    if essence.startswith("reserved identifier: "):
        return refusals.reserved_word(essence.partition(": ")[2], offset)
    if "int literal" in essence:
        return ConditionError("the number does not fit in 64 bits", offset=offset)
    if "string literal" in essence:
        return ConditionError("the string holds an escape that CEL does not have", offset=offset)
    if "token recognition" in essence and text[offset : offset + 1] in ("'", '"'):
        message = "the string is not closed, or holds an escape that CEL does not have"
        return ConditionError(message, offset=offset)
    if essence.startswith(("Syntax error", "unsupported syntax")):
        return _unexpected(essence, text, offset)
    return ConditionError("the CEL library does not accept this", offset=offset)


def _unexpected(essence: str, text: str, offset: int) -> ConditionError:
    quoted = _TOKEN.search(essence)
    token = (quoted[1] if quoted else text[offset : offset + 1]).strip()
    instead = _OTHER_TONGUES.get(token)
    if text[:offset].split()[-1:] == ["not"]:
        instead = "!"
    return ConditionError(f"unexpected `{token}`", f"write `{instead}`" if instead else "", offset)
