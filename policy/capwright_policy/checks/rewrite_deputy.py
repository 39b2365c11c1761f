"""`rewrite-deputy`: what a plugin chooses by rewriting calls of others' tools is its own, or lent to it (G3).

Whoever changes the arguments of a call chooses what the called tool does, with the authority of that tool's
plugin, and through its calls with that of others, over any number of calls. `lend` in the entry of the plugin
whose authority is used is the operator's word that this is meant.

`deputy` decides what a plugin causes by calls that it makes; this check, by calls that others make and its
hooks change. No chain is asked about by both: they differ in their first step.

Formula: some rewrite, chain of calls, effect and context are such that the agent makes the call, the hook may
rewrite it, the chain is open, and the effect is chosen by it and within the authority of the last tool's
plugin, but neither within the hook's plugin's own nor lent to it. unsat iff the property holds.
Source: N. Hardy, "The Confused Deputy", 1988.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from capwright_policy import reference_hooks
from capwright_policy.authority import Authority, Layer, effective
from capwright_policy.calls import caused_by, covers
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.compile import hook_node, tool_node
from capwright_policy.deputies import lent_layer
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.holding import FALSE, TRUE, Tree, every, names
from capwright_policy.narrowing import Place, leave_out
from capwright_policy.questions import Case, Exceeds, Included, Question, included
from capwright_policy.rewriting import EVENT, Rewrite, chosen, rewrites
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_policy.ways import ways
from capwright_registry.capability import Capability, Tool
from capwright_registry.conditions import Condition
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import Pattern, matches
from capwright_registry.spans import Span

_ID = "rewrite-deputy"


@dataclass(frozen=True, slots=True)
class _Choice:
    """Effects that a rewrite chooses over a chain of tools, the last of `owner`; all of its where `on` is
    None.
    """

    rewrite: Rewrite
    owner: Holder
    tools: tuple[Tool, ...]
    guard: Tree
    action: str
    on: tuple[Pattern, ...] | None


def _run(run: Run) -> Outcome:
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    for holder in holders(run.setting):
        for owner, choices in _by_owner(run.setting, holder):
            question = _question(run.setting, holder, owner, choices)
            obligations.append(Obligation(_ID, holder.subject, question))
            outcome = included(question, run.contexts, run.solver)
            if isinstance(outcome, Exceeds):
                findings.append(_finding(run.setting, holder, owner, choices, outcome.case))
            elif not isinstance(outcome, Included):
                findings.append(
                    Finding(_ID, Verdict.UNKNOWN, holder.subject, outcome.reason, holder.grant.span)
                )
    return Outcome(tuple(obligations), tuple(findings))


def _by_owner(setting: Setting, holder: Holder) -> Iterator[tuple[Holder, list[_Choice]]]:
    """What the holder's rewrites choose of each other plugin's authority."""
    found: dict[str, tuple[Holder, list[_Choice]]] = {}
    for rewrite in rewrites(setting, holder):
        for choice in _choices(setting, rewrite):
            if choice.owner.subject != holder.subject and choice.guard != FALSE:
                found.setdefault(choice.owner.subject, (choice.owner, []))[1].append(choice)
    yield from found.values()


def _choices(setting: Setting, rewrite: Rewrite) -> Iterator[_Choice]:
    effects = chosen(setting, rewrite)
    for action, on in effects.items():
        if action != "tool.call":
            yield _Choice(rewrite, rewrite.owner, (rewrite.tool,), rewrite.guard, action, on)
    # From a tool of its own the plugin goes on by calls that it makes itself.
    if "tool.call" in effects and rewrite.owner.subject != rewrite.holder.subject:
        for way in ways(setting, rewrite.owner):
            guard = every((rewrite.guard, *sorted(way.guards, key=repr)))
            for action in caused_by(setting, way.owner, way.tools[-1])[1]:
                yield _Choice(rewrite, way.owner, (rewrite.tool, *way.tools), guard, action, None)


def _question(setting: Setting, holder: Holder, owner: Holder, choices: list[_Choice]) -> Question:
    """Is what is chosen of the owner's authority within the holder's own, or lent to it?

    "In all of my layers, or lent" is "in each of my layers with what is lent".
    """
    listed = tuple(c for choice in choices for c in _capabilities(choice))
    lent = lent_layer(owner, holder).capabilities
    inner = (*effective(setting, owner).layers, Layer("rewritten", listed))
    outer = (
        Layer(f"{layer.name} or lent", (*layer.capabilities, *lent))
        for layer in effective(setting, holder).layers
    )
    return Question(Authority(inner), Authority(tuple(outer)))


def _capabilities(choice: _Choice) -> Iterator[Capability]:
    """What is chosen, while the rewrite and the calls after it can happen."""
    when = None if choice.guard == TRUE else Condition("", choice.guard, names(choice.guard))
    own = [c for c in choice.owner.grant.grant if c.action == choice.action and not c.never]
    if choice.on is None:
        yield from (replace(c, when=when, until=None) for c in own)
    elif own:
        span = choice.rewrite.hook.span
        yield replace(own[0], on=choice.on, except_=(), when=when, until=None, span=span)


def _finding(setting: Setting, holder: Holder, owner: Holder, choices: list[_Choice], case: Case) -> Finding:
    choice = next(c for c in choices if _causes(c, case))
    plugin, lender, hook = holder.plugin.identity, owner.plugin.identity, choice.rewrite.hook
    first, calls = choice.rewrite.tool.identity, len(choice.tools) - 1
    through = f"`{first}`" + (f" and {calls} more after it" if calls else "")
    chain = (str(hook_node(holder, choice.rewrite.number, hook)), *_nodes(setting, choice))
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"`{plugin}` chooses `{case.action}` of `{lender}` by rewriting calls of {through}, and was neither "
        "granted nor lent it",
        _pattern(holder, _resource(choice)),
        (
            Related(hook.span, f"the hook `{hook.name}` that rewrites is here"),
            Related(owner.grant.grant_span, f"the authority of `{lender}` that it uses is here"),
        ),
        Counterexample(
            holder.profile.name,
            plugin,
            case.action,
            case.resource,
            case.context,
            (*chain, f"effect:{case.action}"),
        ),
        f"take the tool out of the grant; or, if it is meant, add to the entry of `{lender}`: "
        f'`lend = [{{ to = "{plugin}", action = "{case.action}", on = [...] }}]`',
        _without(setting, holder, tuple(dict.fromkeys(map(_resource, choices)))),
    )


def _resource(choice: _Choice) -> str:
    """What the power to rewrite is over: the tool, at its event."""
    return f"{EVENT}/{choice.rewrite.tool.identity}"


def _causes(choice: _Choice, case: Case) -> bool:
    """Whether the choice is one by which the case comes about."""
    there = choice.on is None or any(matches(p, case.resource) for p in choice.on)
    return choice.action == case.action and there and evaluate(choice.guard, case.context)


def _nodes(setting: Setting, choice: _Choice) -> Iterator[str]:
    agent = choice.rewrite.holder.profile
    owners = {t.identity: h for h in holders(setting) if h.profile is agent for t in h.plugin.tools}
    yield from (str(tool_node(owners[tool.identity], tool)) for tool in choice.tools)


def _pattern(holder: Holder, resource: str) -> Span:
    """The pattern that grants the power."""
    for capability in holder.grant.grant:
        if capability.action == "hook.rewrite" and covers(capability, resource):
            pairs = zip(capability.on, capability.on_spans, strict=True)
            return next(span for pattern, span in pairs if matches(pattern, resource))
    return holder.grant.span


def _without(setting: Setting, holder: Holder, resources: tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits that take these tools out of the power to rewrite."""
    place = Place(setting, holder.profile.document.file)
    return tuple(
        edit
        for capability in holder.grant.grant
        if capability.action == "hook.rewrite"
        for edit in leave_out(place, capability, tuple(r for r in resources if covers(capability, r)))
    )


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    return reference_hooks.steers(setting, holder, found.action, found.resource, found.context)


CHECK = Check(
    _ID, "G3", "no plugin chooses by rewriting calls what it was neither granted nor lent", _run, _replay
)
