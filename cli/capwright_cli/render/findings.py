"""One finding for people: where, which scenario breaks the property, and what to change."""

from __future__ import annotations

from rich.text import Text

from capwright_cli.contexts import written
from capwright_cli.escape import escape
from capwright_cli.render.blocks import BOLD, Mark, gutter_width, headline, note, places
from capwright_cli.render.scenario import relevant_context
from capwright_cli.render.suggestion import suggestion
from capwright_cli.sources import SourceTexts
from capwright_policy.findings import Counterexample, Finding, Verdict
from capwright_policy.setting import Setting

_LEVELS = {Verdict.REFUTED: ("error", "bold red"), Verdict.UNKNOWN: ("unknown", "bold yellow")}


def finding_block(finding: Finding, setting: Setting, sources: SourceTexts) -> Text:
    """The finding with its source lines, its counterexample, its help and its edits."""
    level, style = _LEVELS.get(finding.verdict, ("error", "bold red"))
    marks = [Mark(finding.span), *(Mark(related.span, related.label) for related in finding.related)]
    width = gutter_width([mark.span for mark in marks] + [edit.span for edit in finding.edits])
    text = headline(level, finding.check, finding.message, style)
    text.append_text(places(marks, sources, style))
    text.append_text(note("at", finding.subject, width))
    for label, value in scenario(finding.counterexample, setting):
        text.append_text(note(label, value, width))
    if finding.help:
        text.append_text(Text.assemble("\n", ("help", "bold green"), (": ", BOLD), escape(finding.help)))
    text.append_text(suggestion(finding.edits, sources, width))
    return text


def scenario(found: Counterexample | None, setting: Setting) -> list[tuple[str, str]]:
    """The counterexample as labelled lines: the effect, the context as far as it matters, the chain."""
    if found is None:
        return []
    lines = [("counterexample", f"`{found.effect}`")] if found.effect else []
    variables = setting.workspace.variables
    context = relevant_context(setting, found).items()
    told = ", ".join(f"{name}={written(value, variables.get(name))}" for name, value in context)
    lines += [("when", told)] if told else []
    lines += [("chain", " -> ".join(found.chain))] if found.chain else []
    return lines
