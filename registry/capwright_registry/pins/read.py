"""Read a pin file: bounded, one meaning a text, and every digest computed again.

A digest that does not match its definition is a file that was edited by hand in one of the two places; which
of them was reviewed, nobody can say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from capwright_registry.errors import InputError, Problem
from capwright_registry.pins.model import MAX_TOOLS, SCHEMA, Pins, ToolPin, field_digests, tool_digest
from capwright_registry.pins.text import hidden_in_name, hidden_in_prose
from capwright_registry.pins.write import repeated_names, tool_faults
from capwright_registry.spans import Span
from capwright_registry.strict_json import JsonError, parse

MAX_BYTES: Final = 4 * 1024 * 1024
_AGAIN: Final = "run `capwright pin` and review what it writes"


class _ShapeError(Exception):
    """One thing wrong with the file's shape."""


def load_pins(data: bytes, file: str = "pins.json") -> Pins:
    """The pins of a file, of at most `MAX_BYTES`. `file` is the name that problems carry.

    Raises `InputError`: not JSON with one meaning, another shape, an unknown key, a hidden character, a name
    twice, a digest that does not match.
    """
    try:
        document = _object(parse(data, MAX_BYTES), ("schema", "server", "launch", "tools"), "the file")
        if document["schema"] != SCHEMA:
            raise _ShapeError(f"`schema` must be `{SCHEMA}`")
        return _pins(document)
    except JsonError as error:
        span = (
            Span(file, error.line, error.column, error.line, error.column + 1) if error.line else Span(file)
        )
        raise InputError([Problem(error.message, span, _AGAIN)]) from error
    except _ShapeError as error:
        raise InputError([Problem(str(error), Span(file), _AGAIN)]) from error


def _pins(document: Mapping[str, object]) -> Pins:
    server = _object(document["server"], ("name", "version", "instructions", "protocol"), "`server`")
    launch = _object(document["launch"], ("command", "environment"), "`launch`")
    tools = _list(document["tools"], "`tools`")
    if len(tools) > MAX_TOOLS:
        raise _ShapeError(f"`tools` has {len(tools)} entries; at most {MAX_TOOLS} are read")
    pinned = [_tool(item) for item in tools]
    for name in repeated_names(tool.definition for tool in pinned):
        raise _ShapeError(f"two tools are named `{name}`")
    return Pins(
        name=_text_or_none(server["name"], "`server.name`"),
        version=_text_or_none(server["version"], "`server.version`"),
        instructions=_prose_or_none(server["instructions"], "`server.instructions`"),
        protocol=_text(server["protocol"], "`server.protocol`"),
        command=_texts(launch["command"], "`launch.command`"),
        environment=_texts(launch["environment"], "`launch.environment`"),
        tools=MappingProxyType({tool.name: tool for tool in pinned}),
    )


def _tool(value: object) -> ToolPin:
    item = _object(value, ("name", "digest", "fields", "definition"), "a tool")
    definition = item["definition"]
    for message, _ in tool_faults(definition):
        raise _ShapeError(message)
    assert isinstance(definition, dict)  # noqa: S101 - `tool_faults` refuses anything else
    name, digest, fields = definition["name"], tool_digest(definition), field_digests(definition)
    if item["name"] != name:
        raise _ShapeError(f"the tool `{name}` is listed under another name")
    if item["digest"] != digest or item["fields"] != fields:
        raise _ShapeError(f"the digests of the tool `{name}` do not match its definition")
    return ToolPin(name, MappingProxyType(definition), digest, MappingProxyType(fields))


def _object(value: object, keys: Iterable[str], what: str) -> Mapping[str, object]:
    wanted = sorted(keys)
    if not isinstance(value, dict) or sorted(value) != wanted:
        raise _ShapeError(
            f"{what} must be an object with exactly the keys {', '.join(f'`{k}`' for k in wanted)}"
        )
    return value


def _list(value: object, what: str) -> list[object]:
    if not isinstance(value, list):
        raise _ShapeError(f"{what} must be a list")
    return value


def _texts(value: object, what: str) -> tuple[str, ...]:
    return tuple(_text(item, f"each of {what}") for item in _list(value, what))


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise _ShapeError(f"{what} must be a text that is not empty")
    if (hidden := hidden_in_name(value)) is not None:
        raise _ShapeError(f"{what} holds the hidden character {hidden}")
    return value


def _text_or_none(value: object, what: str) -> str | None:
    return None if value is None else _text(value, what)


def _prose_or_none(value: object, what: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _ShapeError(f"{what} must be a text or null")
    if value is not None and (hidden := hidden_in_prose(value)) is not None:
        raise _ShapeError(f"{what} holds the hidden character {json.dumps(hidden)[1:-1]}")
    return value
