"""`fail-open-hook`: a guard that is there at all is there for every call that it is about (G4).

A guard is a hook that denies or asks. The host goes on without it where its plugin lacks the power, where the
plugin is not enabled, and at events that it does not fire; so none of these may come about unnoticed:

- In its own agent, wherever the hook's condition holds and the tool is called, its plugin has the power. (A
  tool on which the power is granted in no context is withheld from the guard on purpose.)
- In each agent below, at any depth, the same call is guarded by the same hook.
- It is at an event that the host fires.

Formula: some guard, agent, call and context are such that the agent is the guard's or below it, the call is
made, the guard is about it and would act in its own agent, and the guard's plugin lacks the power there, in
this agent. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capwright_policy import reference_guards
from capwright_policy.authority import Authority, Layer
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.compile import hook_node
from capwright_policy.findings import Counterexample, Finding, Related, Verdict
from capwright_policy.guarding import GUARDS, Guarded, below, guarded_below, guarded_here, present
from capwright_policy.questions import Case, Exceeds, Included, Question, included
from capwright_policy.setting import Holder, Setting, find_holder, find_profile, holders
from capwright_registry.capability import Profile
from capwright_registry.evaluate import evaluate
from capwright_registry.spans import Span

_ID = "fail-open-hook"


@dataclass(frozen=True, slots=True)
class _Subject:
    """What the hooks of `holder` have to guard in `agent`, which is its own or below it."""

    holder: Holder
    agent: Profile
    guarded: tuple[Guarded, ...]

    @property
    def own(self) -> bool:
        return self.agent is self.holder.profile


def _subjects(setting: Setting) -> Iterator[_Subject]:
    for holder in holders(setting):
        yield _Subject(holder, holder.profile, tuple(guarded_here(setting, holder)))
        for agent in below(setting, holder.profile):
            yield _Subject(holder, agent, tuple(guarded_below(setting, holder, agent)))


def _run(run: Run) -> Outcome:
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    for subject in _subjects(run.setting):
        if subject.guarded:
            question = _question(run.setting, subject)
            obligations.append(Obligation(_ID, subject.holder.subject, question))
            findings.extend(_findings(run, subject))
    return Outcome(tuple(obligations), tuple(findings))


def _question(setting: Setting, subject: _Subject, *some: Guarded) -> Question:
    guarded = some or subject.guarded
    there = present(setting, subject.holder.plugin.identity, subject.agent, guarded[0].hook.span)
    return Question(Authority((Layer("guarded", tuple(g.capability for g in guarded)),)), there)


def _findings(run: Run, subject: _Subject) -> Iterator[Finding]:
    """One for each hook: the first of its calls that goes unguarded."""
    hooks = {
        guarded.number: [g for g in subject.guarded if g.number == guarded.number]
        for guarded in subject.guarded
    }
    for mine in hooks.values():
        outcome = included(_question(run.setting, subject, *mine), run.contexts, run.solver)
        if isinstance(outcome, Exceeds):
            yield _finding(run.setting, subject, mine, outcome.case)
        elif not isinstance(outcome, Included):
            holder = subject.holder
            yield Finding(_ID, Verdict.UNKNOWN, holder.subject, outcome.reason, holder.grant.span)


def _finding(setting: Setting, subject: _Subject, mine: list[Guarded], case: Case) -> Finding:
    guarded = next(g for g in mine if g.resource == case.resource and evaluate(g.when, case.context))
    holder, hook, agent = subject.holder, guarded.hook, subject.agent.name
    message, span, help_ = _told(subject, guarded)
    chain = (str(hook_node(holder, guarded.number, hook)), *_way(setting, subject), *_tool(subject, guarded))
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        message,
        span,
        (Related(hook.span, f"the hook `{hook.name}` is here"),),
        Counterexample(agent, holder.plugin.identity, case.action, case.resource, case.context, chain),
        help_,
    )


def _told(subject: _Subject, guarded: Guarded) -> tuple[str, Span, str]:
    """What goes unguarded, where that is settled, and what to do."""
    holder, hook = subject.holder, guarded.hook
    plugin, power, agent = holder.plugin.identity, f"hook.{hook.power}", subject.agent.name
    event, _, tool = guarded.resource.partition("/")
    who = f"the hook `{hook.name}` of `{plugin}`"
    if subject.own and not any(event == on for on in GUARDS[hook.power]):
        help_ = f"let it {hook.power} at {' or '.join(f'`{on}`' for on in GUARDS[hook.power])}"
        return f"{who} would {hook.power} at `{event}`, at which the host asks no hook", hook.span, help_
    if subject.own:
        help_ = f"grant `{power}` without condition and end, or not at all on this tool"
        return f"{who} guards `{tool}`, but not in every context", _grant(holder, power), help_
    message = f"`{agent}` calls `{tool}` without {who}, which guards it in `{holder.profile.name}`"
    help_ = (
        f"enable `{plugin}` in `{agent}`, with `{power}` on `{guarded.resource}`; or take the tool out of it"
    )
    return message, _enabled(subject.agent, plugin, tool), help_


def _grant(holder: Holder, action: str) -> Span:
    return next((c.span for c in holder.grant.grant if c.action == action), holder.grant.span)


def _enabled(agent: Profile, plugin: str, tool: str) -> Span:
    """Where the agent enables the guard, or else the plugin of the tool that goes unguarded."""
    wanted = (plugin, tool.partition("/")[0])
    found = {grant.identity: grant.span for grant in agent.grants if grant.identity in wanted}
    return found.get(plugin) or found.get(wanted[1]) or agent.span


def _way(setting: Setting, subject: _Subject) -> Iterator[str]:
    """The agents from the guard's own down to the one that calls, over as few children as possible."""
    top = subject.holder.profile.name
    ways: dict[str, tuple[str, ...]] = {top: (top,)}
    waiting = [top]
    while waiting and subject.agent.name not in ways:
        name = waiting.pop(0)
        for child in find_profile(setting, name).children:
            if child.profile not in ways:
                ways[child.profile] = (*ways[name], child.profile)
                waiting.append(child.profile)
    yield from (f"agent:{name}" for name in ways[subject.agent.name])


def _tool(subject: _Subject, guarded: Guarded) -> Iterator[str]:
    _, slash, tool = guarded.resource.partition("/")
    if slash:
        yield f"tool:{subject.agent.name}/{tool}"


def _replay(setting: Setting, found: Counterexample) -> bool:
    above, _, number = found.chain[0].removeprefix("hook:").rpartition("#")
    holder = find_holder(setting, above.partition("/")[0], found.plugin)
    hook = holder.plugin.hooks[int(number)]
    agent = find_profile(setting, found.agent)
    return reference_guards.unguarded(setting, holder, hook, agent, found.resource, found.context)


CHECK = Check(_ID, "G4", "a hook that denies or asks does so for every call that it is about", _run, _replay)
