"""`deputy`: what a plugin can cause through the tools it may call is its own, or lent to it (G3).

Over any number of calls: a plugin that may call a tool causes what that tool's plugin may do, and what the
tools that one may call can cause, and so on. `lend` in the callee's `[[enable]]` entry is the operator's word
that this is meant.

Formula: some chain of calls, effect and context reach an effect that is within the authority of the tool's
plugin, and neither within the first caller's own nor lent to it. unsat iff the property holds.
Source: N. Hardy, "The Confused Deputy", 1988.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3

from capwright_policy import reference
from capwright_policy.authority import Authority, effective
from capwright_policy.booleans import Term, conj, disj, lift, neg
from capwright_policy.call_chains import Calls, Reached, calls_from
from capwright_policy.calls import callable_tools, caused_by, covers
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.deputies import lent_layer
from capwright_policy.encoding import Encoder
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.minimal import least
from capwright_policy.narrowing import Place, leave_out
from capwright_policy.reach import Reach
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_policy.solver import Sat, Unsat
from capwright_policy.spaces import Space, space_of
from capwright_registry.patterns import TooComplex, matches
from capwright_registry.spans import Span

_ID = "deputy"
# No context variable's name holds a `#`.
_ATOM = z3.Int("#atom")


def _run(run: Run) -> Outcome:
    callers = [h for h in holders(run.setting) if any(True for _ in callable_tools(run.setting, h))]
    findings = [f for caller in callers for f in _decide(run, caller)]
    return Outcome(tuple(Obligation(_ID, c.subject) for c in callers), tuple(findings))


def _decide(run: Run, caller: Holder) -> Iterator[Finding]:
    calls = calls_from(run.setting, caller)
    reach = calls.reach(run.setting, run.contexts)
    by_owner: dict[tuple[str, str], None] = {}
    for reached in calls.tools.values():
        for action in caused_by(run.setting, reached.owner, reached.tool)[1]:
            key = (reached.owner.plugin.identity, action)
            if key not in by_owner and reached.owner.grant is not caller.grant:
                finding = _effects(run, caller, reached, action, calls, reach)
                if finding is not None:
                    yield finding
                    if finding.verdict is Verdict.UNKNOWN:
                        return  # once is enough: nothing of this caller is proved
                    by_owner[key] = None


def _effects(
    run: Run, caller: Holder, reached: Reached, action: str, calls: Calls, reach: Reach[str]
) -> Finding | None:
    theirs, own = effective(run.setting, reached.owner), effective(run.setting, caller)
    lent = Authority((lent_layer(reached.owner, caller),))
    try:
        space = space_of(action, (theirs, own, lent))
    except TooComplex as error:
        return Finding(_ID, Verdict.UNKNOWN, caller.subject, str(error), caller.grant.span)
    violation = _violation(run, space, theirs, own, lent)
    if run.solver.settled(
        violation
    ):  # every atom has been gone through, and no condition bears on the answer
        return None
    way = reach.reached(reached.name)
    answer = least(_ATOM, run.solver, run.contexts.domain(), reach.axioms(), lift(way), lift(violation))
    if isinstance(answer, Unsat):
        return None
    if not isinstance(answer, Sat):
        return Finding(_ID, Verdict.UNKNOWN, caller.subject, answer.reason, caller.grant.span)
    atom = space.atoms[answer.model.eval(_ATOM, model_completion=True).as_long()]
    found = Counterexample(
        caller.profile.name,
        caller.plugin.identity,
        action,
        atom.witness,
        run.contexts.decode(answer.model),
        (*reach.path(answer.model, reached.name), f"effect:{action}"),
    )
    return _finding(run.setting, caller, reached, found, calls)


def _violation(run: Run, space: Space, theirs: Authority, own: Authority, lent: Authority) -> Term:
    encoder = Encoder(space, run.contexts.own)
    found: list[Term] = []
    for number, atom in enumerate(space.atoms):
        parts = (
            encoder.within(theirs, atom),
            neg(encoder.within(own, atom)),
            neg(encoder.within(lent, atom)),
        )
        wrong = conj(parts)
        found.append(conj((_ATOM == number, wrong)) if wrong is not False else False)
    return disj(found)


def _finding(
    setting: Setting, caller: Holder, reached: Reached, found: Counterexample, calls: Calls
) -> Finding:
    agent, plugin, owner = caller.profile.name, caller.plugin.identity, reached.owner.plugin.identity
    hops = len(found.chain) - 2
    through = f"`{reached.tool.identity}`" + (f", {hops} calls away" if hops > 1 else "")
    return Finding(
        _ID,
        Verdict.REFUTED,
        caller.subject,
        f"`{plugin}` causes `{found.action}` through {through}, which it was neither granted nor lent",
        _call_span(caller, calls.tools[found.chain[1]].tool.identity),
        (
            Related(caller.grant.grant_span, f"what `{agent}` grants `{plugin}` is here"),
            Related(reached.owner.grant.grant_span, f"the authority of `{owner}` that it uses is here"),
        ),
        found,
        f"take the call out of the grant; or, if it is meant, add to the entry of `{owner}`: "
        f'`lend = [{{ to = "{plugin}", action = "{found.action}", on = [...] }}]`',
        _without(setting, caller, _first_calls(calls, reached.owner)),
    )


def _call_span(caller: Holder, tool: str) -> Span:
    """The pattern that grants the first call."""
    for capability in caller.grant.grant:
        if capability.action == "tool.call" and covers(capability, tool):
            pairs = zip(capability.on, capability.on_spans, strict=True)
            return next(span for pattern, span in pairs if matches(pattern, tool))
    return caller.grant.span


def _first_calls(calls: Calls, owner: Holder) -> tuple[str, ...]:
    """The tools that the caller calls itself and that lead, over any number of calls, to the owner's."""
    leading = {name for name, reached in calls.tools.items() if reached.owner.grant is owner.grant}
    while more := {a for a, b, _ in calls.edges if b in leading} - leading - {calls.start}:
        leading |= more
    return tuple(calls.tools[b].tool.identity for a, b, _ in calls.edges if a == calls.start and b in leading)


def _without(setting: Setting, caller: Holder, tools: tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits that take these tools out of what the caller may call."""
    place = Place(setting, caller.profile.document.file)
    return tuple(
        edit
        for capability in caller.grant.grant
        if capability.action == "tool.call"
        for edit in leave_out(place, capability, tuple(t for t in tools if covers(capability, t)))
    )


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    return reference.borrows(setting, holder, found.action, found.resource, found.context)


CHECK = Check(
    _ID, "G3", "no plugin causes through others what it was neither granted nor lent", _run, _replay
)
