"""`spawn-amplifies`: nobody causes through the agents that it starts what it may not cause itself (G3).

Two ways to more than one's own. A plugin with `agent.spawn` on a child of its agent causes what that child
may do, and what the children of that child may do, over any number of spawns and calls: that must be within
the plugin's own authority. And an agent's child may call tools: only those that the agent has and as freely
as it may call them itself, and of others those whose `tool.call` it may hand down. Scopes of children are
`delegation-over-parent`'s matter; both hold for every chain that `max_depth` allows, through circles too.

Formula: some chain of calls and spawns, context and effect are within the scope of the chain's last agent and
not within the authority of the plugin that starts the chain; or some chain of spawns, context and tool are
such that the last agent may call the tool, and the first one may not, or may not hand that down.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import z3

from capwright_policy import reference_spawns
from capwright_policy.authority import Authority, effective, scope_layers
from capwright_policy.booleans import Term, conj, disj, lift, neg
from capwright_policy.call_chains import Calls, allowed, calls_from
from capwright_policy.calls import caused_by, covers
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.descents import Descent, descents
from capwright_policy.encoding import Encoder
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.handing_down import decide_tools, replay_tool
from capwright_policy.minimal import least
from capwright_policy.narrowing import Place, leave_out
from capwright_policy.reach import Reach
from capwright_policy.routes import REGISTERED
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_policy.solver import Sat, Undecided, Unsat
from capwright_policy.spaces import Space, space_of
from capwright_registry.capability import Profile
from capwright_registry.patterns import TooComplex, matches
from capwright_registry.spans import Span

_ID = "spawn-amplifies"
# No context variable's name holds a `#`.
_ATOM = z3.Int("#atom")
#: What a spawned agent has and causes nothing by itself: calls are followed, spawns too.
_FOLLOWED = REGISTERED | {"tool.call", "agent.spawn"}


@dataclass(frozen=True, slots=True)
class _Spawner:
    """A plugin, when it can have a child of its agent started: by itself, or through tools of others."""

    holder: Holder
    calls: Calls
    reach: Reach[str]
    spawns: dict[str, tuple[tuple[str, Term], ...]]  # by profile: from which node of the calls, and when


def _run(run: Run) -> Outcome:
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    for spawner in _spawners(run):
        for child in spawner.spawns:
            for descent in descents(run.setting, spawner.holder.profile, child):
                obligations.append(Obligation(_ID, spawner.holder.subject))
                findings.extend(_decide(run, spawner, descent))
    for subject, found in decide_tools(_ID, run):
        obligations.append(Obligation(_ID, subject))
        findings.extend(found)
    return Outcome(tuple(obligations), _once(findings))


def _once(findings: list[Finding]) -> tuple[Finding, ...]:
    """One finding for each subject and message: what happens on one level is told, not again for the next."""
    return tuple({(f.subject, f.message): f for f in reversed(findings)}.values())[::-1]


def _spawners(run: Run) -> Iterator[_Spawner]:
    for holder in holders(run.setting):
        if holder.profile.children:
            calls = calls_from(run.setting, holder)
            spawns = {
                child.profile: tuple(_starts(run, holder, calls, child.profile))
                for child in holder.profile.children
            }
            if any(spawns.values()):
                reach = calls.reach(run.setting, run.contexts)
                yield _Spawner(holder, calls, reach, {name: ways for name, ways in spawns.items() if ways})


def _starts(run: Run, holder: Holder, calls: Calls, child: str) -> Iterator[tuple[str, Term]]:
    """From where a child is started: the plugin itself, and each tool that calls lead to and that does it."""
    owners = [(calls.start, holder)]
    for name, reached in calls.tools.items():
        if "agent.spawn" in caused_by(run.setting, reached.owner, reached.tool)[1]:
            owners.append((name, reached.owner))
    for name, owner in owners:
        when = allowed(run.setting, owner, "agent.spawn", child, run.contexts.own)
        if when is not False:
            yield name, when


def _decide(run: Run, spawner: _Spawner, descent: Descent) -> Iterator[Finding]:
    """What the last agent of the way may do, an action at a time, against the plugin's own authority."""
    theirs = Authority(scope_layers(descent.way[-1]))
    own = effective(run.setting, spawner.holder)
    for action in theirs.actions():
        if action not in _FOLLOWED:
            finding = _effects(run, spawner, descent, action, theirs, own)
            if finding is not None:
                yield finding
                return  # one effect shows it, and there may be many


