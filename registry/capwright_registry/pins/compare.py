"""Compare what a server answers now with what was approved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from capwright_registry.errors import InputError, Problem
from capwright_registry.pins.model import Drift, Kind, Pins, ServerFacts, ToolPin, field_digests, tool_digest
from capwright_registry.pins.write import ANSWER, repeated_names
from capwright_registry.strict_json import JsonError


def compare(pins: Pins, live: ServerFacts) -> tuple[Drift, ...]:
    """Every difference: the server's own fields first, then the tools by name; empty when there is none.

    The order of the list and of keys makes no difference. Raises `InputError` when an answer has no meaning:
    a tool without a name, or two tools of one name.
    """
    return (*_server(pins, live), *_tools(pins, live))


def compare_launch(pins: Pins, command: Sequence[str], environment: Iterable[str]) -> tuple[Drift, ...]:
    """How the declared launch differs from the approved one; the argument vector as the manifest has it."""
    found = []
    if tuple(command) != pins.command:
        found.append(Drift(None, "command", "changed"))
    if sorted(set(environment)) != sorted(set(pins.environment)):
        found.append(Drift(None, "environment", "changed"))
    return tuple(found)


def _server(pins: Pins, live: ServerFacts) -> Iterator[Drift]:
    for field in ("name", "version", "instructions", "protocol"):
        before, now = getattr(pins, field), getattr(live, field)
        if before != now:
            yield Drift(None, field, _kind(before, now))


def _tools(pins: Pins, live: ServerFacts) -> Iterator[Drift]:
    found = _by_name(live)
    for name in sorted(pins.tools.keys() | found.keys()):
        if name not in found:
            yield Drift(name, None, "removed")
        elif name not in pins.tools:
            yield Drift(name, None, "added")
        else:
            yield from _tool(pins.tools[name], found[name])


def _by_name(live: ServerFacts) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    problems = [
        Problem(f"two tools are named {json.dumps(name)[:80]}", ANSWER, "a name must say which tool is meant")
        for name in repeated_names(live.tools)
    ]
    for tool in live.tools:
        name = tool.get("name") if isinstance(tool, Mapping) else None
        if isinstance(name, str):
            found[name] = tool
        else:
            problems.append(Problem("a tool has no name", ANSWER, "the server must name each tool"))
    if problems:
        raise InputError(problems)
    return found


def _tool(pin: ToolPin, live: Mapping[str, object]) -> Iterator[Drift]:
    try:
        if tool_digest(live) == pin.digest:
            return
        now = field_digests(live)
    except JsonError:
        # It has no canonical form, so it is not what was pinned; which field it is, the digests cannot say.
        yield Drift(pin.name, None, "changed")
        return
    for field in sorted(pin.fields.keys() | now.keys()):
        if pin.fields.get(field) != now.get(field):
            yield Drift(pin.name, field, _kind(pin.fields.get(field), now.get(field)))


def _kind(before: str | None, now: str | None) -> Kind:
    if before is None:
        return "added"
    return "removed" if now is None else "changed"
