"""What the sandbox of a server cannot express of what the server was granted: said, never dropped."""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.authority import effective
from capwright_policy.emit.process import process_plan
from capwright_policy.findings import Note
from capwright_policy.routes import unconfined
from capwright_policy.setting import Setting, holders


def inexpressible(setting: Setting) -> Iterator[Note]:
    """A note for each distinction that a server's sandbox loses; the stricter side is what holds."""
    for holder in holders(setting):
        if holder.plugin.kind == "mcp" and not unconfined(setting, holder):
            for told in _lost(process_plan(effective(setting, holder))):
                yield Note(
                    "not-in-sandbox", holder.subject, f"in its sandbox, {told}", holder.grant.grant_span
                )


def _lost(plan: dict[str, object]) -> list[str]:
    lost = plan["lost"]
    return [str(told) for told in lost] if isinstance(lost, list) else []
