"""The proof file: made only from a report in which every check is proved, vacuous or accepted by name.

Lines of canonical JSON (RFC 8785). `specs/proof.md` is the format; `capwright_runtimes.checker` decides it
without Z3.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, cast

from capwright_policy.authority import effective
from capwright_policy.calls import callable_tools
from capwright_policy.canonical_json import canonical_json
from capwright_policy.cases import CaseMaker
from capwright_policy.certificate import Ledger
from capwright_policy.checks.base import Obligation
from capwright_policy.contexts import contexts_of
from capwright_policy.deputies import deputy_entry
from capwright_policy.findings import CheckResult
from capwright_policy.kin import related
from capwright_policy.questions import Question
from capwright_policy.setting import Holder, Setting, find_profile
from capwright_policy.solver import Solver
from capwright_policy.tables import agent_table
from capwright_policy.verify import Report
from capwright_registry.conditions import Variable
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
    lines: list[bytes] = []
    entries: list[dict[str, object]] = []
    for family in proof_families(report, solver):
        line = _object(family)
        lines.append(line)
        entries.append({**_entry(family), "sha256": hashlib.sha256(line).hexdigest()})
    head = canonical_json({**proof_head(report), "families": entries})
    seal = {"digest": hashlib.sha256(b"capwright-proof-v1\0" + head).hexdigest()}
    return b"".join(line + b"\n" for line in (canonical_json(seal), head, *lines))


def _object(family: dict[str, Any]) -> bytes:
    """The canonical form of a family, whose keys are plain words."""
    parts = {key: canonical_json(part, whole=key not in _FOREIGN) for key, part in family.items()}
    return b"{" + b",".join(b'"%s":%s' % (key.encode(), parts[key]) for key in sorted(parts)) + b"}"


def _entry(family: dict[str, Any]) -> dict[str, object]:
    """What the head says of a family: its agents, and how many obligations it has by check."""
    names = [obligation["check"] for obligation in family["obligations"]]
    counts = Counter([*names, *("deputy" for _ in family["calls"])])
    return {"agents": sorted(family["tables"]), "obligations": dict(counts)}


def proof_head(report: Report) -> dict[str, Any]:
    """What is so of all families."""
    setting = report.setting
    return {
        "schema": SCHEMA,
        "vocabulary": VERSION,
        "workspace": {"name": setting.workspace.name, "root": str(setting.workspace.root)},
        "host": _host(setting),
        "inputs": [{"path": i.path, "role": i.role, "sha256": i.sha256} for i in setting.workspace.bound],
        "variables": {name: _variable(v) for name, v in setting.workspace.variables.items()},
        "checks": [_check(r) for r in report.results],
    }


def proof_families(report: Report, solver: Solver) -> Iterator[dict[str, Any]]:
    """The families of agents, each whole by itself: no part of one refers to another's."""
    contexts = contexts_of(report.setting)
    kin = related(report.setting)
    asked: dict[str, list[Obligation]] = {}
    for obligation in report.obligations:
        if obligation.question is not None:
            asked.setdefault(kin[obligation.subject.partition("/")[0]][0], []).append(obligation)
    for agents in sorted(set(kin.values())):
        maker = CaseMaker(Ledger(), contexts, solver)
        yield _family(report, agents, asked.get(agents[0], ()), maker)


def _family(
    report: Report, agents: tuple[str, ...], asked: Iterable[Obligation], maker: CaseMaker
) -> dict[str, Any]:
    setting, ledger = report.setting, maker.ledger
    # What is in no order of its own stands in order of its names, so that no other order is a proof too.
    ordered = sorted(
        (holder for agent in agents for holder in setting.by_agent.get(agent, ())),
        key=lambda holder: (holder.profile.name, holder.plugin.identity),
    )
    callers = sorted((h for h in ordered if _calls(setting, h)), key=lambda holder: holder.subject)
    return {
        "obligations": [_obligation(o, maker) for o in sorted(asked, key=lambda o: (o.check, o.subject))],
        "calls": [deputy_entry(setting, caller, maker) for caller in callers],
        "holders": [_holder(setting, holder, maker) for holder in ordered],
        "tables": {a: agent_table(setting, find_profile(setting, a), report.imports, ledger) for a in agents},
        "cases": ledger.cases(),
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


def _variable(variable: Variable) -> dict[str, object]:
    return {"type": variable.type, "values": list(variable.values)}


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


def _obligation(obligation: Obligation, maker: CaseMaker) -> dict[str, object]:
    """An obligation that is a question; what the others claim is counted with their check."""
    question = cast(Question, obligation.question)
    return {
        "check": obligation.check,
        "subject": obligation.subject,
        "contexts": maker.of_question(question),
        "inner": maker.ledger.authority(question.inner),
        "outer": maker.ledger.authority(question.outer),
        "parent": question.outer_is_parent,
        "shrinks": question.outer_shrinks and not question.inner_follows,
        "disjoint": question.disjoint,
    }


def _calls(setting: Setting, holder: Holder) -> bool:
    return any(True for _ in callable_tools(setting, holder))


def _holder(setting: Setting, holder: Holder, maker: CaseMaker) -> dict[str, object]:
    """What ties the holder's table to its layers, and contexts to hold a stub against."""
    authority = effective(setting, holder)
    return {
        "agent": holder.profile.name,
        "plugin": holder.plugin.identity,
        "layers": maker.ledger.authority(authority),
        "contexts": maker.of_authority(authority),
    }