def _effects(
    run: Run, spawner: _Spawner, descent: Descent, action: str, theirs: Authority, own: Authority
) -> Finding | None:
    holder = spawner.holder
    try:
        space = space_of(action, (theirs, own))
    except TooComplex as error:
        return Finding(_ID, Verdict.UNKNOWN, holder.subject, str(error), holder.grant.span)
    below = run.contexts.below(descent.levels)
    gained = disj(
        conj(
            (_ATOM == number, Encoder(space, below).within(theirs, atom), neg(_has(run, space, own, number)))
        )
        for number, atom in enumerate(space.atoms)
    )
    ways = spawner.spawns[descent.way[1].name]
    started = disj(conj((_reached(spawner, node), when)) for node, when in ways)
    answer = least(
        _ATOM,
        run.solver,
        *(run.contexts.domain(), below.symbols.domain, spawner.reach.axioms()),
        *(lift(started), lift(gained)),
    )
    if isinstance(answer, Unsat):
        return None
    if isinstance(answer, Undecided):
        return Finding(_ID, Verdict.UNKNOWN, holder.subject, answer.reason, holder.grant.span)
    return _finding(run, spawner, descent, space, answer)


def _has(run: Run, space: Space, own: Authority, number: int) -> Term:
    return Encoder(space, run.contexts.own).within(own, space.atoms[number])


def _reached(spawner: _Spawner, node: str) -> Term:
    return True if node == spawner.calls.start else spawner.reach.reached(node)


def _finding(run: Run, spawner: _Spawner, descent: Descent, space: Space, answer: Sat) -> Finding:
    holder, model = spawner.holder, answer.model
    atom = space.atoms[model.eval(_ATOM, model_completion=True).as_long()]
    ways = spawner.spawns[descent.way[1].name]
    node = next(
        name
        for name, when in ways
        if z3.is_true(model.eval(lift(conj((_reached(spawner, name), when))), model_completion=True))
    )
    calls = (node,) if node == spawner.calls.start else spawner.reach.path(model, node)
    chain = (*calls, *descent.chain[1:], f"effect:{space.action}")
    plugin, child, last = holder.plugin.identity, descent.way[1].name, descent.way[-1]
    through = f"`{child}`" if descent.levels == 1 else f"`{child}` and `{last.name}` below it"
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"`{plugin}` causes `{space.action}` beyond its own authority, through {through}, which it may start",
        _span(holder, calls, child),
        (Related(_above(last, space.action), f"what `{last.name}` may do is here"),),
        Counterexample(
            holder.profile.name, plugin, space.action, atom.witness, run.contexts.decode(model), chain
        ),
        f"take `{child}` out of what it may start; or narrow `{last.name}` to what the plugin may do",
        _without(run.setting, holder, child) if len(calls) == 1 else (),
    )


def _span(holder: Holder, calls: tuple[str, ...], child: str) -> Span:
    """The pattern that grants the first step: the spawn itself, or the call that leads to it."""
    action, name = ("agent.spawn", child) if len(calls) == 1 else ("tool.call", calls[1].partition("/")[2])
    for capability in holder.grant.grant:
        if capability.action == action and covers(capability, name):
            pairs = zip(capability.on, capability.on_spans, strict=True)
            return next(span for pattern, span in pairs if matches(pattern, name))
    return holder.grant.span


def _above(profile: Profile, action: str) -> Span:
    places = (c.span for c in profile.scope[0] if c.action == action)
    return next(places, profile.span)


def _without(setting: Setting, holder: Holder, child: str) -> tuple[Edit, ...]:
    place = Place(setting, holder.profile.document.file)
    granted = (c for c in holder.grant.grant if c.action == "agent.spawn" and covers(c, child))
    return tuple(edit for capability in granted for edit in leave_out(place, capability, (child,)))


def _replay(setting: Setting, found: Counterexample) -> bool:
    if found.plugin is None:
        return replay_tool(setting, found)
    holder = find_holder(setting, found.agent, found.plugin)
    return reference_spawns.starts_more(
        setting, holder, found.chain[:-1], found.action, found.resource, found.context
    )


CHECK = Check(
    _ID, "G3", "nobody causes through the agents that it starts what it may not cause itself", _run, _replay
)
