"""What a server says of itself, for whoever is to approve it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rich.text import Text

from capwright_cli.escape import escape
from capwright_cli.pinning import Observed
from capwright_cli.render.blocks import BOLD
from capwright_registry.pins import Drift

_MOST = 400


def render(observed: Observed) -> Text:
    """Everything of a server that has no pins; else what changed, field by field."""
    name = escape(observed.plugin.identity)
    if observed.old is not None and not observed.drifts:
        return Text.assemble(("unchanged", "bold green"), f": `{name}` says what was pinned")
    if observed.old is None:
        text = Text.assemble(("new", "bold yellow"), (f": `{name}` has no pins", BOLD))
        for tool in observed.facts.tools:
            text.append(f"\n  {_shown(tool.get('name'))}: {_shown(tool.get('description'))}")
    else:
        text = Text.assemble(("changed", "bold red"), (f": `{name}` is not what was pinned", BOLD))
        for drift in observed.drifts:
            text.append_text(_drift(drift, observed))
    if not observed.declared:
        text.append(f'\nadd `pins = "{observed.file}"` under `[runtime]` of its manifest')
    return text


def _drift(drift: Drift, observed: Observed) -> Text:
    text = Text(f"\n  {escape(str(drift))}")
    before, now = _values(drift, observed)
    for sign, value, style in (("-", before, "red"), ("+", now, "green")):
        if value is not None:
            text.append(f"\n    {sign} {_shown(value)}", style=style)
    return text


def _values(drift: Drift, observed: Observed) -> tuple[object, object]:
    """What a field was and is, where the drift is about one field of one tool."""
    if drift.tool is None or drift.field is None or observed.old is None:
        return None, None
    pinned = observed.old.tools.get(drift.tool)
    live: Mapping[str, object] = next((t for t in observed.facts.tools if t.get("name") == drift.tool), {})
    return (pinned.definition if pinned else {}).get(drift.field), live.get(drift.field)


def _shown(value: object) -> str:
    """JSON in ASCII, so that a look-alike letter shows, and bounded."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= _MOST else f"{text[:_MOST]}... ({len(text)} characters)"
