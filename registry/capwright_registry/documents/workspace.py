"""`capwright.toml`: the workspace."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from capwright_registry.documents.base import Few, Line, Many, Name, PathText, Prose, Strict, Word
from capwright_registry.documents.capability import AllowDoc, SetDoc
from capwright_registry.documents.units import Day
from capwright_registry.vocabulary import FlowRule, Label, Tier


class HostTable(Strict):
    """`[host]`: the interface and the mediators that the workspace counts on."""

    api: Word
    mediators: Few[Word]


class VariableDoc(Strict):
    """`[context.NAME]`: a variable that conditions may use."""

    type: Literal["bool", "int", "string", "timestamp", "enum"]
    values: Many[Word] = ()


class SourceDoc(Strict):
    """`[[source]]`: a folder with one folder a plugin."""

    tier: Tier
    path: PathText


class ProfilesDoc(Strict):
    """`[profiles]`: the folder of the profiles."""

    path: PathText


class AcceptDoc(Strict):
    """`[[accept]]`: a finding that the operator takes on, with a reason and an end."""

    finding: Word
    at: Line
    reason: Prose
    until: Day


class LabelDoc(Strict):
    """`[[flow.label]]`: what the tools of a pattern bring to their agent; the empty list is a word too."""

    tool: Line
    labels: Few[Label]


class FlowDoc(Strict):
    """`[flow]`: which flows of information no agent may have, and what the operator says of tools."""

    rules: Annotated[Few[FlowRule], Field(min_length=1)]
    breaks: Few[Literal["ask"]] = ()
    label: Many[LabelDoc] = ()


class WorkspaceDoc(Strict):
    """The whole of `capwright.toml`."""

    schema_: Literal["capwright.workspace/1"] = Field(alias="schema")
    name: Name
    host: HostTable
    roots: dict[Name, PathText] = Field(default_factory=dict, max_length=64)
    context: dict[Name, VariableDoc] = Field(default_factory=dict, max_length=256)
    source: Few[SourceDoc] = ()
    profiles: ProfilesDoc | None = None
    ceiling: dict[Tier, AllowDoc] = Field(default_factory=dict)
    sets: dict[Name, SetDoc] = Field(default_factory=dict, max_length=256)
    accept: Many[AcceptDoc] = ()
    flow: FlowDoc | None = None
