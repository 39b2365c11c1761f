"""An admission for programs."""

from __future__ import annotations

from capwright_cli.admitting import Granted
from capwright_cli.render.structure import dumped

SCHEMA = "capwright.admission/1"


def render(granted: Granted) -> str:
    """The admission as a JSON object; a refusal is a `capwright.failure/1`."""
    admission = granted.admission
    return dumped(
        {
            "schema": SCHEMA,
            "admitted": True,
            "agent": admission.agent,
            "plugin": admission.plugin,
            "kind": admission.kind,
            "actions": sorted(admission.tables),
            "tools": sorted(admission.tools),
            "lost": list(granted.lost),
        }
    )
