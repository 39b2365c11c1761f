"""The shape of a proof: its keys and types, as `specs/proof.md` states them. Standard library only."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

#: As a text that differs wherever two values do: for Python `True == 1`.
comparable = partial(json.dumps, sort_keys=True)

_RULE: Final = {"?except": [int], "on": [int], "source": str, "?until": int, "?when": list}
_FILE: Final = {"path": str, "sha256": str}
_TABLE: Final = {
    "artifact": (_FILE, None),
    "folder": str,
    "hooks": [
        {
            "arguments": [{"pattern": int, "pointer": str}],
            "match": int,
            "message": str,
            "on": str,
            "power": str,
            "set": dict,
            "source": str,
            "when": (list, None),
        }
    ],
    "imports": [str],
    "kind": str,
    "pins": (_FILE, None),
    "plugin": str,
    "runtime": dict,
    "sandbox": (
        {
            "backend": str,
            "files": [str],
            "lost": [str],
            "mask": [str],
            "mask_globs": [str],
            "network": bool,
            "read": [str],
            "write": [str],
        },
        None,
    ),
    "tools": {"*": {"description": str, "effects": [{"action": str, "from": (str, None)}], "input": dict}},
    "version": str,
}
_QUESTION: Final = {
    "check": str,
    "contexts": [int],
    "disjoint": bool,
    "inner": [int],
    "outer": [int],
    "parent": bool,
    "shrinks": bool,
    "subject": str,
}
_PERMISSION: Final = {"action": str, "on": [int], "source": str, "when": (list, None)}
_AGENT: Final = {
    "permissions": {"default": str, "rules": [_PERMISSION]},
    "plugins": {"*": _TABLE},
}

#: A type; a list of parts of one shape; an object of exactly these keys (`*`: any, `?`: where it says
#: something); a tuple of alternatives.
HEAD: Final = {
    "checks": [
        {
            "accepted": [{"reason": str, "subject": str, "until": str}],
            "id": str,
            "obligations": int,
            "verdict": str,
        }
    ],
    "digest": str,
    "families": [{"agents": [str], "obligations": {"*": int}, "sha256": str}],
    "host": {"mediators": [str], "sandbox": str, "sha256": str, "source": str},
    "inputs": [{"path": str, "role": str, "sha256": str}],
    "schema": str,
    "variables": {"*": {"type": str, "values": [str]}},
    "vocabulary": str,
    "workspace": {"name": str, "root": str},
}
FAMILY: Final = {
    "calls": [{"contexts": [int], "subject": str, "tools": {"*": int}}],
    "cases": {"*": [(str, list)]},
    "contexts": [dict],
    "holders": [{"agent": str, "contexts": [int], "layers": [int], "plugin": str}],
    "layers": [{"name": str, "rules": {"*": [_RULE]}}],
    "obligations": [_QUESTION],
    "patterns": [{"domain": str, "elements": [[(str, list)]], "text": str}],
    "tables": {"*": _AGENT},
}


#: How many texts follow the name of a pattern's element.
_ELEMENTS: Final = {"word": 1, "glob": 1, "one": 0, "deep": 0, "range": 2}
#: The least and the most operands of a condition's operation; 0 for any number.
_OPERATIONS: Final = {
    "not": (1, 1),
    "and": (1, 0),
    "or": (1, 0),
    "if": (3, 3),
    "eq": (2, 2),
    "lt": (2, 2),
    "le": (2, 2),
    "in": (2, 0),
}


def is_element(value: Any) -> bool:
    """Whether it is an element of a pattern."""
    if not (isinstance(value, list) and value and all(isinstance(part, str) for part in value)):
        return False
    kind, *rest = value
    bounds = kind != "range" or all(_is_number(part) for part in rest)
    return _ELEMENTS.get(kind) == len(rest) and bounds


def is_condition(value: Any, variables: Any) -> bool:
    """Whether it is a condition's tree over declared variables (`name`: `{"type", "values"}`)."""
    if not (isinstance(value, list) and value and isinstance(value[0], str)):
        return False
    name, *parts = value
    if name == "const":
        return len(parts) == 2 and _is_constant(*parts)
    if name == "var":
        return len(parts) >= 2 and parts[0] in variables and variables[parts[0]]["type"] == parts[1]
    least, most = _OPERATIONS.get(name, (1, -1))
    return least <= len(parts) <= (most or len(parts)) and all(is_condition(p, variables) for p in parts)


def _is_constant(kind: Any, value: Any) -> bool:
    if kind == "bool":
        return isinstance(value, bool)
    return isinstance(value, str) and (
        kind == "string" or (kind in ("int", "timestamp") and _is_number(value))
    )


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and str(int(text)) == text


def misfit(value: Any, shape: Any, where: str = "the proof") -> str | None:
    """What first has another shape; `None` where all fits. `True` is no whole number here."""
    if isinstance(shape, type) or shape is None:
        return None if type(value) is shape or value is shape else where
    if isinstance(shape, tuple):
        tried = [misfit(value, one, where) for one in shape]
        return None if None in tried else tried[0]
    if type(value) is not type(shape):
        return where
    return _list_misfit(value, shape[0], where) if isinstance(shape, list) else _misfit(value, shape, where)


def _list_misfit(value: list[Any], shape: Any, where: str) -> str | None:
    if isinstance(shape, type):
        return None if all(type(part) is shape for part in value) else f"a part of {where}"
    return next((found for part in value if (found := misfit(part, shape, f"a part of {where}"))), None)


def _misfit(value: dict[str, Any], shape: dict[str, Any], where: str) -> str | None:
    if "*" not in shape and value.keys() != shape.keys() and not _fitting(value, shape):
        return where
    any_name = shape.get("*")
    for key, part in value.items():
        one = any_name if any_name is not None else shape[key] if key in shape else shape[f"?{key}"]
        # The quick way for what most parts are: text and numbers.
        if type(part) is not one and (isinstance(one, type) or (found := misfit(part, one, f"`{key}`"))):
            return f"`{key}`" if isinstance(one, type) else found
    return None


def _fitting(value: dict[str, Any], shape: dict[str, Any]) -> bool:
    """Whether only keys are left out that may be, and none is nobody's."""
    named = {key for key in shape if not key.startswith("?")}
    return named <= value.keys() and all(key in shape or f"?{key}" in shape for key in value)
