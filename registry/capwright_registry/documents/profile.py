"""`profiles/NAME.toml`: what one kind of agent may do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from capwright_registry.documents.base import Count, Few, Identity, Line, Many, Name, Strict
from capwright_registry.documents.capability import AllowDoc, CapabilityEntry, LendEntry
from capwright_registry.documents.units import ByteSize, Duration

Decision = Literal["allow", "ask", "deny"]


class RuleDoc(Strict):
    """One permission rule: `{ tool = "project:acme.notes/*", action = "allow", when = "mode != 'ci'" }`."""

    tool: Line
    action: Decision
    when: Line | None = None


class PermissionsDoc(Strict):
    """`[permissions]`: deny beats ask beats allow, whatever the order; `default` where no rule matches."""

    default: Decision = "deny"
    rules: Many[RuleDoc] = ()


class EnableDoc(Strict):
    """`[[enable]]`: a plugin, and what it is granted."""

    plugin: Identity
    version: Annotated[str, Field(max_length=256)] = ""
    grant: Many[CapabilityEntry] = ()
    lend: Many[LendEntry] = ()


class BudgetDoc(Strict):
    """`budget = { calls = 100, output = "1MiB", wall = "10m" }`: what all of a child's work may use up."""

    calls: Count | None = None
    output: ByteSize | None = None
    wall: Duration | None = None


class ChildDoc(Strict):
    """`[[child]]`: a profile that an agent may spawn."""

    profile: Name
    max_depth: Annotated[int, Field(ge=1, le=16)] = 1
    max_children: Annotated[int, Field(ge=1, le=1024)] = 1
    scope: Literal["profile", "any-subset"] = "profile"
    budget: BudgetDoc | None = None


class ProfileDoc(Strict):
    """The whole of a profile."""

    schema_: Literal["capwright.profile/1"] = Field(alias="schema")
    name: Name
    extends: Name | None = None
    scope: AllowDoc | None = None
    delegable: AllowDoc | None = None
    permissions: PermissionsDoc | None = None
    enable: Many[EnableDoc] = ()
    child: Few[ChildDoc] = ()
