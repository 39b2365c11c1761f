"""`ambient-process`: no server process runs with the rights of the operating-system user (G4).

A stdio MCP server is a process. Without a process sandbox that was found working on this host, whatever its
manifest says, it can cause every effect of the user who starts it.

Formula: an edge of ambient authority leaves a holder. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3

from capwright_policy import reference
from capwright_policy.accepts import accept_edit, accepts_for, may_accept
from capwright_policy.booleans import conj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.compile import holder_node
from capwright_policy.findings import Counterexample, Edit, Finding, Verdict
from capwright_policy.graph import EdgeKind
from capwright_policy.routes import SANDBOX
from capwright_policy.setting import Holder, Setting, find_holder, holders

_ID = "ambient-process"
_ESCAPES = z3.Bool("escapes")


def _claims(run: Run) -> Iterator[Claim]:
    for holder in holders(run.setting):
        if holder.plugin.kind == "mcp":
            node = holder_node(holder)
            ambient = any(True for _ in run.graph.leaving(node, EdgeKind.AMBIENT))
            yield Claim(holder.subject, conj((_ESCAPES, z3.BoolVal(ambient))), _finding(run, holder))


def _finding(run: Run, holder: Holder) -> Finding:
    works = run.setting.sandbox == SANDBOX
    reason = "`process-sandbox` is no mediator here" if works else "no process sandbox works on this host"
    help_, edits = _mend(run, holder, works)
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"`{holder.plugin.identity}` would run unconfined: {reason}",
        holder.grant.span,
        (),
        Counterexample(
            holder.profile.name,
            holder.plugin.identity,
            "fs.read",
            "/etc/passwd",
            {},
            (f"holder:{holder.subject}", "effect:everything"),
        ),
        help_,
        edits,
    )


def _mend(run: Run, holder: Holder, works: bool) -> tuple[str, tuple[Edit, ...]]:
    """A sandbox is the mend. To take the risk on is offered where it would count, its reason left open."""
    confine = (
        "add `process-sandbox` to `mediators` under `[host]`" if works else "install bubblewrap on this host"
    )
    if not may_accept(run.setting, _ID, holder.plugin.identity):
        return f"{confine}; the host policy does not let this tier take the risk by name", ()
    if accepts_for(run.setting, _ID, holder.subject):
        return f"{confine}; or give the accept a new reason and end", ()
    told = "take the risk by name with an `[[accept]]`, whose reason is yours to write"
    return f"{confine}; or {told}", (accept_edit(run.setting, _ID, holder.subject, run.today),)


def _replay(setting: Setting, found: Counterexample) -> bool:
    return reference.runs_unconfined(setting, find_holder(setting, found.agent, found.plugin))


CHECK = claim_check(_ID, "G4", "every server process is confined by a working sandbox", _claims, _replay)
