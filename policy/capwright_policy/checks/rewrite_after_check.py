"""`rewrite-after-check`: nothing changes a call between its check and its effect (G4).

Every way from a hook that rewrites to an effect of the call passes `permission` and the mediators that the
effect needs once more. The stages of a call stand in the order in which the workspace lists its mediators,
the hooks in front of `permission`; a mediator that is listed before it has decided on other arguments. A hook
that rewrites at any event but `tool.before` has no check after it.

`unmediated-effect` decides the ways that begin at a tool; this check, those that begin at a hook. So whoever
takes on that a tool's effects are unmediated has not agreed to their being rewritten.

Formula: some hook, context and path are such that the hook may rewrite in that context, and the path leads
from it to an effect without one of the mediators that the effect needs. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capwright_policy import reference_hooks
from capwright_policy.authority import effective
from capwright_policy.booleans import Term, lift
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.compile import hook_node, tool_node
from capwright_policy.conditions_z3 import to_z3
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.graph import EdgeKind, Node
from capwright_policy.holding import FALSE, TRUE, Tree, every
from capwright_policy.proposals import listed
from capwright_policy.reach import Reach
from capwright_policy.rewriting import EVENT, acts, matched, rewrites
from capwright_policy.routes import effect_actions, effect_node, mediator_node, required_mediators
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_policy.solver import Sat, Unsat
from capwright_policy.stages import happening_node
from capwright_policy.when_called import within
from capwright_registry.capability import Hook, Tool
from capwright_registry.vocabulary import MEDIATORS

_ID = "rewrite-after-check"


@dataclass(frozen=True, slots=True)
class _Passage:
    """Every way from a hook, while `guard`, to `end` must pass `gate`; `tool` is the one that is called."""

    holder: Holder
    number: int
    guard: Tree
    tool: Node | None
    action: str
    mediator: str
    gate: Node
    end: Node

    @property
    def hook(self) -> Hook:
        return self.holder.plugin.hooks[self.number]

    @property
    def start(self) -> Node:
        return hook_node(self.holder, self.number, self.hook)


def _passages(setting: Setting, holder: Holder) -> Iterator[_Passage]:
    for rewrite in rewrites(setting, holder):
        number, guard, owner = rewrite.number, rewrite.guard, rewrite.owner
        called = tool_node(owner, rewrite.tool)
        for action in _effects(setting, owner, rewrite.tool):
            for mediator in required_mediators(owner.plugin.kind, action):
                gate, end = mediator_node(owner, action, mediator), effect_node(owner, action)
                yield _Passage(holder, number, guard, called, action, mediator, gate, end)
    for number, hook in enumerate(holder.plugin.hooks):
        if hook.power == "rewrite" and hook.on != EVENT:
            end, gate = happening_node(holder, hook), mediator_node(holder, hook.on, "permission")
            for tool, guard in _elsewhere(setting, holder, hook):
                if guard != FALSE:
                    yield _Passage(holder, number, guard, tool, "", "permission", gate, end)


def _effects(setting: Setting, owner: Holder, tool: Tool) -> Iterator[str]:
    """The actions of the tool's effects, calls of other tools included; a server's are all that it may do."""
    declared = {effect.action for effect in tool.effects}
    yield from (a for a in effect_actions(setting, owner) if owner.plugin.kind == "mcp" or a in declared)


def _elsewhere(setting: Setting, holder: Holder, hook: Hook) -> Iterator[tuple[Node | None, Tree]]:
    """When a hook has its power at another event than before a tool: after each tool, or at no tool's."""
    if hook.on.startswith("tool."):
        for owner, tool in matched(setting, holder, hook):
            yield tool_node(owner, tool), acts(setting, holder, hook, tool)
    else:
        power = within(effective(setting, holder), "hook.rewrite", hook.on)
        yield None, every((power, TRUE if hook.when is None else hook.when.ast))


def _run(run: Run) -> Outcome:
    edges = [(e.source, e.target) for e in run.graph.edges(EdgeKind.THEN)]
    obligations: list[Obligation] = []
    findings: dict[tuple[str, str], Finding] = {}
    for holder in holders(run.setting):
        for passage in _passages(run.setting, holder):
            obligations.append(Obligation(_ID, holder.subject))
            for finding in _decide(run, passage, edges):  # one for each hook and mediator
                findings.setdefault((finding.subject, finding.message), finding)
    return Outcome(tuple(obligations), tuple(findings.values()))


