"""`policy-write`: nothing governed can write what governs it (G6).

Held against each agent's scope and each grant, so that a mistake is shown where it is made.

Formula: some effect and context are within the authority and change a protected resource.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from capwright_policy import reference
from capwright_policy.authority import Authority, Layer, scope_layers
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.findings import Counterexample, Finding, Verdict
from capwright_policy.narrowing import Place, add_exception
from capwright_policy.protected import Protected, protected
from capwright_policy.questions import Case, Exceeds, Included, Question, included
from capwright_policy.setting import Setting, find_holder, find_profile, holders
from capwright_policy.shortening import shortened
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.patterns import matches
from capwright_registry.spans import Span

_ID = "policy-write"


@dataclass(frozen=True, slots=True)
class _Governed:
    """A list to hold against what is protected; `rest` is what else bounds it (the scopes it extends)."""

    subject: str
    agent: str
    plugin: str | None
    capabilities: CapabilityList
    rest: tuple[Layer, ...] = ()


def _governed(setting: Setting) -> Iterator[_Governed]:
    for profile in setting.workspace.profiles:
        yield _Governed(profile.name, profile.name, None, profile.scope[0], scope_layers(profile)[1:])
    for holder in holders(setting):
        yield _Governed(holder.subject, holder.profile.name, holder.plugin.identity, holder.grant.grant)


def _run(run: Run) -> Outcome:
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    shields = protected(run.setting)
    for governed in _governed(run.setting):
        for capability in governed.capabilities:
            relevant = [s for s in shields if capability.action in s.actions]
            if relevant:
                whole = _question(governed, capability, relevant)
                obligations.append(Obligation(_ID, governed.subject, whole))
                findings.extend(_decide(run, governed, capability, whole, relevant))
    return Outcome(tuple(obligations), tuple(findings))


def _question(governed: _Governed, capability: Capability, shields: list[Protected]) -> Question:
    """Does the capability keep clear of all of these? One question for all: they are one list."""
    patterns = tuple(shield.pattern for shield in shields)
    kept = replace(capability, on=patterns, except_=(), when=None, until=None)
    inner = Authority((Layer("one", (capability,)), *governed.rest))
    return Question(inner, Authority((Layer("protected", (kept,)),)), disjoint=True)


def _decide(
    run: Run, governed: _Governed, capability: Capability, whole: Question, shields: list[Protected]
) -> Iterator[Finding]:
    outcome = included(whole, run.contexts, run.solver)
    if isinstance(outcome, Exceeds):
        yield _finding(
            run.setting, governed, capability, _reached(run, governed, capability, shields, outcome)
        )
    elif not isinstance(outcome, Included):
        yield Finding(_ID, Verdict.UNKNOWN, governed.subject, outcome.reason, capability.span)


def _reached(
    run: Run, governed: _Governed, capability: Capability, shields: list[Protected], outcome: Exceeds
) -> list[tuple[Protected, Case]]:
    """Which of the protected patterns are reached, each with a case; one is known already."""
    reached: list[tuple[Protected, Case]] = []
    for shield in shields:
        answer = included(_question(governed, capability, [shield]), run.contexts, run.solver)
        if isinstance(answer, Exceeds):
            reached.append((shield, answer.case))
    known = next((s for s in shields if matches(s.pattern, outcome.case.resource)), shields[0])
    return reached or [(known, outcome.case)]


def _finding(
    setting: Setting, governed: _Governed, capability: Capability, reached: list[tuple[Protected, Case]]
) -> Finding:
    shield, case = reached[0]
    who, verb = governed.plugin or governed.agent, case.action.partition(".")[2]
    more = f" (and {len(reached) - 1} more like it)" if len(reached) > 1 else ""
    found = Counterexample(
        governed.agent, governed.plugin, case.action, case.resource, case.context, (governed.subject,)
    )
    texts = tuple(pattern.text for pattern in shortened([s.pattern for s, _ in reached]))
    return Finding(
        _ID,
        Verdict.REFUTED,
        governed.subject,
        f"`{who}` may {verb} `{shield.pattern.text}`{more}: {shield.reason}",
        _span(capability, case.resource),
        (),
        found,
        f"add {', '.join(f'`{t}`' for t in texts)} to its `except`",
        add_exception(Place(setting, find_profile(setting, governed.agent).document.file), capability, texts),
    )


def _span(capability: Capability, resource: str) -> Span:
    hits = zip(capability.on, capability.on_spans, strict=False)
    return next((span for pattern, span in hits if matches(pattern, resource)), capability.span)


def _replay(setting: Setting, found: Counterexample) -> bool:
    effect = (found.action, found.resource, found.context)
    if found.plugin is None:
        may = reference.allows_all(find_profile(setting, found.agent).scope, *effect)
    else:
        may = reference.allows(find_holder(setting, found.agent, found.plugin).grant.grant, *effect)
    return may and any(
        found.action in s.actions and matches(s.pattern, found.resource) for s in protected(setting)
    )


CHECK = Check(_ID, "G6", "nothing governed can write what governs it", _run, _replay)
