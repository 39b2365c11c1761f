"""A proof that is believed, for people."""

from __future__ import annotations

from rich.text import Text

from capwright_cli.escape import escape
from capwright_cli.proofs import Believed
from capwright_cli.render.blocks import BOLD


def render(believed: Believed) -> Text:
    """Whose proof it is, and how much of it was decided again."""
    text = Text.assemble(
        ("believed", "bold green"), (f": the proof of the workspace `{escape(str(believed.root))}`", BOLD)
    )
    text.append(f"\n  {'digest':<12} {escape(believed.digest)}")
    for name, count in believed.counts.items():
        text.append(f"\n  {name:<12} {count}")
    return text
