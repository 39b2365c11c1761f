"""An admission for people."""

from __future__ import annotations

from rich.text import Text

from capwright_cli.admitting import Granted
from capwright_cli.escape import escape
from capwright_cli.render.blocks import BOLD


def render(granted: Granted) -> Text:
    """Who is admitted as what, with which actions and tools, and what its sandbox does not give of them."""
    admission = granted.admission
    subject = f"`{escape(admission.agent)}/{escape(admission.plugin)}`"
    text = Text.assemble(("admitted", "bold green"), (f": {subject} as {escape(admission.kind)}", BOLD))
    for label, names in (("actions", admission.tables), ("tools", admission.tools)):
        text.append(f"\n  {label:<8} {', '.join(map(escape, sorted(names))) or 'none'}")
    for told in granted.lost:
        text.append_text(Text.assemble("\n  ", ("note", "bold cyan"), f" in its sandbox, {escape(told)}"))
    return text
