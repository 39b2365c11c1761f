"""A call's result for people: the tool's own text first, then what is not the tool's."""

from __future__ import annotations

from rich.text import Text

from capwright_cli.calling import Called
from capwright_cli.escape import escape, escape_lines
from capwright_cli.render.blocks import BOLD
from capwright_registry.decide import Decision
from capwright_runtimes.broker import is_absent


def render(called: Called) -> Text:
    """The text, bounded by the host; then annotations of hooks, and effects that the tool did not get."""
    result = called.result
    text = Text(escape_lines(result.text).removesuffix("\n"))
    if result.is_error:
        text = Text.assemble(("the tool failed", "bold red"), ": ", text)
    for annotation in result.annotations:
        text.append_text(Text.assemble("\n", ("note", "bold cyan"), (": ", BOLD), escape(annotation)))
    for denial in result.denials:
        text.append_text(_absence(denial) if is_absent(denial) else _denial(denial))
    return text


def _absence(decision: Decision) -> Text:
    """What nobody refused and is not there."""
    effect = f"`{escape(decision.action)}:{escape(decision.resource)}`"
    return Text.assemble(("\nnot found", "bold yellow"), (": ", BOLD), f"{effect}: {escape(decision.reason)}")


def _denial(denial: Decision) -> Text:
    place = f" at {escape(denial.source)}" if denial.source else ""
    return Text.assemble(
        ("\ndenied", "bold red"),
        (": ", BOLD),
        f"`{escape(denial.action)}:{escape(denial.resource)}` by `{escape(denial.layer or '')}`{place}: ",
        escape(denial.reason),
    )
