"""A call's result for programs."""

from __future__ import annotations

from capwright_cli.calling import Called
from capwright_cli.render.structure import dumped

SCHEMA = "capwright.call/1"


def render(called: Called) -> str:
    """The result as a JSON object; a refusal or denial is a `capwright.failure/1`."""
    result = called.result
    return dumped(
        {
            "schema": SCHEMA,
            "tool": called.tool,
            "text": result.text,
            "is_error": result.is_error,
            "cut_bytes": result.cut,
            "annotations": list(result.annotations),
            "denials": [
                {
                    "action": d.action,
                    "resource": d.resource,
                    "layer": d.layer,
                    "reason": d.reason,
                    "source": d.source,
                }
                for d in result.denials
            ],
            "history": result.seq,
        }
    )
