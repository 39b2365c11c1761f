"""A verification for people: a line for each check, then what was found, what to know, and the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from capwright_cli.escape import escape
from capwright_cli.here import here_or_none
from capwright_cli.render.blocks import gutter_width, note
from capwright_cli.render.findings import finding_block
from capwright_cli.render.grouping import Group, grouped
from capwright_cli.verification import Verified
from capwright_policy.findings import Accepted, CheckResult, Finding, Note, Verdict

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
    parts += [_group(group, verified) for group in grouped(report.findings)]
    accepted = [_accepted(a) for result in report.results for a in result.accepted]
    parts += [Text("\n").join(accepted)] if accepted else []
    parts += [Text("\n").join(map(_note, report.notes))] if report.notes else []
    return Text("\n\n").join([*parts, _outcome(verified)])


def _check_lines(results: tuple[CheckResult, ...]) -> Iterator[Text]:
    width = max((len(result.check) for result in results), default=0)
    for result in results:
        noun = "obligation" if result.obligations == 1 else "obligations"
        yield Text.assemble(
            (f"{result.word:<8}", "yellow" if result.accepted else STYLES[result.verdict]),
            f" {escape(result.check):<{width}} {result.obligations:>5} {noun:<12} {escape(result.title)}",
        )


def _group(group: Group, verified: Verified) -> Text:
    text = finding_block(group.first, verified.report.setting, verified.sources)
    if group.more:
        text.append_text(note("and", group.more, gutter_width([group.first.span])))
    return text


def _accepted(accepted: Accepted) -> Text:
    finding = accepted.finding
    return Text.assemble(
        ("accepted", "bold yellow"),
        f" {finding.check} at {escape(finding.subject)} until {accepted.until}: {escape(accepted.reason)}",
    )


def _note(note: Note) -> Text:
    place = f"{escape(note.subject)} ({escape(str(note.span))})"
    return Text.assemble(("note", "bold cyan"), f" {place}: {escape(note.told)}")


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
