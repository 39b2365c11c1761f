"""`exec-is-everything`: who can run any program unconfined is taken for what it is: all of its user (G4).

An interpreter, a shell, a package runner, a build tool, or what starts one of them, causes every effect of
the operating-system user, whatever the documents grant beside it. So where no process sandbox confines it,
the holder's narrower claims (an exception, a folder, a host) hold nothing back, nor do those of its callers.

Formula: some chain of calls leads to a component that may run, in some context, a command that can run
anything, unconfined; and some effect of the user is not within the authority of the chain's first holder.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import z3

from capwright_policy import reference_programs
from capwright_policy.accepts import accept_edit, accepts_for, may_accept
from capwright_policy.authority import Authority, effective
from capwright_policy.booleans import Term, conj, disj, lift, neg
from capwright_policy.call_chains import Calls, calls_from
from capwright_policy.calls import caused_by, covers
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.commands import anything
from capwright_policy.encoding import Encoder
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.minimal import least
from capwright_policy.reach import Reach
from capwright_policy.routes import present
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_policy.solver import Sat, Unsat
from capwright_policy.spaces import space_of
from capwright_registry.patterns import TooComplex, matches
from capwright_registry.spans import Span

_ID = "exec-is-everything"
_EXEC = "process.exec"
# No context variable's name holds a `#`.
_ATOM = z3.Int("#atom")
#: What the operating-system user can do, each with a resource for where no list tells any apart.
_USER = {
    "fs.read": "/etc/passwd",
    "fs.write": "/tmp/written",  # noqa: S108 - a name, nothing is written
    "fs.delete": "/tmp/written",  # noqa: S108
    "net.connect": "example.com:443",
    "env.read": "HOME",
}


@dataclass(frozen=True, slots=True)
class _Runner:
    """Who may run commands by itself or through calls, with the commands that can run anything."""

    holder: Holder
    calls: Calls
    reach: Reach[str]
    commands: tuple[tuple[str, str, Term], ...]  # the node that runs it, a witness, and when


def _run(run: Run) -> Outcome:
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    for holder in holders(run.setting):
        calls = calls_from(run.setting, holder)
        owners = list(_owners(run.setting, holder, calls))
        if owners:
            obligations.append(Obligation(_ID, holder.subject))
            findings.extend(_decide(run, holder, calls, owners))
    return Outcome(tuple(obligations), tuple(findings))


def _owners(setting: Setting, holder: Holder, calls: Calls) -> Iterator[tuple[str, Holder]]:
    """Those of the chain's ends that may run commands: components, for a server is a process as a whole."""
    if holder.plugin.tools and _EXEC in effective(setting, holder).actions():
        yield from [(calls.start, holder)] if holder.plugin.kind != "mcp" else []
    for name, reached in calls.tools.items():
        kind = reached.owner.plugin.kind
        if kind != "mcp" and _EXEC in caused_by(setting, reached.owner, reached.tool)[1]:
            yield name, reached.owner


def _decide(run: Run, holder: Holder, calls: Calls, owners: list[tuple[str, Holder]]) -> Iterator[Finding]:
    try:
        commands = tuple(c for name, owner in owners for c in _commands(run, name, owner))
        runner = _Runner(holder, calls, calls.reach(run.setting, run.contexts), commands)
        found = next(_beyond(run, runner), None)
    except TooComplex as error:
        found = Finding(_ID, Verdict.UNKNOWN, holder.subject, str(error), holder.grant.span)
    if found is not None:
        yield found


def _commands(run: Run, name: str, owner: Holder) -> Iterator[tuple[str, str, Term]]:
    """The commands of one holder that can run anything, where no sandbox confines them."""
    authority = effective(run.setting, owner)
    confined = present(run.setting, owner, "process-sandbox")
    for space, atom in anything(authority):
        within = Encoder(space, run.contexts.own).within(authority, atom)
        unconfined = conj((within, z3.BoolVal(not confined))) if within is not False else False
        if unconfined is not False:
            yield name, atom.witness, unconfined


