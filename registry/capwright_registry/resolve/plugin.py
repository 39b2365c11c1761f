"""A plugin's manifest, resolved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capwright_registry.capability import InputFile, Plugin, Tool, ToolEffect
from capwright_registry.documents.document import Document
from capwright_registry.documents.plugin import McpRuntime, PluginDoc, ToolDoc, WasmRuntime
from capwright_registry.inputs import Inputs
from capwright_registry.limits import DEFAULTS
from capwright_registry.report import Report
from capwright_registry.resolve.capabilities import CapabilityReader
from capwright_registry.resolve.hooks import read_hooks
from capwright_registry.resolve.reading import Reading
from capwright_registry.resolve.schema import pointer_problem, unfit_for_json
from capwright_registry.resolve.versions import read_range, read_version
from capwright_registry.resolve.workspace import Shared
from capwright_registry.vocabulary import ACTIONS, NEVER_GRANTABLE, Tier


@dataclass(frozen=True)
class Manifest:
    """A manifest that was read, and where it was found. `folder` is absolute and real."""

    document: Document[PluginDoc]
    tier: Tier
    folder: Path


def resolve_plugin(manifest: Manifest, shared: Shared, inputs: Inputs, report: Report) -> Plugin:
    """Resolve a manifest; reads the artifact and the pins for their digests."""
    model = manifest.document.model
    reading = Reading(manifest.document, shared.names, report)
    identity = f"{manifest.tier}:{model.id}"
    runtime = _runtime(reading)
    return Plugin(
        identity=identity,
        id=model.id,
        tier=manifest.tier,
        version=read_version(reading, model.version, ("version",)),
        api=read_range(reading, model.api, ("api",)),
        kind=model.runtime.kind,
        folder=manifest.folder,
        document=manifest.document,
        runtime=runtime,
        artifact=_attachment(manifest, inputs, "artifact"),
        pins=_attachment(manifest, inputs, "pins"),
        command=tuple(runtime.get("command", ())),
        env=tuple(runtime.get("env", ())),
        tools=_tools(reading, identity),
        hooks=read_hooks(reading, model),
        requires=CapabilityReader(reading, shared.sets).read(model.requires, "requires"),
        config=_json(reading, model.config, ("config",)),
        span=manifest.document.span("id"),
    )


def _runtime(reading: Reading) -> dict[str, Any]:
    """The runtime's table as plain JSON values, limits parsed and defaults put in."""
    runtime = reading.document.model.runtime
    if isinstance(runtime, WasmRuntime | McpRuntime):
        table = runtime.model_dump(mode="json", exclude_none=True)
    else:
        table = {"kind": runtime.kind, "limits": dict(DEFAULTS[runtime.kind])}
    if isinstance(runtime, McpRuntime):
        route = ("runtime", "command")
        table["command"] = [reading.expanded(word, (*route, n)) for n, word in enumerate(runtime.command)]
    return table


def _attachment(manifest: Manifest, inputs: Inputs, key: str) -> InputFile | None:
    name = getattr(manifest.document.model.runtime, key, None)
    if name is None or manifest.document.damaged("runtime", key):
        return None
    role: Any = key
    return inputs.attachment(manifest.folder / name, role, manifest.document.span("runtime", key))


def _tools(reading: Reading, identity: str) -> tuple[Tool, ...]:
    model = reading.document.model
    unsure = reading.document.damaged("runtime", "kind")
    if model.runtime.kind == "declarative" and model.tool and not unsure:
        reading.problem(
            ("tool", 0), "a declarative plugin has no code that a tool could run", "remove the tool"
        )
    _refuse_repeats(reading, (tool.name for tool in model.tool), "tool")
    return tuple(_tool(reading, identity, doc, number) for number, doc in enumerate(model.tool))


def _refuse_repeats(reading: Reading, names: Iterable[str], table: str) -> None:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            reading.problem(
                (table, number, "name"), f"there is another {table} `{name}`", "rename one of them"
            )
        seen.add(name)


def _tool(reading: Reading, identity: str, doc: ToolDoc, number: int) -> Tool:
    route = ("tool", number)
    return Tool(
        name=doc.name,
        identity=f"{identity}/{doc.name}",
        description=doc.description,
        input=_json(reading, doc.input, (*route, "input")),
        effects=tuple(_effect(reading, doc, number, n) for n in range(len(doc.effects))),
        span=reading.document.span(*route),
    )


def _effect(reading: Reading, tool: ToolDoc, number: int, effect_number: int) -> ToolEffect:
    doc, route = tool.effects[effect_number], ("tool", number, "effects", effect_number)
    reading.known(doc.action, {*ACTIONS, *NEVER_GRANTABLE}, "action", (*route, "action"))
    if doc.from_ is not None and not reading.document.damaged("tool", number, "input"):
        problem = pointer_problem(tool.input, doc.from_)
        if problem:
            reading.problem((*route, "from"), problem, "name a property of `input` that holds the resource")
    return ToolEffect(doc.action, doc.from_, reading.document.span(*route))


def _json(reading: Reading, value: dict[str, Any], route: tuple[str | int, ...]) -> dict[str, Any]:
    unfit = unfit_for_json(value)
    if unfit:
        reading.problem(
            route, f"`{route[-1]}` holds {unfit}, which JSON does not have", "write it as a string"
        )
    return value
