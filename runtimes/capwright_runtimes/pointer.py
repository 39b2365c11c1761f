"""JSON Pointers (RFC 6901) into a call's arguments: read one, or set one in a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


class Absent:
    """The type of `ABSENT`, which is not `None`: `null` is a value that someone gave."""


ABSENT: Final = Absent()


def resolve(value: object, pointer: str) -> object:
    """What the pointer names, or `ABSENT`. The empty pointer names the whole value.

    An array index is digits without a leading zero; `-` names nothing. Raises `ValueError` for text that is
    no pointer.
    """
    for token in tokens(pointer):
        if isinstance(value, Mapping):
            if token not in value:
                return ABSENT
            value = value[token]
        elif isinstance(value, (list, tuple)):
            index = _index(token)
            if index is None or index >= len(value):
                return ABSENT
            value = value[index]
        else:
            return ABSENT
    return value


def replace(value: object, pointer: str, new: object) -> object:
    """A copy with `new` at the pointer. An object may gain the last key; nothing else is made on the way.

    Raises `ValueError` when the pointer leads through a missing or plain value.
    """
    return _replaced(value, tokens(pointer), new)


def tokens(pointer: str) -> tuple[str, ...]:
    """The unescaped reference tokens. Raises `ValueError` for text that is no pointer."""
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        raise ValueError("a JSON Pointer is empty or begins with `/`")
    return tuple(_unescape(token) for token in pointer[1:].split("/"))


def _unescape(token: str) -> str:
    if token.replace("~0", "").replace("~1", "").count("~"):
        raise ValueError("`~` in a JSON Pointer is written `~0`")
    return token.replace("~1", "/").replace("~0", "~")


def _index(token: str) -> int | None:
    if (
        token.isascii()
        and token.isdigit()
        and not (len(token) > 1 and token.startswith("0"))
        and len(token) < 10
    ):
        return int(token)
    return None


def _replaced(value: object, path: tuple[str, ...], new: object) -> object:
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, Mapping) and (head in value or not rest):
        inner = _replaced(value[head], rest, new) if rest else new
        return {**value, head: inner}
    if isinstance(value, (list, tuple)):
        index = _index(head)
        if index is not None and index < len(value):
            return [*value[:index], _replaced(value[index], rest, new), *value[index + 1 :]]
    raise ValueError("the JSON Pointer leads through something that is not there")
