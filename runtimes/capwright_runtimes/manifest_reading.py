"""What a plugin's manifest says, in the form in which a proof's table says it.

Read with the standard library and patterns alone, for an agent's process loads no models of documents. What
is written otherwise than a manifest may be raises `LookupError`, `TypeError`, `ValueError`, `AttributeError`
or `RecursionError`: a manifest that cannot be read is none.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from capwright_registry.documents.lexical import check_bounds
from capwright_registry.files import DOCUMENT_LIMIT
from capwright_registry.limits import BOUNDS, DEFAULTS, UNITS, quantity
from capwright_registry.patterns import parse
from capwright_registry.written import written_elements

Toml: TypeAlias = Mapping[str, Any]
#: The folder of a root, by its name.
Roots: TypeAlias = Callable[[str], str]

_SCHEMA: Final = "capwright.plugin/1"
_ROOT: Final = re.compile(r"\$\{([^{}]*)\}")
_SMALL: Final = 4096  # bytes: no text of this size keeps the parser for long


def read_toml(data: bytes) -> dict[str, Any]:
    """The table of a document. Raises `ValueError` for what is none or would cost the parser much."""
    if len(data) > DOCUMENT_LIMIT:
        raise ValueError("the document is too large")
    text = data.decode()
    if len(data) > _SMALL:
        check_bounds(text)
    return tomllib.loads(text)


def read_roots(workspace: Toml, root: Path) -> dict[str, str]:
    """The declared roots, absolute and real, as `capwright_registry.resolve.roots` has them."""
    declared = {name: os.path.realpath(root / text) for name, text in workspace.get("roots", {}).items()}
    found = {"workspace": str(root), **declared}
    if not Path(found["workspace"]).is_relative_to(root):
        raise ValueError("the root `workspace` lies outside of the workspace")
    return found


def table_of(manifest: Toml, folder: str, roots: Roots) -> dict[str, object]:
    """Parts of a plugin's table, with elements for patterns and the text of conditions for their trees."""
    runtime = manifest["runtime"]
    if manifest["schema"] != _SCHEMA:
        raise ValueError(f"the schema is not `{_SCHEMA}`")
    return {
        "id": manifest["id"],
        "version": manifest["version"],
        "kind": runtime["kind"],
        **{role: _beside(folder, runtime.get(role)) for role in ("artifact", "pins")},
        "runtime": _runtime(runtime, roots),
        "tools": _tools(manifest.get("tool", [])),
        "hooks": [_hook(doc, folder) for doc in manifest.get("hook", [])],
    }


def _beside(folder: str, name: str | None) -> str | None:
    return None if name is None else f"{folder}/{name}"


def _runtime(runtime: Toml, roots: Roots) -> dict[str, object]:
    kind = runtime["kind"]
    meant: dict[str, object] = {"kind": kind, "limits": _limits(kind, runtime.get("limits", {}))}
    meant |= {name: runtime[name] for name in ("artifact", "sha256", "pins") if name in runtime}
    if kind == "mcp":
        meant["command"] = [_ROOT.sub(lambda match: roots(match[1]), word) for word in runtime["command"]]
        meant["env"] = runtime.get("env", [])
    return meant


def _limits(kind: str, given: Toml) -> dict[str, int]:
    found = dict(DEFAULTS[kind])
    for name, value in given.items():
        number: object = value if name == "fuel" else quantity(value, UNITS[name])
        least, most = BOUNDS[name]
        known = kind != "declarative" and name in found
        if not known or type(number) is not int or not least <= number <= most:
            raise ValueError(f"`{name}` is no limit that a plugin of this kind may have")
        found[name] = number
    return found


def _tools(docs: list[Toml]) -> dict[str, object]:
    found: dict[str, object] = {doc["name"]: _tool(doc) for doc in docs}
    if len(found) != len(docs):
        raise ValueError("two tools have one name")
    return found


def _tool(doc: Toml) -> dict[str, object]:
    effects = [{"action": e["action"], "from": e.get("from")} for e in doc.get("effects", [])]
    return {"description": doc.get("description", ""), "input": doc.get("input", {}), "effects": effects}


def _hook(doc: Toml, folder: str) -> dict[str, object]:
    return {
        "on": doc["on"],
        "match": _name(doc.get("match", "**")),
        "power": doc["power"],
        "when": doc.get("when"),
        "arguments": [[pointer, _name(text)] for pointer, text in doc.get("arguments", {}).items()],
        "set": doc.get("set", {}),
        "message": doc.get("message", ""),
        "source": f"{folder}/plugin.toml",
    }


def _name(text: str) -> object:
    return written_elements(parse("name", text))
