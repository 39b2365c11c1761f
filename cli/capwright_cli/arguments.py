"""The arguments of a call, as `--args` gives them: JSON with one meaning, and an object."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span
from capwright_registry.strict_json import JsonError, parse

MOST_BYTES = 1024 * 1024
_ROOT = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}(?=/|\Z)")


def read_arguments(text: str) -> dict[str, object]:
    """The object that `text` holds; `@FILE` is read from a file, `-` from standard input.

    Raises `InputError`: unreadable, more than `MOST_BYTES`, not JSON, a key twice, anything but an object.
    """
    name, data = _data(text)
    try:
        value = parse(data, MOST_BYTES)
    except JsonError as error:
        place = f" at line {error.line}, column {error.column}" if error.line else ""
        raise _refused(f"{name} is refused{place}: {error.message}") from error
    if not isinstance(value, dict):
        raise _refused(f"{name} is no JSON object")
    return value


def uses_roots(value: object) -> bool:
    """Whether a text in `value` begins with `${NAME}`."""
    if isinstance(value, str):
        return _ROOT.match(value) is not None
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(uses_roots(item) for item in items)


def with_roots(value: object, roots: Mapping[str, str]) -> object:
    """`value` with `${NAME}` at the start of its texts put in, where `NAME` is a root; other texts stay."""
    if isinstance(value, str):
        found = _ROOT.match(value)
        root = roots.get(found[1]) if found else None
        return value if found is None or root is None else root + value[found.end() :]
    if isinstance(value, dict):
        return {key: with_roots(item, roots) for key, item in value.items()}
    return [with_roots(item, roots) for item in value] if isinstance(value, list) else value


def _data(text: str) -> tuple[str, bytes]:
    try:
        if text == "-":
            return "standard input", sys.stdin.buffer.read(MOST_BYTES + 1)
        if text.startswith("@"):
            with Path(text[1:]).open("rb") as file:
                return f"`{text[1:]}`", file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror or "it cannot be read") if isinstance(error, OSError) else "it is no path"
        name = "standard input" if text == "-" else f"`{text[1:]}`"
        message = f"{name} cannot be read: {reason.lower()}"
        help_ = "name a file that can be read, as in `--args @arguments.json`"
        raise InputError([Problem(message, Span(""), help_)]) from error
    return "`--args`", text.encode(errors="surrogateescape")


def _refused(message: str) -> InputError:
    return InputError([Problem(message, Span(""), 'give an object, as in `--args \'{"path": "/notes"}\'`')])
