"""`plugin.toml`: what a plugin is, contributes and asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from capwright_registry.documents.base import (
    Digest,
    EnvironmentName,
    Few,
    Line,
    Many,
    Name,
    PluginId,
    Pointer,
    Prose,
    RelativeFile,
    Strict,
    Word,
)
from capwright_registry.documents.capability import CapabilityEntry
from capwright_registry.documents.units import ByteSize, Duration
from capwright_registry.limits import BOUNDS, DEFAULTS

Fuel = Annotated[int, Field(ge=BOUNDS["fuel"][0], le=BOUNDS["fuel"][1])]
Memory = Annotated[ByteSize, Field(ge=BOUNDS["memory"][0], le=BOUNDS["memory"][1])]


class ServerLimits(Strict):
    """Limits of a server, for one call. A server has no fuel, and its memory is the sandbox's matter."""

    wall: Duration = DEFAULTS["mcp"]["wall"]
    output: ByteSize = DEFAULTS["mcp"]["output"]


class ComponentLimits(Strict):
    """Limits of a WASM component, each for one call."""

    fuel: Fuel = DEFAULTS["wasm"]["fuel"]
    memory: Memory = DEFAULTS["wasm"]["memory"]
    wall: Duration = DEFAULTS["wasm"]["wall"]
    output: ByteSize = DEFAULTS["wasm"]["output"]


class WasmRuntime(Strict):
    """A WASM component: `artifact` is its file, beside the manifest, and `sha256` the digest of that."""

    kind: Literal["wasm"]
    artifact: RelativeFile
    sha256: Digest | None = None
    limits: ComponentLimits = ComponentLimits()


class McpRuntime(Strict):
    """An MCP server over stdio: its command line, the names of the variables passed on, its pinned tools."""

    kind: Literal["mcp"]
    command: Annotated[tuple[Line, ...], Field(strict=False, min_length=1, max_length=64)]
    env: Few[EnvironmentName] = ()
    pins: RelativeFile | None = None
    limits: ServerLimits = ServerLimits()


class DeclarativeRuntime(Strict):
    """No code at all: the hooks carry their rules."""

    kind: Literal["declarative"]


def _kind(value: Any) -> Any:
    kind = value.get("kind") if isinstance(value, dict) else None
    return f"<{kind}>" if isinstance(kind, str) else None


Runtime = Annotated[
    Annotated[WasmRuntime, Tag("<wasm>")]
    | Annotated[McpRuntime, Tag("<mcp>")]
    | Annotated[DeclarativeRuntime, Tag("<declarative>")],
    Discriminator(_kind),
]


class EffectDoc(Strict):
    """`{ action = "fs.read", from = "/path" }`: the argument `from` names the resource."""

    action: Word
    from_: Pointer | None = Field(None, alias="from")


class ToolDoc(Strict):
    """`[[tool]]`: `input` is a JSON Schema."""

    name: Name
    description: Prose = ""
    input: dict[str, Any] = Field(default_factory=dict, max_length=256)
    effects: Few[EffectDoc] = ()


class HookDoc(Strict):
    """`[[hook]]`: for a declarative plugin with its rule (`when`, `message`, `arguments`, `set`)."""

    on: Word
    match: Line = "**"
    power: Word
    name: Name | None = None
    when: Line | None = None
    message: Prose = ""
    arguments: dict[Pointer, Line] = Field(default_factory=dict, max_length=64)
    set: dict[Pointer, Any] = Field(default_factory=dict, max_length=64)


class PluginDoc(Strict):
    """The whole of `plugin.toml`."""

    schema_: Literal["capwright.plugin/1"] = Field(alias="schema")
    id: PluginId
    version: Word
    api: Annotated[str, Field(max_length=256)]
    description: Prose = ""
    runtime: Runtime
    tool: Many[ToolDoc] = ()
    hook: Many[HookDoc] = ()
    requires: Many[CapabilityEntry] = ()
    config: dict[str, Any] = Field(default_factory=dict, max_length=256)
