"""An agent, all that it may spawn, and what each of them may call, as a formula over one context.

The context of an agent that is `n` levels below the root is the root's, at `n` more of `depth`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import z3

from capwright_policy.authority import effective
from capwright_policy.booleans import Term, conj, disj
from capwright_policy.calls import callable_tools, covering
from capwright_policy.contexts import Contexts, Reading
from capwright_policy.flows import Left, Spawned, closure, labels_of, left_behind
from capwright_policy.permitted import ever, permitted
from capwright_policy.reach import Reach
from capwright_policy.setting import Holder, Setting, holders, stated
from capwright_registry.capability import Profile
from capwright_registry.conditions import Condition
from capwright_registry.vocabulary import Label


@dataclass(frozen=True, slots=True)
class Source:
    """A tool that brings labels to the family; `files` by which they come, where its agent is outside."""

    agent: str
    tool: str
    node: str
    level: int
    labels: frozenset[Label]
    labelled: bool
    reached: Term
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """The delegation closure of `root`; `axioms` say which tools are reached."""

    root: Profile
    contexts: Contexts
    axioms: z3.BoolRef
    sources: tuple[Source, ...]
    _reach: Reach[str] = field(repr=False)

    def chain(self, source: Source, model: z3.ModelRef) -> tuple[str, ...]:
        """How the labels of a source come to the root, in a model in which it is reached."""
        if source.files:
            return (f"agent:{source.agent}", f"tool:{source.agent}/{source.tool}", *_files(source.files))
        first, *calls = self._reach.path(model, source.node)
        way = first.partition(" ")[2].split(">")
        return (*(f"agent:{name}" for name in way), *(f"tool:{way[-1]}/{_tool(n)}" for n in calls))


def flow_contexts(setting: Setting) -> Contexts:
    """The contexts over every condition of permissions and of capabilities."""
    return Contexts(setting.workspace.variables, _conditions(setting))


def family_of(setting: Setting, root: Profile, contexts: Contexts, *, asked: bool) -> Family:
    """The family of a root. `asked`: whether calls that the user is asked for count.

    Raises `capwright_registry.patterns.TooComplex` where shared files cannot be told.
    """
    members = closure(setting.workspace, root)
    edges = [e for member in members for e in _edges(setting, member, contexts, asked)]
    reach = Reach("flow", [(_agent(member), True) for member in members], edges)
    left = left_behind(setting, frozenset(member.profile.name for member in members))
    sources = (
        *(s for member in members for s in _own(setting, member, reach)),
        *(s for other in left for s in _others(setting, other, asked)),
    )
    return Family(root, contexts, reach.axioms(), sources, reach)


def _edges(
    setting: Setting, member: Spawned, contexts: Contexts, asked: bool
) -> Iterator[tuple[str, str, Term]]:
    """What the agent may call by its permissions, and what its plugins may call, in the member's context."""
    reading = _reading(contexts, member.level)
    for holder in _holders(setting, member.profile):
        for tool in holder.plugin.tools:
            guard = permitted(member.profile, tool.identity, reading.symbols, asked=asked)
            there = conj((guard, reading.symbols.domain))
            yield _agent(member), _node(member, tool.identity), there
        authority = effective(setting, holder)
        for _, called in callable_tools(setting, holder):
            guards = (
                disj(reading.guard(c) for c in covering(layer, "tool.call", called.identity))
                for layer in authority.layers
            )
            there = conj((*guards, reading.symbols.domain))
            for tool in holder.plugin.tools:
                yield _node(member, tool.identity), _node(member, called.identity), there


def _reading(contexts: Contexts, level: int) -> Reading:
    symbols = contexts.own.symbols
    if level == 0:
        return contexts.own
    below = dict(symbols.constants) | {"depth": symbols.constant("depth") + level}
    return Reading(symbols.copy(f"@{level}", below))


def _own(setting: Setting, member: Spawned, reach: Reach[str]) -> Iterator[Source]:
    for holder in _holders(setting, member.profile):
        for tool in holder.plugin.tools:
            node = _node(member, tool.identity)
            yield _source(setting, member.profile, tool.identity, node, member.level, reach.reached(node))


def _others(setting: Setting, left: Left, asked: bool) -> Iterator[Source]:
    """The tools of an agent outside, also those that its tools may call, conditions aside."""
    own = [(h, t.identity) for h in _holders(setting, left.profile) for t in h.plugin.tools]
    lets = [(h, tool) for h, tool in own if ever(left.profile, tool, asked=asked)]
    callers, tools = [h for h, _ in lets], {tool for _, tool in lets}
    while callers:
        called = [(o, t) for o, t in callable_tools(setting, callers.pop()) if t.identity not in tools]
        tools |= {tool.identity for _, tool in called}
        callers += [owner for owner, _ in called]
    for tool in sorted(tools):
        yield replace(_source(setting, left.profile, tool, "", 0, True), files=left.files)


def _source(setting: Setting, profile: Profile, tool: str, node: str, level: int, reached: Term) -> Source:
    labels, labelled = labels_of(setting.workspace, tool)
    return Source(profile.name, tool, node, level, labels, labelled, reached)


def _conditions(setting: Setting) -> Iterator[Condition]:
    above = (c for ceiling in setting.host.ceilings.values() for c in ceiling)
    capabilities = (c.when for c in (*stated(setting.workspace), *above))
    rules = (p.when for profile in setting.workspace.profiles for p in profile.permissions)
    return (when for when in (*capabilities, *rules) if when is not None)


def _holders(setting: Setting, profile: Profile) -> list[Holder]:
    return [holder for holder in holders(setting) if holder.profile is profile]


def _agent(member: Spawned) -> str:
    return f"agent {'>'.join(member.way)}"


def _node(member: Spawned, tool: str) -> str:
    return f"{'>'.join(member.way)} {tool}"


def _tool(node: str) -> str:
    return node.partition(" ")[2]


def _files(files: tuple[str, ...]) -> Iterator[str]:
    return (f"file:{file}" for file in reversed(files))
