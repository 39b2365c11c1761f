"""Chains of calls from one plugin to the tools of others, of whatever length, for the solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capwright_policy.authority import effective
from capwright_policy.booleans import Term, conj, disj
from capwright_policy.calls import callable_tools, covering
from capwright_policy.contexts import Contexts, Reading
from capwright_policy.reach import Reach
from capwright_policy.setting import Holder, Setting
from capwright_registry.capability import Tool


@dataclass(frozen=True, slots=True)
class Reached:
    """A tool that a caller may reach, with its owner; named for the solver and for people."""

    owner: Holder
    tool: Tool

    @property
    def name(self) -> str:
        """The node of the tool in the graph."""
        return f"tool:{self.owner.profile.name}/{self.tool.identity}"


@dataclass(frozen=True, slots=True)
class Calls:
    """Everything reachable from one caller: tools by name, and call edges with the callers."""

    start: str
    tools: dict[str, Reached]
    edges: tuple[tuple[str, str, Holder], ...]

    def reach(self, setting: Setting, contexts: Contexts) -> Reach[str]:
        """Which tools chains of calls lead to, all calls in one context."""
        return Reach("call", [(self.start, True)], self._guarded(setting, contexts))

    def _guarded(self, setting: Setting, contexts: Contexts) -> Iterator[tuple[str, str, Term]]:
        for source, target, holder in self.edges:
            tool = self.tools[target].tool.identity
            yield source, target, allowed(setting, holder, "tool.call", tool, contexts.own)


def allowed(setting: Setting, holder: Holder, action: str, resource: str, reading: Reading) -> Term:
    """True exactly in the contexts in which a concrete effect is within the holder's authority."""
    layers = effective(setting, holder).layers
    return conj(disj(reading.guard(c) for c in covering(layer, action, resource)) for layer in layers)


def calls_from(setting: Setting, caller: Holder) -> Calls:
    """All tools that chains of calls from `caller` may lead to in some context."""
    start = f"holder:{caller.subject}"
    tools: dict[str, Reached] = {}
    edges: list[tuple[str, str, Holder]] = []
    waiting = [(start, caller)]
    while waiting:
        source, holder = waiting.pop()
        for owner, tool in callable_tools(setting, holder):
            reached = Reached(owner, tool)
            edges.append((source, reached.name, holder))
            if reached.name not in tools:
                tools[reached.name] = reached
                waiting.append((reached.name, owner))
    return Calls(start, tools, tuple(edges))
