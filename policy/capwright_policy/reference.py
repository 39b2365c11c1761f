"""The reference semantics: what the documents mean, decided for one concrete effect in one concrete context.

Written to be read, not to be fast, and apart from the graph, the atoms and the solver: every counterexample
is replayed here, and one that does not replay is a bug of ours. An effect is an action and a canonical
resource; a context gives every declared variable a value (`now` in microseconds since the epoch, UTC).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

from capwright_policy.setting import Holder, Setting, holders
from capwright_registry.capability import Capability, CapabilityList, Hook, Meet, Plugin, Tool
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import matches
from capwright_registry.vocabulary import Tier

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


def ceilings(setting: Setting, plugin: Plugin) -> Meet:
    """The workspace's ceiling for the plugin's tier, where there is one, and the host's for the tier it
    believes; what the workspace says of tiers counts for the workspace's own ceiling only.
    """
    declared = setting.workspace.ceilings.get(plugin.tier)
    host = setting.host.ceilings.get(believed_tier(setting, plugin), ())
    return (host,) if declared is None else (declared, host)


def under_ceilings(setting: Setting, holder: Holder, action: str, resource: str, context: Context) -> bool:
    """Within every ceiling above the plugin."""
    return allows_all(ceilings(setting, holder.plugin), action, resource, context)


def believed_tier(setting: Setting, plugin: Plugin) -> Tier:
    """For the host a plugin is of a tier other than `project` if it lies in `plugins/TIER` beside the host
    policy's file, outside of the workspace.
    """
    named = Path(setting.host.source)
    homes = {os.path.realpath(named.parent), str(Path(os.path.realpath(named)).parent)}
    if setting.host.source == "built-in":
        homes = set()
    known = any(str(plugin.folder).startswith(f"{home}/plugins/{plugin.tier}/") for home in homes)
    inside = str(plugin.folder).startswith(f"{setting.workspace.root}/")
    return plugin.tier if known and not inside else "project"


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


def imports_ungranted(setting: Setting, holder: Holder, interface: str) -> bool:
    """G4: an imported interface has no action, or one that some list which bounds the plugin never names."""
    actions = {
        "capwright:plugin/files@0.1.0": "fs.read",
        "capwright:plugin/env@0.1.0": "env.read",
        "capwright:plugin/net@0.1.0": "net.http",
    }
    plugin = holder.plugin
    lists = (plugin.requires, holder.grant.grant, *holder.profile.scope, *ceilings(setting, plugin))
    named = [{c.action for c in capabilities if not c.never} for capabilities in lists]
    return not all(actions.get(interface) in actions_named for actions_named in named)


def has_mediator(setting: Setting, holder: Holder, mediator: str) -> bool:
    """A mediator is there where the workspace declares it and the host has it.

    A process sandbox that does not work confines no component; a server's is asked for by `runs_unconfined`.
    """
    if mediator not in setting.workspace.mediators or mediator not in setting.host.mediators:
        return False
    return mediator != "process-sandbox" or holder.plugin.kind == "mcp" or setting.sandbox == "bubblewrap"


def lacks_mediator(setting: Setting, holder: Holder, action: str, passed: Iterable[str]) -> bool:
    """G4, G5: a way passes not all that it needs, for something that it needs is not there.

    An effect needs `permission`, then the mediator of its kind (a server's effects: the sandbox that its
    process is in); what goes to the model, which has no action, needs the output bound and history.
    """
    kinds = {"fs": "scoped-fs", "net": "net-policy", "process": "process-sandbox"}
    own = "process-sandbox" if holder.plugin.kind == "mcp" else kinds.get(action.partition(".")[0])
    needed = {"permission", own} - {None} if action else {"output-bound", "history"}
    return any(m is not None and not has_mediator(setting, holder, m) for m in needed - set(passed))


def runs_unconfined(setting: Setting, holder: Holder) -> bool:
    """G4: a server process with no working sandbox around it can cause every effect of its user."""
    there = all("process-sandbox" in had for had in (setting.workspace.mediators, setting.host.mediators))
    return holder.plugin.kind == "mcp" and not (there and setting.sandbox == "bubblewrap")


def asks_forbidden(setting: Setting, subject: str, action: str) -> bool:
    """G5, G6: an entry of the subject names an action that nobody may be granted."""
    forbidden = {"context.inject", "history.rewrite", "memory.write", "policy.write", "scope.change"}
    return action in forbidden and action in set(_actions_of(setting, subject))


def _actions_of(setting: Setting, subject: str) -> Iterator[str]:
    """Every action that the entries of a plugin, profile, holder or ceiling name."""
    for plugin in setting.workspace.plugins:
        if plugin.identity == subject:
            yield from (c.action for c in plugin.requires)
            yield from (effect.action for tool in plugin.tools for effect in tool.effects)
    for profile in setting.workspace.profiles:
        if profile.name == subject:
            yield from (c.action for c in (*profile.scope[0], *profile.delegable[0]))
        for grant in profile.grants:
            if f"{profile.name}/{grant.identity}" == subject:
                yield from (c.action for c in (*grant.grant, *grant.lend))
    for kind, ceilings_ in (("ceiling", setting.workspace.ceilings), ("host", setting.host.ceilings)):
        for tier, capabilities in ceilings_.items():
            if f"{kind}.{tier}" == subject:
                yield from (c.action for c in capabilities)


def taken_for_one(setting: Setting, one: str, other: str) -> bool:
    """G7: two contributions of one kind bear these names, and a reader or a lossy display takes them for one.

    The host's own plugin is `builtin:capwright`, unless the host itself ships one of that name.
    """
    plugins = setting.workspace.plugins
    own = [p.identity for p in plugins if believed_tier(setting, p) == "builtin"]
    host = [] if "builtin:capwright" in own else ["builtin:capwright"]
    kinds = (
        [*host, *(p.identity for p in plugins)],
        [tool.identity for p in plugins for tool in p.tools],
        [profile.name for profile in setting.workspace.profiles],
    )
    both = any((one, other) in combinations(names, 2) for names in kinds)
    return both and shown_as(one) == shown_as(other)


def shown_as(identity: str) -> str:
    """A name as hosts show it to models: without its tier, in one case, with one separator for all."""
    shown = ""
    for char in identity.split(":")[-1].casefold():
        char = "_" if char in "-_./" else char
        shown += "" if char == "_" and shown.endswith("_") else char
    return shown
