"""What a tool's input schema says about the arguments that JSON Pointers name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

#: Types of an argument that cannot name a resource.
_NO_NAME = frozenset({"boolean", "integer", "null", "number", "object"})


def pointer_parts(pointer: str) -> tuple[str, ...]:
    """The reference tokens of a JSON Pointer, unescaped (RFC 6901 section 4)."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def pointer_problem(schema: Mapping[str, object], pointer: str) -> str:
    """Why `pointer` names no argument of `schema` that could name a resource; empty if it does.

    The pointer follows `properties` and, with a number or a `-`, `items`; nothing else is followed.
    """
    at: object = schema
    for part in pointer_parts(pointer):
        at = _below(at, part)
        if at is None:
            return f"the tool's input has no property `{pointer}`"
    kind = at.get("type") if isinstance(at, Mapping) else None
    if isinstance(kind, str) and kind in _NO_NAME:
        return f"`{pointer}` is of type `{kind}`, which cannot name a resource"
    return ""


def unfit_for_json(value: object) -> str:
    """What in `value` JSON cannot say (`a date`, `a time`); empty if there is nothing."""
    if isinstance(value, date):  # a date-time is one too
        return "a date"
    if isinstance(value, time):
        return "a time"
    below: list[object] = []
    if isinstance(value, Mapping):
        below = list(value.values())
    elif isinstance(value, list | tuple):
        below = list(value)
    return next((found for item in below if (found := unfit_for_json(item))), "")


def _below(schema: object, part: str) -> object:
    if not isinstance(schema, Mapping):
        return None
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and part in properties:
        return properties[part]
    return schema.get("items") if part == "-" or part.isdecimal() else None
