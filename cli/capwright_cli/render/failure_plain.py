"""Problems, refusals and faults for people."""

from __future__ import annotations

from rich.text import Text

from capwright_cli.escape import escape
from capwright_cli.failures import Failure
from capwright_cli.render.blocks import Mark, gutter_width, headline, note, places
from capwright_registry.errors import Problem

_LEVELS = {"input": "error", "refused": "refused", "denied": "denied", "internal": "internal error"}


def render(failure: Failure) -> Text:
    """Every problem with its place; for more than one input problem, how many there are."""
    text = Text("\n\n").join(_problem(problem, failure) for problem in failure.problems)
    for file, number in failure.left_out.items():
        text.append(f"\n\n... and {number} more in `{escape(file)}`")
    found = len(failure.problems) + sum(failure.left_out.values())
    if failure.kind == "input" and found > 1:
        text.append(f"\n\nerror: {found} problems found", style="bold red")
    return text


def _problem(problem: Problem, failure: Failure) -> Text:
    text = headline(_LEVELS[failure.kind], failure.code, problem.message, "bold red")
    text.append_text(places([Mark(problem.span)], failure.sources, "bold red"))
    if problem.help:
        text.append_text(note("help", problem.help, gutter_width([problem.span])))
    if failure.kind == "internal":
        text.append(f"\n{escape('this is a fault of capwright: nothing is admitted after it')}")
    return text
