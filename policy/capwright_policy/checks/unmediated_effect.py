"""`unmediated-effect`: every way from a contribution to an effect passes its mediators, in order (G4).

Each needed mediator must dominate the next one, and the last the effect. On the way back, the output bound
and history must dominate the model's context (G5).

Formula: some path leads from a contribution (or an effect, on the way back) to its end without one of the
mediators that it needs. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capwright_policy import reference
from capwright_policy.authority import effective
from capwright_policy.booleans import lift
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.compile import contribution_nodes, tool_node
from capwright_policy.encoding import concrete
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.graph import CapabilityGraph, EdgeKind, Node
from capwright_policy.proposals import listed
from capwright_policy.reach import Reach, Shape, shape_of
from capwright_policy.routes import (
    RESULT,
    RETURN_PATH,
    effect_actions,
    effect_node,
    mediator_node,
    model_node,
    required_mediators,
)
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_policy.solver import Sat, Unsat
from capwright_policy.spaces import space_of
from capwright_registry.patterns import TooComplex
from capwright_registry.spans import Span

_ID = "unmediated-effect"


@dataclass(frozen=True, slots=True)
class Passage:
    """Every way from one of `starts` to `end` must pass `gate`, the node of `mediator`."""

    holder: Holder
    action: str
    mediator: str
    starts: tuple[Node, ...]
    gate: Node
    end: Node


def passages(setting: Setting, holder: Holder) -> Iterator[Passage]:
    """What must dominate what for one holder: mediators in order before effects, then before the model."""
    tools = tuple(tool_node(holder, tool) for tool in holder.plugin.tools)
    effects: list[Node] = []
    for action in effect_actions(setting, holder) if tools else ():
        effects.append(effect_node(holder, action))
        needed = required_mediators(holder.plugin.kind, action)
        yield from _in_order(holder, action, needed, tools, effects[-1])
    speakers = (*contribution_nodes(holder), *effects)
    if speakers:
        yield from _in_order(holder, RESULT, RETURN_PATH, speakers, model_node(holder))


def _in_order(
    holder: Holder, action: str, needed: tuple[str, ...], starts: tuple[Node, ...], end: Node
) -> Iterator[Passage]:
    gates = [mediator_node(holder, action, m) for m in needed]
    for mediator, gate, following in zip(needed, gates, [*gates[1:], end], strict=True):
        yield Passage(holder, action, mediator, starts, gate, following)
        if following is not end:
            yield Passage(holder, action, mediator, starts, gate, end)


def _run(run: Run) -> Outcome:
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    proved: set[Shape] = set()
    for holder in holders(run.setting):
        own = _routes(run.graph, holder)
        for passage in passages(run.setting, holder):
            obligations.append(Obligation(_ID, holder.subject))
            findings.extend(_decide(run, passage, own, proved))
    return Outcome(tuple(obligations), _one_a_mediator(findings))


def _routes(graph: CapabilityGraph, holder: Holder) -> list[tuple[Node, Node]]:
    """Every edge that a way from what the holder contributes can lead over."""
    waiting = [*contribution_nodes(holder)]
    seen, found = set(waiting), []
    for node in waiting:
        for edge in graph.leaving(node, EdgeKind.MEDIATES, EdgeKind.PERFORMS):
            found.append((edge.source, edge.target))
            if edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return found


def _decide(
    run: Run, passage: Passage, edges: list[tuple[Node, Node]], proved: set[Shape]
) -> Iterator[Finding]:
    """Formulas of one shape are one formula but for the names in it: what is proved of one holds of all."""
    around = [(a, b) for a, b in edges if passage.gate not in (a, b)]
    shape = shape_of(passage.starts, around, passage.end)
    if shape in proved and not run.solver.watch.every:
        return
    reach = Reach("way", [(s, True) for s in passage.starts], [(a, b, True) for a, b in around])
    answer = run.solver.check(reach.axioms(), lift(reach.reached(passage.end)))
    if isinstance(answer, Unsat):
        proved.add(shape)
    elif isinstance(answer, Sat):
        yield _finding(run.setting, passage, reach.path(answer.model, passage.end))
    else:
        yield Finding(_ID, Verdict.UNKNOWN, passage.holder.subject, answer.reason, passage.holder.grant.span)


def _finding(setting: Setting, passage: Passage, path: tuple[Node, ...]) -> Finding:
    holder, mediator = passage.holder, passage.mediator
    plugin, result = holder.plugin.identity, passage.action == RESULT
    what = "what the model sees" if result else f"effects `{passage.action}`"
    action, resource = ("", "") if result else (passage.action, _witness(setting, holder, passage.action))
    declared = setting.workspace.document.span("host", "mediators")
    chain = tuple(str(node) for node in path)
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"{what} of `{plugin}` {'goes' if result else 'go'} around the mediator `{mediator}`",
        holder.grant.span,
        (Related(declared, "the mediators of this workspace are here"),),
        Counterexample(holder.profile.name, plugin, action, resource, {}, chain),
        _help(setting, mediator),
        _add_mediator(setting, mediator, declared),
    )


def _help(setting: Setting, mediator: str) -> str:
    """Where the mediator is missing: in the workspace, in the host policy above it, or in both."""
    own = f"`mediators` under `[host]` in `{setting.workspace.document.file}`"
    host = f"`mediators` of the host policy `{setting.host.source}`"
    lists = [(setting.workspace.mediators, own), (setting.host.mediators, host)]
    places = [place for mediators, place in lists if mediator not in mediators] or [own]
    return f"add `{mediator}` to {' and to '.join(places)}, on a host that has it; or drop the grant"


def _add_mediator(setting: Setting, mediator: str, declared: Span) -> tuple[Edit, ...]:
    """The edit that counts on a mediator, where the host has it and it can be all that is missing."""
    own = setting.workspace.mediators
    if mediator in own or mediator not in setting.host.mediators:
        return ()
    return (Edit(declared, listed([*own, mediator])),)


def _witness(setting: Setting, holder: Holder, action: str) -> str:
    """A resource that the holder may reach with the action; empty if there is none to name."""
    authority = effective(setting, holder)
    try:
        space = space_of(action, (authority,))
    except TooComplex:
        return ""
    inside = (atom for atom in space.atoms if concrete(space, authority, atom, lambda _: True))
    return next((atom.witness for atom in inside), "")


def _one_a_mediator(findings: list[Finding]) -> tuple[Finding, ...]:
    """One finding for each holder, action and mediator, however many obligations say so."""
    kept: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.subject, finding.message), finding)
    return tuple(kept.values())


def _replay(setting: Setting, found: Counterexample) -> bool:
    """The way of the counterexample leaves out a mediator that it needs and that is not there."""
    holder = find_holder(setting, found.agent, found.plugin)
    passed = {name.rpartition("/")[2] for name in found.chain if name.startswith("mediator:")}
    return reference.lacks_mediator(setting, holder, found.action, passed)


CHECK = Check(
    _ID, "G4", "every effect passes its mediators in order, and so does what the model sees", _run, _replay
)

__all__ = ["CHECK", "Passage", "passages"]