def _decide(run: Run, passage: _Passage, edges: list[tuple[Node, Node]]) -> Iterator[Finding]:
    ahead = _ahead(passage, [(a, b) for a, b in edges if passage.gate not in (a, b)])
    reach = Reach("stage", [(passage.start, to_z3(passage.guard, run.contexts.own.symbols))], ahead)
    answer = run.solver.check(run.contexts.domain(), reach.axioms(), lift(reach.reached(passage.end)))
    if isinstance(answer, Sat):
        path, context = reach.path(answer.model, passage.end), run.contexts.decode(answer.model)
        yield _finding(run.setting, passage, path, context)
    elif not isinstance(answer, Unsat):
        yield Finding(_ID, Verdict.UNKNOWN, passage.holder.subject, answer.reason, passage.hook.span)


def _ahead(passage: _Passage, edges: list[tuple[Node, Node]]) -> list[tuple[Node, Node, Term]]:
    """The edges that a way from the hook to the passage's end can take: of other calls' stages none."""
    prefix = passage.gate.name.rpartition("/")[0]
    own = {passage.start, passage.end}
    return [
        (a, b, True) for a, b in edges if all(n in own or n.name.startswith(f"{prefix}/") for n in (a, b))
    ]


def _finding(
    setting: Setting, passage: _Passage, path: tuple[Node, ...], context: dict[str, object]
) -> Finding:
    holder, hook, mediator = passage.holder, passage.hook, passage.mediator
    stages = [path[0], *([passage.tool] if passage.tool else []), *path[1:]]
    who = f"the hook `{hook.name}` of `{holder.plugin.identity}` rewrites"
    if hook.on == EVENT:
        message = f"{who} calls, and `{mediator}` does not check `{passage.action}` after it"
        help_, edits = _mend(setting, mediator)
    else:
        message = f"{who} at `{hook.on}`, and nothing is checked after it"
        help_, edits = f"rewrite calls at `{EVENT}`, where what comes of it is checked again", ()
    declared = setting.workspace.document.span("host", "mediators")
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        message,
        hook.span,
        (Related(declared, "the mediators of this workspace are here"),) if hook.on == EVENT else (),
        Counterexample(
            holder.profile.name,
            holder.plugin.identity,
            passage.action,
            "",
            context,
            tuple(map(str, stages)),
        ),
        help_,
        edits,
    )


def _mend(setting: Setting, mediator: str) -> tuple[str, tuple[Edit, ...]]:
    """List the mediator, in the host's order; or have a host that has it."""
    own = setting.workspace.mediators
    ordered = [m for m in MEDIATORS if m in (*own, mediator)]
    otherwise = "or drop the power to rewrite"
    if mediator not in setting.host.mediators:
        return f"take a host that has `{mediator}`; {otherwise}", ()
    if ordered == list(own):
        return f"install bubblewrap on this host; {otherwise}", ()
    edit = Edit(setting.workspace.document.span("host", "mediators"), listed(ordered))
    file = setting.workspace.document.file
    return f"list `{mediator}` behind `permission` in `mediators` of `{file}`; {otherwise}", (edit,)


def _replay(setting: Setting, found: Counterexample) -> bool:
    """The hook may rewrite in this context, and what the way of the counterexample leaves out is needed."""
    holder = find_holder(setting, found.agent, found.plugin)
    hook = holder.plugin.hooks[int(found.chain[0].rpartition("#")[2])]
    tool = next((name for name in found.chain if name.startswith("tool:")), "").removeprefix("tool:")
    passed = {name.rpartition("/")[2] for name in found.chain if name.startswith("mediator:")}
    identity = tool.removeprefix(f"{found.agent}/")
    return reference_hooks.unchecked(setting, holder, hook, identity, found.action, passed, found.context)


CHECK = Check(_ID, "G4", "what a hook rewrites is checked again before it takes effect", _run, _replay)
