"""What the host writes to history, and the plain form in which a call's arguments travel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from capwright_registry.decide import PERMISSION_ACTION, Decision
from capwright_runtimes.admission import Admitted
from capwright_runtimes.frozen import thaw
from capwright_runtimes.mediators.output_bound import Bounded, bound
from capwright_runtimes.refusal import deny

MAX_ARGUMENT_BYTES: Final = 1024 * 1024
MAX_SHOWN_BYTES: Final = 4096


def plain_arguments(tool: str, arguments: Mapping[str, object]) -> dict[str, object]:
    """A fresh JSON copy of the arguments, which nobody else holds. Raises `Denied` (layer `arguments`).

    What is not JSON (NaN, a number as a key, a nesting without end) and what is too long is denied.
    """
    try:
        text = json.dumps(thaw(arguments), allow_nan=False)
        copy = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        raise deny(PERMISSION_ACTION, tool, "arguments", "the arguments are no JSON object") from None
    if len(text) > MAX_ARGUMENT_BYTES or not isinstance(copy, dict) or copy != thaw(arguments):
        raise deny(PERMISSION_ACTION, tool, "arguments", "the arguments are no JSON object, or too long")
    return copy


def shown(text: str) -> str:
    """Untrusted text for a record: escaped and bounded."""
    return bound(text, MAX_SHOWN_BYTES).text


def start_record(admitted: Admitted, context: Mapping[str, object]) -> dict[str, object]:
    """Who runs from here on, with which plugins and in which context."""
    told = {name: shown(repr(value)) for name, value in sorted(context.items())}
    return {"kind": "start", "agent": admitted.agent, "plugins": list(admitted.plugins), "context": told}


def effect_record(
    plugin: str, tool: str, decision: Decision, facts: Mapping[str, object]
) -> dict[str, object]:
    """One effect that a tool wanted, allowed or not."""
    return {"kind": "effect", "plugin": plugin, "tool": tool, **_told(decision), **facts}


def denial_record(tool: str, decision: Decision) -> dict[str, object]:
    """One call that did not happen, or whose result was withheld."""
    return {"kind": "denied", "tool": shown(tool), **_told(decision)}


def call_record(
    tool: str, arguments: Mapping[str, object], context: Mapping[str, object]
) -> dict[str, object]:
    """One call that is about to happen; written first, so that a crash leaves a trace of what ran."""
    told = shown(json.dumps(thaw(arguments), sort_keys=True))
    return {"kind": "call", "tool": tool, "arguments": told, "approved": context.get("approved") is True}


def result_record(
    tool: str, text: Bounded, is_error: bool, annotations: tuple[str, ...]
) -> dict[str, object]:
    """What the agent is given: exactly this text and these annotations, and nothing beside them."""
    return {
        "kind": "result",
        "tool": tool,
        "text": text.text,
        "cut": text.cut_bytes,
        "escaped": text.escaped,
        "error": is_error,
        "annotations": list(annotations),
    }


def _told(decision: Decision) -> dict[str, object]:
    return {
        "allowed": decision.allowed,
        "action": decision.action,
        "resource": shown(decision.resource),
        "layer": decision.layer,
        "reason": shown(decision.reason),
        "source": decision.source,
    }
