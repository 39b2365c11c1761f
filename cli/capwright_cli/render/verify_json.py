"""A verification for programs."""

from __future__ import annotations

from collections.abc import Mapping

from capwright_cli.render.structure import Json, context_of, dumped, edit_of, span_of
from capwright_cli.verification import Verified
from capwright_policy.findings import Accepted, CheckResult, Counterexample, Finding, Note
from capwright_registry.conditions import Variable

SCHEMA = "capwright.verification/1"
Variables = Mapping[str, Variable]


def render(verified: Verified) -> str:
    """The whole answer as a JSON object; `specs/output.md` states it."""
    report = verified.report
    variables = report.setting.workspace.variables
    return dumped(
        {
            "schema": SCHEMA,
            "verdict": "proved" if report.proved else "unknown" if report.unknown else "refuted",
            "proof": None if verified.proof is None else str(verified.proof),
            "older_proof": verified.older,
            "checks": [_check(result) for result in report.results],
            "findings": [_finding(finding, variables) for finding in report.findings],
            "accepted": [_accepted(a, variables) for result in report.results for a in result.accepted],
            "notes": [_note(note) for note in report.notes],
        }
    )


def _check(result: CheckResult) -> Json:
    return {
        "check": result.check,
        "title": result.title,
        "verdict": result.word,
        "obligations": result.obligations,
    }


def _finding(finding: Finding, variables: Variables) -> Json:
    return {
        "check": finding.check,
        "verdict": str(finding.verdict),
        "subject": finding.subject,
        "message": finding.message,
        "span": span_of(finding.span),
        "related": [{"label": r.label, "span": span_of(r.span)} for r in finding.related],
        "counterexample": _counterexample(finding.counterexample, variables),
        "help": finding.help,
        "edits": [edit_of(edit) for edit in finding.edits],
    }


def _counterexample(found: Counterexample | None, variables: Variables) -> Json | None:
    if found is None:
        return None
    return {
        "agent": found.agent,
        "plugin": found.plugin,
        "action": found.action,
        "resource": found.resource,
        "context": context_of(found.context, variables),
        "chain": list(found.chain),
    }


def _accepted(accepted: Accepted, variables: Variables) -> Json:
    finding = _finding(accepted.finding, variables)
    return {"reason": accepted.reason, "until": accepted.until, "finding": finding}


def _note(note: Note) -> Json:
    return {
        "note": note.code,
        "subject": note.subject,
        "message": note.message,
        "span": span_of(note.span),
        "help": note.help,
    }
