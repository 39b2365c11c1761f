"""The proof file: made only from a report in which every check is proved, vacuous or accepted by name.

Canonical JSON (RFC 8785). `specs/proof.md` is the format; `capwright_runtimes.checker` decides it without Z3.
"""

from __future__ import annotations

import hashlib
from typing import Any

from capwright_policy.authority import effective
from capwright_policy.calls import callable_tools
from capwright_policy.canonical_json import canonical_json
from capwright_policy.cases import CaseMaker
from capwright_policy.certificate import Ledger
from capwright_policy.checks.base import Obligation
from capwright_policy.contexts import contexts_of
from capwright_policy.deputies import deputy_entry
from capwright_policy.findings import CheckResult
from capwright_policy.setting import Holder, Setting, holders
from capwright_policy.solver import Solver
from capwright_policy.tables import agent_tables
from capwright_policy.verify import Report
from capwright_registry.errors import InternalError
from capwright_registry.vocabulary import VERSION

SCHEMA = "capwright.proof/1"
#: The parts that hold JSON as documents write it; every number of the others is ours, and small.
_FOREIGN = frozenset({"tables"})


def proof_of(report: Report, solver: Solver) -> bytes:
    """The proof of a report, as bytes.

    Raises `InternalError` when the report is not proved, or when the certificate cannot be completed.
    """
    if not report.proved:
        raise InternalError("no proof is made of a report that is not proved")
    # Each part is written once, for the digest of the rest and for the whole.
    body = proof_body(report, solver).items()
    parts = {key: canonical_json(value, whole=key not in _FOREIGN) for key, value in body}
    digest = hashlib.sha256(b"capwright-proof-v1\0" + _object(parts)).hexdigest()
    return _object({**parts, "digest": canonical_json(digest)}) + b"\n"


def _object(parts: dict[str, bytes]) -> bytes:
    """The canonical form of an object whose values are in theirs, and whose keys are plain words."""
    return b"{" + b",".join(b'"%s":%s' % (key.encode(), parts[key]) for key in sorted(parts)) + b"}"


def proof_body(report: Report, solver: Solver) -> dict[str, Any]:
    """Everything but the digest."""
    setting, ledger = report.setting, Ledger()
    maker = CaseMaker(ledger, contexts_of(setting), solver)
    accepted = {(r.check, a.finding.subject) for r in report.results for a in r.accepted}
    # What is in no order of its own stands in order of its names, so that no other order is a proof too.
    ordered = sorted(holders(setting), key=lambda holder: (holder.profile.name, holder.plugin.identity))
    callers = sorted((h for h in ordered if _calls(setting, h)), key=lambda holder: holder.subject)
    obligations = sorted(report.obligations, key=lambda o: (o.check, o.subject))
    return {
        "schema": SCHEMA,
        "vocabulary": VERSION,
        "workspace": {"name": setting.workspace.name, "root": str(setting.workspace.root)},
        "host": _host(setting),
        "inputs": [{"path": i.path, "role": i.role, "sha256": i.sha256} for i in setting.workspace.bound],
        "checks": [_check(r) for r in report.results],
        "obligations": [_obligation(o, maker, accepted) for o in obligations],
        "calls": [deputy_entry(setting, caller, maker) for caller in callers],
        "holders": [_holder(setting, holder, maker) for holder in ordered],
        "tables": agent_tables(setting, report.imports, ledger),
        "patterns": ledger.patterns.values,
        "layers": ledger.layers.values,
        "contexts": ledger.contexts.values,
    }


def _host(setting: Setting) -> dict[str, object]:
    return {
        "source": setting.host.source,
        "sha256": setting.host.sha256,
        "mediators": list(setting.mediators),
        "sandbox": setting.sandbox,
    }


def _check(result: CheckResult) -> dict[str, object]:
    return {
        "id": result.check,
        "verdict": str(result.verdict),
        "obligations": result.obligations,
        "accepted": [
            {"subject": subject, "reason": reason, "until": until}
            for subject, reason, until in sorted(
                {(a.finding.subject, a.reason, a.until) for a in result.accepted}
            )
        ],
    }


def _obligation(
    obligation: Obligation, maker: CaseMaker, accepted: set[tuple[str, str]]
) -> dict[str, object]:
    entry: dict[str, object] = {
        "check": obligation.check,
        "subject": obligation.subject,
        "accepted": (obligation.check, obligation.subject) in accepted,
    }
    question = obligation.question
    if question is not None:
        contexts, cases = maker.of_question(question)
        entry |= {
            "inner": maker.ledger.authority(question.inner),
            "outer": maker.ledger.authority(question.outer),
            "parent": question.outer_is_parent,
            "shrinks": question.outer_shrinks and not question.inner_follows,
            "disjoint": question.disjoint,
            "contexts": contexts,
            "cases": cases,
        }
    return entry


def _calls(setting: Setting, holder: Holder) -> bool:
    return any(True for _ in callable_tools(setting, holder))


def _holder(setting: Setting, holder: Holder, maker: CaseMaker) -> dict[str, object]:
    """What ties the holder's tables to its layers, and cases to hold a sandbox or a stub against."""
    authority = effective(setting, holder)
    contexts, cases = maker.of_authority(authority)
    return {
        "agent": holder.profile.name,
        "plugin": holder.plugin.identity,
        "layers": maker.ledger.authority(authority),
        "contexts": contexts,
        "cases": cases,
    }
