"""A verification as annotations of a pull request."""

from __future__ import annotations

from capwright_cli.render.annotations import annotation
from capwright_cli.render.findings import scenario
from capwright_cli.render.grouping import Group, grouped
from capwright_cli.verification import Verified
from capwright_policy.findings import Accepted
from capwright_policy.setting import Setting


def render(verified: Verified) -> str:
    """An error for each group of findings, a notice for each accepted one and each note, and the outcome."""
    report, root = verified.report, verified.sources.root
    found = [
        annotation("error", g.first.span, g.first.check, _lines(g, report.setting), root)
        for g in grouped(report.findings)
    ]
    accepted = [
        annotation("notice", a.finding.span, f"{a.finding.check} accepted", [_reason(a)], root)
        for result in report.results
        for a in result.accepted
    ]
    notes = [annotation("notice", n.span, n.code, [f"{n.subject}: {n.told}"], root) for n in report.notes]
    verdict = "proved" if report.proved else "unknown" if report.unknown else "refuted"
    amount = sum(result.obligations for result in report.results)
    return "\n".join(
        [*found, *accepted, *notes, f"{verdict}: {len(report.results)} checks, {amount} obligations"]
    )


def _lines(group: Group, setting: Setting) -> list[str]:
    finding = group.first
    lines = [finding.message]
    lines += [f"and {group.more}"] if group.more else []
    lines += [f"{label}: {value}" for label, value in scenario(finding.counterexample, setting)]
    lines += [f"{related.label}: {related.span}" for related in finding.related]
    return [*lines, f"help: {finding.help}"] if finding.help else lines


def _reason(accepted: Accepted) -> str:
    return f"{accepted.finding.message}; accepted until {accepted.until}: {accepted.reason}"
