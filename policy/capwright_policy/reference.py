"""The reference semantics: what the documents mean, decided for one concrete effect in one concrete context.

Written to be read, not to be fast, and apart from the graph, the atoms and the solver: every counterexample
is replayed here, and one that does not replay is a bug of ours. An effect is an action and a canonical
resource; a context gives every declared variable a value (`now` in microseconds since the epoch, UTC).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from capwright_policy.setting import Holder, Setting, holders
from capwright_registry.capability import Capability, CapabilityList, Hook, Meet, Tool
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import matches

Context = Mapping[str, object]


def covers(capability: Capability, action: str, resource: str, context: Context) -> bool:
    """A capability covers an effect: its action, `on` minus `except`, while `when` holds, before `until`."""
    return (
        capability.action == action
        and not capability.never
        and any(matches(pattern, resource) for pattern in capability.on)
        and not any(matches(pattern, resource) for pattern in capability.except_)
        and (capability.when is None or evaluate(capability.when.ast, context))
        and (capability.until is None or before(context, capability.until.timestamp()))
    )


def before(context: Context, seconds: float) -> bool:
    """Whether the context's `now` lies before a moment given in seconds since the epoch."""
    now = context["now"]
    return isinstance(now, int) and now < int(seconds) * 1_000_000


def allows(capabilities: CapabilityList, action: str, resource: str, context: Context) -> bool:
    """A list is a union: one capability that covers the effect is enough; the empty list allows nothing."""
    return any(covers(c, action, resource, context) for c in capabilities)


def allows_all(meet: Meet, action: str, resource: str, context: Context) -> bool:
    """A meet: every list allows it."""
    return all(allows(capabilities, action, resource, context) for capabilities in meet)


def under_ceilings(setting: Setting, holder: Holder, action: str, resource: str, context: Context) -> bool:
    """Within the workspace's ceiling for the plugin's tier, where there is one, and within the host's.

    For the host a plugin is of a tier other than `project` if it lies in `plugins/TIER` beside the host
    policy's file, outside of the workspace; what the workspace says counts for the workspace's own ceiling.
    """
    plugin = holder.plugin
    declared = setting.workspace.ceilings.get(plugin.tier)
    if declared is not None and not allows(declared, action, resource, context):
        return False
    named = Path(setting.host.source)
    homes = {os.path.realpath(named.parent), str(Path(os.path.realpath(named)).parent)}
    if setting.host.source == "built-in":
        homes = set()
    known = any(str(plugin.folder).startswith(f"{home}/plugins/{plugin.tier}/") for home in homes)
    inside = str(plugin.folder).startswith(f"{setting.workspace.root}/")
    tier = plugin.tier if known and not inside else "project"
    return allows(setting.host.ceilings.get(tier, ()), action, resource, context)


def fires(hook: Hook, action: str, resource: str) -> bool:
    """A declared hook asks for its power on its event; on a tool's event, on the tools that it matches."""
    event, slash, tool = resource.partition("/")
    if action != f"hook.{hook.power}" or event != hook.on:
        return False
    return bool(slash) and matches(hook.match, tool) if event.startswith("tool.") else not slash


def can(setting: Setting, holder: Holder, action: str, resource: str, context: Context) -> bool:
    """G2: what a plugin can cause by itself was requested, granted, in scope and under the ceilings."""
    return (
        (
            allows(holder.plugin.requires, action, resource, context)
            or any(fires(hook, action, resource) for hook in holder.plugin.hooks)
        )
        and allows(holder.grant.grant, action, resource, context)
        and allows_all(holder.profile.scope, action, resource, context)
        and under_ceilings(setting, holder, action, resource, context)
    )


def tool_can(
    setting: Setting, owner: Holder, tool: Tool, action: str, resource: str, context: Context
) -> bool:
    """What a call can cause by itself: a declared action; any of the server's for an MCP server."""
    declared = owner.plugin.kind == "mcp" or any(e.action == action for e in tool.effects)
    return declared and can(setting, owner, action, resource, context)


def called_by(setting: Setting, holder: Holder, context: Context) -> Iterator[tuple[Holder, Tool]]:
    """The tools of the same agent's other plugins that a plugin can call in this context."""
    for owner in holders(setting):
        same_agent = owner.profile.name == holder.profile.name
        if same_agent and owner.plugin.identity != holder.plugin.identity:
            for tool in owner.plugin.tools:
                if can(setting, holder, "tool.call", tool.identity, context):
                    yield owner, tool


def chains(setting: Setting, holder: Holder, context: Context) -> Iterator[tuple[tuple[Holder, Tool], ...]]:
    """Every tool that a plugin reaches through calls, each once, by a shortest chain, of whatever length."""
    waiting: list[tuple[Holder, tuple[tuple[Holder, Tool], ...]]] = [(holder, ())]
    seen: set[str] = set()
    while waiting:
        caller, so_far = waiting.pop(0)
        for owner, tool in called_by(setting, caller, context):
            if tool.identity not in seen:
                seen.add(tool.identity)
                yield (*so_far, (owner, tool))
                waiting.append((owner, (*so_far, (owner, tool))))


def lent(owner: Holder, borrower: Holder, action: str, resource: str, context: Context) -> bool:
    """Whether the operator lets `owner` cause this effect on behalf of `borrower`."""
    terms = tuple(c for c in owner.grant.lend if c.to == borrower.plugin.identity)
    return allows(terms, action, resource, context)


def borrows(setting: Setting, holder: Holder, action: str, resource: str, context: Context) -> bool:
    """G3 broken: through some chain of calls the plugin causes an effect that is neither its own nor lent to
    it.
    """
    return not can(setting, holder, action, resource, context) and any(
        tool_can(setting, owner, tool, action, resource, context)
        and not lent(owner, holder, action, resource, context)
        for owner, tool in (chain[-1] for chain in chains(setting, holder, context))
    )


def parent_context(context: Context) -> dict[str, object]:
    """The context of the agent one level above: the same, at one less depth."""
    depth = context["depth"]
    if not isinstance(depth, int):
        raise TypeError("depth is a whole number")
    return {**context, "depth": depth - 1}
