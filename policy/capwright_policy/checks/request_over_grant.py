"""`request-over-grant`: every effect that a plugin requires is granted, in some context in which it asks
(G2).

A plugin that asks for more than it was granted is not loaded: it would run without what it says it needs.
What is `optional` may be left out. What the operator withholds on purpose, by an exception of the grant or by
a condition that holds in some contexts only, is no finding: the enforced authority is the meet either way.

Formula, for each required effect: some context is within the request and within the grant without its
exceptions. sat for each iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from capwright_policy import reference
from capwright_policy.authority import granted, requested
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.granting import Barred, broken_by, grantable
from capwright_policy.proposals import grant_edit
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_policy.unmet import Gap, gap
from capwright_registry.capability import Capability

_ID = "request-over-grant"


def _run(run: Run) -> Outcome:
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    for holder in holders(run.setting):
        for capability in requested(holder).capabilities:
            if not capability.optional and not capability.never:
                obligations.append(Obligation(_ID, holder.subject))
                findings.extend(_decide(run, holder, capability))
    return Outcome(tuple(obligations), tuple(findings))


def _decide(run: Run, holder: Holder, request: Capability) -> Iterator[Finding]:
    missing = gap(request, granted(holder).capabilities, run.contexts, run.solver)
    if isinstance(missing, Gap):
        yield _finding(run, holder, request, missing)
    elif missing is not None:
        yield _unknown(holder, request, missing.reason)


def _unknown(holder: Holder, capability: Capability, reason: str) -> Finding:
    return Finding(_ID, Verdict.UNKNOWN, holder.subject, reason, capability.span)


def _finding(run: Run, holder: Holder, request: Capability, missing: Gap) -> Finding:
    agent, plugin = holder.profile.name, holder.plugin.identity
    help_, edits = _mend(run, holder, request)
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"`{plugin}` requires `{request.action}` on more than `{agent}` grants it",
        request.span,
        (Related(holder.grant.grant_span, f"what `{agent}` grants is here"),),
        Counterexample(
            agent,
            plugin,
            request.action,
            missing.resource,
            missing.context,
            (f"plugin:{plugin}", f"holder:{holder.subject}"),
        ),
        help_,
        edits,
    )


def _mend(run: Run, holder: Holder, request: Capability) -> tuple[str, tuple[Edit, ...]]:
    """Granting it is offered only where that is within what stands above, and breaks nothing else."""
    agent = holder.profile.name
    found = grantable(run, holder, request)
    if isinstance(found, Barred):
        return f"{_without(holder, request)}: {_bar(found, agent)}", ()
    # A hook cannot be optional: what it needs is granted, or the plugin has one hook less.
    instead = ", or mark it `optional` in the manifest" if _may_be_optional(holder, request) else ""
    if found is None:
        return f"grant it in the profile of `{agent}` as far as its scope and the ceilings allow{instead}", ()
    broken = broken_by(run, holder, found)
    if broken:
        names = ", ".join(f"`{check}`" for check in broken)
        return f"grant it in the profile of `{agent}`, with what {names} will then ask for{instead}", ()
    return f"grant it in the profile of `{agent}`{instead}", grant_edit(holder, found)


def _without(holder: Holder, request: Capability) -> str:
    optional = _may_be_optional(holder, request)
    return "mark it `optional` in the manifest" if optional else "take the hook out of the manifest"


def _may_be_optional(holder: Holder, request: Capability) -> bool:
    """Whether a `[[requires]]` asks for it; what a `[[hook]]` asks for has no such key."""
    return any(request is one for one in holder.plugin.requires)


def _bar(barred: Barred, agent: str) -> str:
    above = {"host": "host policy"}.get(barred.layer, barred.layer)
    verb = "leaves all of it out by its exceptions" if barred.excepted else "does not allow it either"
    return f"the {above} of `{agent}` {verb}"


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    effect = (found.action, found.resource, found.context)
    open_handed = tuple(replace(c, except_=()) for c in holder.grant.grant)
    return reference.allows(requested(holder).capabilities, *effect) and not reference.allows(
        open_handed, *effect
    )


CHECK = Check(_ID, "G2", "every plugin is granted what it requires", _run, _replay)
