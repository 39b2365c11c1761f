"""A verification as annotations of a pull request."""

from __future__ import annotations

from capwright_cli.render.annotations import annotation
from capwright_cli.render.findings import scenario
from capwright_cli.verification import Verified
from capwright_policy.findings import Accepted, Finding
from capwright_policy.setting import Setting


def render(verified: Verified) -> str:
    """An error for each finding, a notice for each accepted one, and the outcome."""
    report, root = verified.report, verified.sources.root
    found = [annotation("error", f.span, f.check, _lines(f, report.setting), root) for f in report.findings]
    accepted = [
        annotation("notice", a.finding.span, f"{a.finding.check} accepted", [_reason(a)], root)
        for result in report.results
        for a in result.accepted
    ]
    notes = [annotation("notice", n.span, "note", [n.message], root) for n in verified.notes]
    verdict = "proved" if report.proved else "unknown" if report.unknown else "refuted"
    amount = sum(result.obligations for result in report.results)
    return "\n".join(
        [*found, *accepted, *notes, f"{verdict}: {len(report.results)} checks, {amount} obligations"]
    )


def _lines(finding: Finding, setting: Setting) -> list[str]:
    lines = [finding.message]
    lines += [f"{label}: {value}" for label, value in scenario(finding.counterexample, setting)]
    lines += [f"{related.label}: {related.span}" for related in finding.related]
    return [*lines, f"help: {finding.help}"] if finding.help else lines


def _reason(accepted: Accepted) -> str:
    return f"{accepted.finding.message}; accepted until {accepted.until}: {accepted.reason}"
