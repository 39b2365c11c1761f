"""JSON values as Python literals, in ASCII, one entry a line where a line would be long."""

from __future__ import annotations

from collections.abc import Mapping

_WIDTH = 100
_INDENT = "    "


def literal(value: object, depth: int = 0) -> str:
    """The literal of a JSON value. Raises `TypeError` for any other value."""
    short = _short(value)
    if len(short) + depth * len(_INDENT) <= _WIDTH or not isinstance(value, (Mapping, list, tuple)):
        return short
    inner, outer = _INDENT * (depth + 1), _INDENT * depth
    if isinstance(value, Mapping):
        items = [f"{key!a}: {literal(item, depth + 1)}" for key, item in value.items()]
        return f"{{\n{''.join(f'{inner}{item},{_NEXT}' for item in items)}{outer}}}"
    items = [literal(item, depth + 1) for item in value]
    return f"[\n{''.join(f'{inner}{item},{_NEXT}' for item in items)}{outer}]"


_NEXT = "\n"


def _short(value: object) -> str:
    if value is None or isinstance(value, (bool, int, str)):
        return ascii(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(key)}: {_short(item)}' for key, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_short, value))}]"
    raise TypeError("a table holds JSON values alone")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("a key of a JSON object is text")
    return ascii(key)
