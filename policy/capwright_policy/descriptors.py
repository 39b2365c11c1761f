"""What a manifest says of an MCP tool, held against the definition that was pinned.

An argument names a resource where the pinned `inputSchema` says that it is a text or a list of texts, `null`
aside: by `type`, in every alternative of `anyOf` (or `oneOf`), through a `$ref` within the schema. Nothing
else of a schema is read, and what is not read says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from capwright_registry.capability import Tool
from capwright_registry.documents.locate import Route
from capwright_registry.resolve.schema import pointer_parts

Schema: TypeAlias = Mapping[str, Any]
_NULL = frozenset({"null"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that the manifest says of a tool: where in the tool's table, of what kind, about what.

    `problem` says how the pinned definition contradicts it; it is empty where it does not.
    """

    route: Route
    kind: str
    name: str
    problem: str


def statements(tool: Tool, definition: Mapping[str, object]) -> Iterator[Statement]:
    """Everything that the manifest says of the tool and that the pinned definition could contradict."""
    schema = _table(definition.get("inputSchema"))
    if tool.description:
        same = tool.description == definition.get("description")
        yield Statement(("description",), "description", "", "" if same else "has another description")
    for number, effect in enumerate(tool.effects):
        if effect.pointer is not None:
            problem = _no_resource(schema, effect.pointer)
            yield Statement(("effects", number, "from"), "resource", effect.pointer, problem)
    for name, own in _table(tool.input.get("properties")).items():
        problem = _no_argument(schema, name, _table(own))
        yield Statement(("input", "properties", name), "argument", name, problem)
    for name in _texts(tool.input.get("required")):
        problem = "" if name in _texts(schema.get("required")) else f"does not require `{name}`"
        yield Statement(("input", "required"), "required", name, problem)


def _no_resource(schema: Schema, pointer: str) -> str:
    at: Schema | None = schema
    for part in pointer_parts(pointer):
        at = None if at is None else _below(at, part, schema)
    if at is None:
        return f"has no argument `{pointer}`"
    return "" if _says_text(at, schema) else f"does not say that `{pointer}` is a text"


def _no_argument(schema: Schema, name: str, own: Schema) -> str:
    there = _below(schema, name, schema)
    if there is None:
        return f"has no argument `{name}`"
    ours, theirs = _types(own, own), _types(there, schema)
    known = theirs | {"integer"} if "number" in theirs else theirs
    beyond = sorted(ours - known) if theirs else []
    return f"takes no `{beyond[0]}` for `{name}`" if beyond else ""


def _below(at: Schema, part: str, root: Schema) -> Schema | None:
    """The schema of a property, or of the items for a number or `-`; None where no one schema is."""
    ways = [way for way in _alternatives(at, root) if _kinds(way) != _NULL]
    if len(ways) != 1:
        return None
    properties = _table(ways[0].get("properties"))
    if part in properties:
        return _table(properties[part])
    items = ways[0].get("items") if part == "-" or part.isdecimal() else None
    return items if isinstance(items, Mapping) else None


def _says_text(at: Schema, root: Schema) -> bool:
    ways = [way for way in _alternatives(at, root) if _kinds(way) != _NULL]
    return bool(ways) and all(_is_text(way, root) for way in ways)


def _is_text(way: Schema, root: Schema) -> bool:
    kinds = _kinds(way) - _NULL
    items = _types(_table(way.get("items")), root)
    return bool(kinds) and kinds <= {"string", "array"} and ("array" not in kinds or items == {"string"})


def _types(at: Schema, root: Schema) -> frozenset[str]:
    """The JSON types that the schema names, alternatives included; empty where it leaves them open."""
    each = [_kinds(way) for way in _alternatives(at, root)]
    return frozenset().union(*each) if all(each) else frozenset()


def _kinds(way: Schema) -> frozenset[str]:
    named = way.get("type")
    return frozenset({named} if isinstance(named, str) else _texts(named))


def _alternatives(at: Schema, root: Schema) -> list[Schema]:
    """The schemas, none of them a reference or a choice, of which a value must meet one."""
    found: list[Schema] = []
    waiting, followed = [at], set[str]()
    while waiting:
        at = waiting.pop()
        reference, options = at.get("$ref"), at.get("anyOf", at.get("oneOf"))
        if isinstance(reference, str):
            waiting += [_pointed(root, reference)] if reference not in followed else []
            followed.add(reference)
        elif isinstance(options, list):
            waiting += map(_table, options)
        else:
            found.append(at)
    return found


def _pointed(root: Schema, reference: str) -> Schema:
    """What a reference within the schema stands for; what says nothing, where it leads elsewhere."""
    mark, *_ = reference.split("/")
    at: object = root if mark == "#" else None
    for part in pointer_parts(reference):
        at = _table(at).get(part)
    return _table(at)


def _table(value: object) -> Schema:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []
