"""What the documents say, resolved: patterns and conditions parsed, sets and roots expanded, names looked up.

Everything here is frozen and comes out of `workspace.load_workspace` and `host_policy.load_host_policy`; the
raw TOML models are in `documents/`. Every value keeps its span, so that a finding can point at its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from capwright_registry.spans import Span
from capwright_registry.vocabulary import FlowRule, Label, RuntimeKind, Tier

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

    from capwright_registry.clients.reading import ClientFile
    from capwright_registry.conditions import Condition, Variable
    from capwright_registry.documents.document import Document
    from capwright_registry.documents.plugin import PluginDoc
    from capwright_registry.documents.profile import ProfileDoc
    from capwright_registry.documents.workspace import WorkspaceDoc
    from capwright_registry.patterns import Pattern

InputRole = Literal[
    "workspace", "plugin", "profile", "artifact", "pins", "rules", "host", "client", "listing"
]
Decision = Literal["allow", "ask", "deny"]
ChildScope = Literal["profile", "any-subset"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file that was read: `path` as spans show it, `size` in bytes, `sha256` in hex.

    `path` is relative to the workspace root, or absolute for a file outside of it (POSIX). Digest and
    content come from the same bytes, read once. A `listing` is a folder, its path ending in `/`, its digest
    that of the names in it, so that one more plugin or profile is a change; its `size` is their number. The
    listing of the files of other clients has a path of its own (`clients.presence.LISTING`).
    """

    path: str
    sha256: str
    size: int
    role: InputRole


@dataclass(frozen=True, slots=True)
class Capability:
    """`on` minus `except_`, for one action, while `when` holds and before `until` (aware, UTC).

    `limits` maps `calls` and `bytes` to whole numbers; an absent key is no limit. `never` says that the
    action is in `NEVER_GRANTABLE`: `on` and `except_` are then empty, `written` is what `on` said, and a
    check reports it. `span` is the table, `on_span` the whole `on` array, `on_spans` and `except_spans` each
    string with quotes. `to` is the identity of the plugin that a `lend` entry serves, None elsewhere.
    """

    action: str
    on: tuple[Pattern, ...]
    except_: tuple[Pattern, ...]
    when: Condition | None
    until: datetime | None
    limits: Mapping[str, int]
    optional: bool
    reason: str
    never: bool
    to: str | None
    span: Span
    on_span: Span
    on_spans: tuple[Span, ...]
    except_spans: tuple[Span, ...]
    written: tuple[str, ...] = ()


CapabilityList: TypeAlias = tuple[Capability, ...]
"""A union of capabilities."""

Meet: TypeAlias = tuple[CapabilityList, ...]
"""The intersection of unions: what every one of the lists allows (`extends` adds a list). Never empty."""


@dataclass(frozen=True, slots=True)
class ToolEffect:
    """One effect of a tool; `pointer` (RFC 6901) names the argument that holds the resource, if one does."""

    action: str
    pointer: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a plugin contributes; `identity` is `project:acme.notes/search`; `input` a JSON Schema."""

    name: str
    identity: str
    description: str
    input: Mapping[str, object]
    effects: tuple[ToolEffect, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook that a plugin contributes, on an event and the tools whose identity `match` covers.

    `when`, `message`, `arguments` (JSON Pointer, pattern of the value) and `set` (JSON Pointer to new value)
    are the rule of a declarative hook; they are empty for the other runtime kinds. `name` is unique in its
    plugin.
    """

    name: str
    on: str
    match: Pattern
    power: str
    when: Condition | None
    message: str
    arguments: tuple[tuple[str, Pattern], ...]
    set: Mapping[str, object]
    span: Span


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's manifest, resolved. `folder` is absolute and real; `identity` is `TIER:ID`.

    `runtime` is the manifest's table with `limits` parsed: `fuel` (units), `memory` and `output` (bytes),
    `wall` (milliseconds). `command` has its roots expanded. `version` is PEP 440, `api` a PEP 440 specifier
    set.
    """

    identity: str
    id: str
    tier: Tier
    version: str
    api: SpecifierSet
    kind: RuntimeKind
    folder: Path
    document: Document[PluginDoc]
    runtime: Mapping[str, object]
    artifact: InputFile | None
    pins: InputFile | None
    command: tuple[str, ...]
    env: tuple[str, ...]
    tools: tuple[Tool, ...]
    hooks: tuple[Hook, ...]
    requires: CapabilityList
    config: Mapping[str, object]
    span: Span


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission rule: what happens on a call of a tool whose identity `pattern` covers, while `when`
    holds.
    """

    pattern: Pattern
    action: Decision
    when: Condition | None
    span: Span


@dataclass(frozen=True, slots=True)
class Grant:
    """An `[[enable]]` entry: a plugin, what it is granted, what its tools may cause on behalf of others.

    `plugin` is the first of that identity in source order (`shadowed-identity` reports that there are more);
    whether its version is within `version` is a check's matter. `grant_span` is the whole `grant` value.
    """

    identity: str
    version: SpecifierSet
    plugin: Plugin
    grant: CapabilityList
    lend: CapabilityList
    span: Span
    grant_span: Span


@dataclass(frozen=True, slots=True)
class Child:
    """A `[[child]]` entry: which profile may be spawned, how deep, how many, with which part of the scope.

    `budget` maps `calls` (number), `output` (bytes) and `wall` (milliseconds) to whole numbers; an absent
    key is no limit of its own.
    """

    profile: str
    max_depth: int
    max_children: int
    scope: ChildScope
    budget: Mapping[str, int]
    span: Span


@dataclass(frozen=True, slots=True)
class Profile:
    """What one kind of agent may do. `delegable` equals `scope` where the document leaves it out.

    With `extends`, `scope` and `delegable` are meets with the other profile's, `permissions` holds the rules
    of both and `default` is the stricter of the two; grants and children are the document's own.
    """

    name: str
    document: Document[ProfileDoc]
    scope: Meet
    delegable: Meet
    delegable_declared: bool
    permissions: tuple[Permission, ...]
    default: Decision
    grants: tuple[Grant, ...]
    children: tuple[Child, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Accept:
    """A finding that the operator takes on by name. It no longer holds on the day `until`, nor after it."""

    finding: str
    at: str
    reason: str
    until: date
    span: Span
    at_span: Span


@dataclass(frozen=True, slots=True)
class Labelled:
    """The operator's word on what the tools of a pattern bring to their agent."""

    pattern: Pattern
    labels: frozenset[Label]
    span: Span


@dataclass(frozen=True, slots=True)
class Flow:
    """Which flows of information no agent may have. `ask_breaks`: a call that the user is asked for is none.

    `span` is the list of rules.
    """

    rules: tuple[FlowRule, ...]
    ask_breaks: bool
    labels: tuple[Labelled, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Source:
    """A folder that holds one folder a plugin, and the tier that the workspace claims for it.

    `folder` is absolute and real. `inside` says that it lies in the workspace, so that whoever wrote the
    workspace wrote its plugins too, whatever tier they are said to be of.
    """

    tier: Tier
    folder: Path
    inside: bool
    span: Span


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """What stands above every workspace. `source` is "built-in" or the file's path; `sha256` is of its bytes.

    `ceilings` has every tier; an empty list allows nothing. `accepted` says which checks' findings a
    workspace of that tier may accept by name. `mediators` are those the host really has, `api` the interface
    it really offers. `folds_case` says that its file systems take two spellings of one name for one file; the
    ceilings are then folded, and so must be what is held against them. `permissions` are the most that agents
    may call: of tools named by the tier that the host believes, else `permission_default`.
    """

    ceilings: Mapping[Tier, CapabilityList]
    mediators: tuple[str, ...]
    accepted: Mapping[Tier, frozenset[str]]
    api: str
    source: str
    sha256: str
    folds_case: bool = False
    permissions: tuple[Permission, ...] = ()
    permission_default: Decision = "allow"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that was read under one root (absolute, real), resolved.

    `roots` are absolute real paths by name. `ceilings` has only the tiers that the workspace declares.
    `variables` are the built-in context and the workspace's own. `plugins` keeps both of two plugins with
    one identity. `inputs` is every file read, once each, sorted by path. `clients` are the files by which
    other clients load what they load here, `client_listing` says which there are.
    """

    root: Path
    name: str
    document: Document[WorkspaceDoc]
    roots: Mapping[str, str]
    api: str
    mediators: tuple[str, ...]
    sources: tuple[Source, ...]
    ceilings: Mapping[Tier, CapabilityList]
    variables: Mapping[str, Variable]
    accepts: tuple[Accept, ...]
    plugins: tuple[Plugin, ...]
    profiles: tuple[Profile, ...]
    inputs: tuple[InputFile, ...]
    listings: tuple[InputFile, ...] = ()
    flow: Flow | None = None
    clients: tuple[ClientFile, ...] = ()
    client_listing: InputFile | None = None

    @property
    def bound(self) -> tuple[InputFile, ...]:
        """All that a proof is bound to: files that were read and folders that were listed, by path."""
        others = () if self.client_listing is None else (self.client_listing,)
        return tuple(sorted((*self.inputs, *self.listings, *others), key=lambda file: file.path))
