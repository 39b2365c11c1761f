"""The part of an emitted Python stub that is not the deciding itself: its tables, its interface, its command.

This file's text ends up in stubs: the five constants are replaced by what the proof says, and imports from
`capwright_registry` by the text of those modules. Standard library only.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from capwright_registry.decide import ActionTable, Decision
from capwright_registry.decide import decide as decide_tables

AGENT: str = ""
PLUGIN: str = ""
PROOF: str = ""
CONTEXT: Mapping[str, Mapping[str, Any]] = {}
TABLES: Mapping[str, Mapping[str, Any]] = {}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMPILED = {action: ActionTable(table) for action, table in TABLES.items()}


def decide(action: str, resource: str, context: Mapping[str, object]) -> Decision:
    """Whether `PLUGIN` may cause the effect for `AGENT`; true in a condition when it may.

    `context` gives every variable of `CONTEXT` that a condition needs (`now` in microseconds since the epoch,
    UTC); one that is missing denies. Never raises for what it is told.
    """
    return decide_tables(_COMPILED, action, resource, context)


def main(arguments: Sequence[str]) -> int:
    """`EFFECT [NAME=VALUE ...]`: print the decision; 0 for allowed, 1 for denied, 2 for neither."""
    try:
        effect, *given = arguments
        context = {"now": time.time_ns() // 1000, **dict(_given(item) for item in given)}
    except (ValueError, KeyError):
        print("usage: ACTION:RESOURCE [NAME=VALUE ...], names from the declared context", file=sys.stderr)
        return 2
    action, _, resource = effect.partition(":")
    decision = decide(action, resource, context)
    # ASCII alone: a name from elsewhere must not act on the terminal.
    shown = ascii(f"{decision.action}:{decision.resource}")[1:-1]
    place = f" ({ascii(decision.source)[1:-1]})" if decision.source else ""
    if decision:
        print(f"allowed: {shown}{place}")
        return 0
    print(f"denied by {decision.layer}: {shown}: {ascii(decision.reason)[1:-1]}{place}")
    return 1


def _given(item: str) -> tuple[str, object]:
    name, equals, text = item.partition("=")
    kind = CONTEXT[name]["type"]
    if not equals or (kind == "bool" and text not in ("true", "false")):
        raise ValueError(item)
    if kind == "bool":
        return name, text == "true"
    if kind == "timestamp":
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:  # it would be read in the zone of the machine
            raise ValueError(item)
        return name, (moment - _EPOCH) // timedelta(microseconds=1)
    return name, int(text) if kind == "int" else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