def _beyond(run: Run, runner: _Runner) -> Iterator[Finding]:
    """A finding for each action of which not all is the holder's own; those that it has anything of first."""
    own = effective(run.setting, runner.holder)
    started = disj(conj((_reached(runner, name), when)) for name, _, when in runner.commands)
    for action in sorted(_USER, key=lambda one: (one not in own.actions(), list(_USER).index(one))):
        resources = _outside(run, own, action)
        left_out = disj(conj((_ATOM == n, term)) for n, (_, term) in enumerate(resources))
        answer = least(
            _ATOM,
            run.solver,
            *(run.contexts.domain(), runner.reach.axioms(), lift(started), lift(left_out)),
        )
        if isinstance(answer, Sat):
            number = answer.model.eval(_ATOM, model_completion=True).as_long()
            yield _finding(run, runner, action, resources[number][0], answer.model)
        elif not isinstance(answer, Unsat):
            yield Finding(
                _ID, Verdict.UNKNOWN, runner.holder.subject, answer.reason, runner.holder.grant.span
            )


def _outside(run: Run, own: Authority, action: str) -> list[tuple[str, Term]]:
    """Resources of each class that the holder's lists tell apart, and when it may not do this to them."""
    if action not in own.actions():
        return [(_USER[action], True)]
    space = space_of(action, (own,))
    encoder = Encoder(space, run.contexts.own)
    return [(atom.witness, neg(encoder.within(own, atom))) for atom in space.atoms]


def _reached(runner: _Runner, name: str) -> Term:
    return True if name == runner.calls.start else runner.reach.reached(name)


def _finding(run: Run, runner: _Runner, action: str, resource: str, model: z3.ModelRef) -> Finding:
    holder, plugin = runner.holder, runner.holder.plugin.identity
    name, command = next(
        (name, command)
        for name, command, when in runner.commands
        if z3.is_true(model.eval(lift(conj((_reached(runner, name), when))), model_completion=True))
    )
    steps = (name,) if name == runner.calls.start else runner.reach.path(model, name)
    chain = (*steps, f"effect:{_EXEC}:{command}", "effect:everything")
    through = "" if len(steps) == 1 else f" through `{steps[-1].partition('/')[2]}`"
    help_, edits = _mend(run, holder)
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"`{plugin}` may run `{command}`{through} unconfined: every effect of the operating-system user",
        _span(holder, steps, command),
        tuple(_dead(holder)),
        Counterexample(holder.profile.name, plugin, action, resource, run.contexts.decode(model), chain),
        help_,
        edits,
    )


def _span(holder: Holder, steps: tuple[str, ...], command: str) -> Span:
    action, name = (_EXEC, command) if len(steps) == 1 else ("tool.call", steps[1].partition("/")[2])
    for capability in holder.grant.grant:
        if capability.action == action and covers(capability, name):
            pairs = zip(capability.on, capability.on_spans, strict=True)
            return next(span for pattern, span in pairs if matches(pattern, name))
    return holder.grant.span


def _dead(holder: Holder) -> Iterator[Related]:
    """What the grant says of the user's effects beside the command: none of it holds anything back."""
    for capability in holder.grant.grant:
        if capability.action in _USER:
            yield Related(
                capability.span, f"dead: what this leaves out of `{capability.action}` can be had by that"
            )


def _mend(run: Run, holder: Holder) -> tuple[str, tuple[Edit, ...]]:
    confine = "grant only commands that run no others, or confine it: a working process sandbox, which the "
    confine += "workspace and the host policy count among their mediators"
    if not may_accept(run.setting, _ID, holder.plugin.identity):
        return confine, ()
    if accepts_for(run.setting, _ID, holder.subject):
        return f"{confine}; or give the accept a new reason and end", ()
    told = "take it on by name with an `[[accept]]`, whose reason is yours to write"
    return f"{confine}; or {told}", (accept_edit(run.setting, _ID, holder.subject, run.today),)


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    command = found.chain[-2].removeprefix(f"effect:{_EXEC}:")
    effect = (found.action, found.resource, found.context)
    return reference_programs.escapes(setting, holder, command, *effect)


CHECK = Check(
    _ID, "G4", "who can run any program unconfined is granted every effect of the user", _run, _replay
)
