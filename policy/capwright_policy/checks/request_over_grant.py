"""`request-over-grant`: every effect that a plugin requires is granted, in some context in which it asks
(G2).

A plugin that asks for more than it was granted is not loaded: it would run without what it says it needs.
What is
`optional` may be left out. What the operator withholds on purpose, by an exception of the grant or by a
condition that holds in some contexts only, is no finding: the enforced authority is the meet either way.

Formula, for each required effect: some context is within the request and within the grant without its
exceptions. sat for each iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from capwright_policy import reference
from capwright_policy.authority import Authority, Layer, ceilings, granted, requested, scope_layers
from capwright_policy.booleans import conj, lift
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.encoding import Encoder
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.proposals import grant_edit
from capwright_policy.questions import Included, Question, included
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_policy.solver import Sat, Undecided, Unsat
from capwright_policy.spaces import Space, space_of
from capwright_registry.capability import Capability
from capwright_registry.patterns import Atom, TooComplex

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


def _decide(run: Run, holder: Holder, capability: Capability) -> Iterator[Finding]:
    asked = Authority((Layer("requested", (capability,)),))
    given = Authority(
        (Layer("granted", tuple(replace(c, except_=()) for c in granted(holder).capabilities)),)
    )
    try:
        space = space_of(capability.action, (asked, given))
    except TooComplex as error:
        yield _unknown(holder, capability, str(error))
        return
    for atom in space.atoms:
        if space.contains(capability, atom):
            missing = _missing(run, space, atom, asked, given)
            if isinstance(missing, Undecided):
                yield _unknown(holder, capability, missing.reason)
                return
            if missing is not None:
                yield _finding(run, holder, capability, atom, missing)
                return


def _missing(
    run: Run, space: Space, atom: Atom, asked: Authority, given: Authority
) -> dict[str, object] | Undecided | None:
    """A context in which the atom is asked for, if there is none in which it is also granted."""
    encoder = Encoder(space, run.contexts.own)
    wants = encoder.within(asked, atom)
    both = conj((wants, encoder.within(given, atom)))
    if both is True:
        return None
    domain = run.contexts.domain()
    answer = run.solver.check(domain, lift(both))
    if not isinstance(answer, Unsat):
        return answer if isinstance(answer, Undecided) else None
    asks = run.solver.check(domain, lift(wants))
    if isinstance(asks, Sat):
        return run.contexts.decode(asks.model)
    return asks if isinstance(asks, Undecided) else None


def _unknown(holder: Holder, capability: Capability, reason: str) -> Finding:
    return Finding(_ID, Verdict.UNKNOWN, holder.subject, reason, capability.span)


def _finding(
    run: Run, holder: Holder, capability: Capability, atom: Atom, context: dict[str, object]
) -> Finding:
    agent, plugin = holder.profile.name, holder.plugin.identity
    help_, edits = _mend(run, holder, capability)
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"`{plugin}` requires `{capability.action}` on more than `{agent}` grants it",
        capability.span,
        (Related(holder.grant.grant_span, f"what `{agent}` grants is here"),),
        Counterexample(
            agent,
            plugin,
            capability.action,
            atom.witness,
            context,
            (f"plugin:{plugin}", f"holder:{holder.subject}"),
        ),
        help_,
        edits,
    )


def _mend(run: Run, holder: Holder, capability: Capability) -> tuple[str, tuple[Edit, ...]]:
    """Granting it is offered only where the agent's scope and the ceilings allow it."""
    agent = holder.profile.name
    for above in (*scope_layers(holder.profile), *ceilings(run.setting, holder)):
        asked = Question(Authority((Layer("one", (capability,)),)), Authority((above,)))
        if not isinstance(included(asked, run.contexts, run.solver), Included):
            told = {"host": "host policy"}.get(above.name, above.name)
            return f"mark it `optional` in the manifest: the {told} of `{agent}` does not allow it either", ()
    told = f"grant it in the profile of `{agent}`, or mark it `optional` in the manifest"
    return told, grant_edit(holder, capability)


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    effect = (found.action, found.resource, found.context)
    open_handed = tuple(replace(c, except_=()) for c in holder.grant.grant)
    return reference.allows(requested(holder).capabilities, *effect) and not reference.allows(
        open_handed, *effect
    )


CHECK = Check(_ID, "G2", "every plugin is granted what it requires", _run, _replay)
