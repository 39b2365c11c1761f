"""Capabilities as documents write them: one table each, or a set of the workspace by name."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from capwright_registry.documents.base import Count, Identity, Line, Many, Name, Prose, Strict, Word
from capwright_registry.documents.units import ByteSize, Instant


class LimitsDoc(Strict):
    """How often and how much: `limits = { calls = 100, bytes = "1MiB" }`."""

    calls: Count | None = None
    bytes: ByteSize | None = None


class CapabilityDoc(Strict):
    """`{ action = "fs.read", on = ["${workspace}/**"], except = ["**/.env"], when = "mode != 'ci'" }`."""

    action: Word
    on: Many[Line] = ()
    except_: Many[Line] = Field((), alias="except")
    when: Line | None = None
    until: Instant | None = None
    limits: LimitsDoc | None = None
    optional: bool = False
    reason: Prose = ""


class SetUseDoc(Strict):
    """`{ set = "NAME" }`: everything in `[sets.NAME]` of the workspace."""

    set: Name


class LendDoc(CapabilityDoc):
    """A capability that a plugin's tools may use on behalf of the plugin `to`."""

    to: Identity


class LendSetDoc(SetUseDoc):
    """`{ set = "NAME", to = "project:acme.notes" }`."""

    to: Identity


def _kind(value: Any) -> str:
    # Tags in angle brackets: they show up in error locations, and must not look like a key there.
    return "<set>" if isinstance(value, dict) and "set" in value else "<capability>"


CapabilityEntry = Annotated[
    Annotated[CapabilityDoc, Tag("<capability>")] | Annotated[SetUseDoc, Tag("<set>")], Discriminator(_kind)
]
LendEntry = Annotated[
    Annotated[LendDoc, Tag("<capability>")] | Annotated[LendSetDoc, Tag("<set>")], Discriminator(_kind)
]


class AllowDoc(Strict):
    """A table whose one key is a list of capabilities: `[scope]`, `[ceiling.TIER]`, `[sets.NAME]`."""

    allow: Many[CapabilityEntry]


class SetDoc(Strict):
    """`[sets.NAME]`: capabilities that several documents share. A set does not use another set."""

    allow: Many[CapabilityDoc]
