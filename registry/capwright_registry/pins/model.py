"""What a server says of itself, what was approved of it, and how the two differ."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from capwright_registry.strict_json import canonical_json

SCHEMA: Final = "capwright.pins/1"
MAX_TOOLS: Final = 512
TOOL_DOMAIN: Final = b"capwright-tool-v1\0"
FIELD_DOMAIN: Final = b"capwright-field-v1\0"

Kind = Literal["changed", "added", "removed"]


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What one server answered: its identity, the protocol revision agreed on, and its raw tool objects.

    `tools` are the objects as they came over the wire (unknown keys kept), in the server's order.
    """

    name: str | None
    version: str | None
    instructions: str | None
    protocol: str
    tools: Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class ToolPin:
    """One approved tool: its whole definition, the digest of it, and one digest a field (all hex SHA-256)."""

    name: str
    definition: Mapping[str, object]
    digest: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pins:
    """What was approved of one server and of how it is launched.

    `command` is the argument vector as the manifest declares it (roots such as `${workspace}` not expanded),
    `environment` the names of the variables that are passed on.
    """

    name: str | None
    version: str | None
    instructions: str | None
    protocol: str
    command: tuple[str, ...]
    environment: tuple[str, ...]
    tools: Mapping[str, ToolPin]


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. `tool` is None for the server itself; `field` is None for a tool as a whole."""

    tool: str | None
    field: str | None
    kind: Kind

    def __str__(self) -> str:
        subject = "the server" if self.tool is None else f"`{self.tool}`"
        return (
            f"{subject}: `{self.field}` {self.kind}" if self.field is not None else f"{subject} {self.kind}"
        )


def tool_digest(definition: Mapping[str, object]) -> str:
    """SHA-256 (hex) over `capwright-tool-v1`, a NUL and the JCS of the definition. Raises `JsonError`."""
    return hashlib.sha256(TOOL_DOMAIN + canonical_json(dict(definition))).hexdigest()


def field_digests(definition: Mapping[str, object]) -> dict[str, str]:
    """SHA-256 (hex) of each field: over `capwright-field-v1`, a NUL and the JCS of `[key, value]`."""
    return {
        key: hashlib.sha256(FIELD_DOMAIN + canonical_json([key, value])).hexdigest()
        for key, value in sorted(definition.items())
    }
