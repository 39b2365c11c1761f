"""A verification for people: a line for each check, then what was found, then the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from capwright_cli.escape import escape
from capwright_cli.here import here_or_none
from capwright_cli.render.blocks import Mark, gutter_width, headline, note, places
from capwright_cli.render.findings import finding_block
from capwright_cli.verification import Verified
from capwright_policy.findings import Accepted, CheckResult, Finding, Verdict
from capwright_registry.errors import Problem

STYLES = {
    Verdict.PROVED: "green",
    Verdict.VACUOUS: "dim",
    Verdict.REFUTED: "bold red",
    Verdict.UNKNOWN: "bold yellow",
}
_OLDER = {
    "none": "",
    "same-inputs": "; an older proof of the same files is still there",
    "stale": "; the older proof that is still there is now stale, and will be refused",
}


def render(verified: Verified) -> Text:
    """The whole answer."""
    report = verified.report
    parts = [Text("\n").join(_check_lines(report.results))]
    parts += [finding_block(finding, report.setting, verified.sources) for finding in report.findings]
    accepted = [_accepted(a) for result in report.results for a in result.accepted]
    parts += [Text("\n").join(accepted)] if accepted else []
    parts += [_note(problem, verified) for problem in verified.notes]
    return Text("\n\n").join([*parts, _outcome(verified)])


def _check_lines(results: tuple[CheckResult, ...]) -> Iterator[Text]:
    width = max((len(result.check) for result in results), default=0)
    for result in results:
        noun = "obligation" if result.obligations == 1 else "obligations"
        yield Text.assemble(
            (f"{_said(result):<8}", "yellow" if result.accepted else STYLES[result.verdict]),
            f" {escape(result.check):<{width}} {result.obligations:>5} {noun:<12} {escape(result.title)}",
        )


def _said(result: CheckResult) -> str:
    """The verdict; `accepted` where it holds only because somebody took the findings on."""
    good = result.verdict in (Verdict.PROVED, Verdict.VACUOUS)
    return "accepted" if good and result.accepted else str(result.verdict)


def _accepted(accepted: Accepted) -> Text:
    finding = accepted.finding
    return Text.assemble(
        ("accepted", "bold yellow"),
        f" {finding.check} at {escape(finding.subject)} until {accepted.until}: {escape(accepted.reason)}",
    )


def _note(problem: Problem, verified: Verified) -> Text:
    text = headline("note", "", problem.message, "bold cyan")
    text.append_text(places([Mark(problem.span)], verified.sources, "bold cyan"))
    if problem.help:
        text.append_text(note("help", problem.help, gutter_width([problem.span])))
    return text


def _outcome(verified: Verified) -> Text:
    report = verified.report
    if verified.proof is not None:
        checks = counted(len(report.results), "check")
        amount = counted(sum(r.obligations for r in report.results), "obligation")
        told = f": {checks}, {amount}, proof written to {escape(_near(verified.proof))}"
        return Text.assemble(("proved", "bold green"), told)
    verdict = Verdict.UNKNOWN if report.unknown else Verdict.REFUTED
    broken = [r for r in report.results if r.findings]
    told = f": {counted(_findings(broken), 'finding')} in {counted(len(broken), 'check')}, no proof written"
    return Text.assemble((str(verdict), STYLES[verdict]), told + _OLDER[verified.older])


def _findings(results: list[CheckResult]) -> int:
    findings: list[Finding] = [f for result in results for f in result.findings]
    return len(findings)


def counted(number: int, noun: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _near(path: Path) -> str:
    """The path as one would type it here: from the current folder where it lies below."""
    here = here_or_none()
    return str(path.relative_to(here) if here and path.is_relative_to(here) else path)
