"""What a target of `capwright stubs` is, and what it is given: one plugin's part of a proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from capwright_registry.errors import InternalError


@dataclass(frozen=True, slots=True)
class Case:
    """One effect in one context, that the proof decided; the context holds a value for every variable."""

    action: str
    resource: str
    context: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof says of one plugin of one agent.

    `table` is the plugin's table, `context` the declarations of the variables, `cases` the finitely many on
    which the checker compared table and layers, `digest` the proof's own. `specs/proof.md` states the shapes.
    """

    agent: str
    plugin: str
    digest: str
    table: Mapping[str, Any]
    context: Mapping[str, Mapping[str, Any]]
    cases: Sequence[Case]


@dataclass(frozen=True, slots=True)
class Emission:
    """What was emitted. `lost` says what the target cannot express; there it decides the stricter way."""

    text: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A target by name. `emit` raises `InternalError` rather than give a stub that decides otherwise."""

    name: str
    emit: Callable[[Proven], Emission]


def proven(family: Mapping[str, Any], agent: str, plugin: str, table: Mapping[str, Any]) -> Proven:
    """The part of a checked proof for one plugin; `table` is what the runtime would decide with.

    `family` is the family of the agent with the head of the proof. Raises `KeyError` where it has no such
    plugin.
    """
    declared = family["variables"]
    contexts = [_read(values, declared) for values in family["contexts"]]
    entries = [h for h in family["holders"] if (h["agent"], h["plugin"]) == (agent, plugin)]
    if len(entries) != 1:
        raise InternalError(f"the proof has {len(entries)} entries for `{agent}/{plugin}`")
    cases = [
        Case(action, case if isinstance(case, str) else case[0], contexts[number])
        for action in table["actions"]
        for case in family["cases"][action]
        for number in entries[0]["contexts"]
    ]
    return Proven(agent, plugin, family["digest"], table, declared, cases)


def _read(values: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]]) -> dict[str, object]:
    """A context of the proof, in which whole numbers stand as text."""
    return {
        name: int(value) if declared[name]["type"] in ("int", "timestamp") else value
        for name, value in values.items()
    }
