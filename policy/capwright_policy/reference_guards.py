"""The reference semantics of guards: whether a hook that denies or asks is there, for one concrete call.

As `reference`, apart from the graph, the atoms and the solver.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from capwright_policy.reference import Context, allows_all, can, ceilings, fires
from capwright_policy.reference_hooks import agent_calls, hook_acts
from capwright_policy.setting import Holder, Setting, holders
from capwright_registry.capability import CapabilityList, Hook, Profile, Tool
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import matches


def unguarded(
    setting: Setting, holder: Holder, hook: Hook, agent: Profile, resource: str, context: Context
) -> bool:
    """G4 broken: a call in the guard's own agent, or in one below it, goes on without the guard.

    The host asks hooks before and after tools, and of the two it takes an `ask` before one alone.
    """
    event, action = resource.partition("/")[0], f"hook.{hook.power}"
    asked = event == "tool.before" or (event == "tool.after" and hook.power == "deny")
    there = [
        h for h in holders(setting) if h.profile is agent and h.plugin.identity == holder.plugin.identity
    ]
    if asked and any(can(setting, h, action, resource, context) for h in there):
        return False
    if agent is holder.profile:
        return _guards_here(setting, holder, hook, resource, context)
    return _is_below(setting, holder.profile, agent) and _guards_there(
        setting, holder, hook, agent, resource, context
    )


def _guards_here(setting: Setting, holder: Holder, hook: Hook, resource: str, context: Context) -> bool:
    """Whether the hook is about the call and its condition true, and its power granted in some context."""
    true = hook.when is None or evaluate(hook.when.ast, context)
    tools = list(_called(setting, hook, holder.profile, resource, context))
    about = bool(tools) or (not hook.on.startswith("tool.") and resource == hook.on)
    return true and about and _ever(setting, holder, hook, resource)


def _guards_there(
    setting: Setting, holder: Holder, hook: Hook, agent: Profile, resource: str, context: Context
) -> bool:
    """Whether the hook would act on the call where it is; one that depends on `depth` counts as acting."""
    deep = any("depth" in c.when.variables for lists in _lists(setting, holder) for c in lists if c.when)
    deep = deep or (hook.when is not None and "depth" in hook.when.variables)
    for tool in _called(setting, hook, agent, resource, context):
        if hook_acts(setting, holder, hook, tool, context) or (
            deep and _ever(setting, holder, hook, resource)
        ):
            return True
    return False


def _called(setting: Setting, hook: Hook, agent: Profile, resource: str, context: Context) -> Iterator[Tool]:
    """The tool that the resource names, where the agent has it, calls it, and the hook is about it."""
    for owner in holders(setting):
        for tool in owner.plugin.tools if owner.profile is agent else ():
            same = resource == f"{hook.on}/{tool.identity}" and matches(hook.match, tool.identity)
            if same and agent_calls(setting, owner, tool, context):
                yield tool


def _ever(setting: Setting, holder: Holder, hook: Hook, resource: str) -> bool:
    """Whether the hook has its power on the resource where all conditions and ends are set aside."""
    bare = [tuple(replace(c, when=None, until=None) for c in listed) for listed in _lists(setting, holder)]
    action = f"hook.{hook.power}"
    return fires(hook, action, resource) and allows_all(tuple(bare), action, resource, {})


def _lists(setting: Setting, holder: Holder) -> tuple[CapabilityList, ...]:
    return (holder.grant.grant, *holder.profile.scope, *ceilings(setting, holder.plugin))


def _is_below(setting: Setting, above: Profile, agent: Profile) -> bool:
    """Whether a chain of children leads from one profile to the other."""
    profiles = {profile.name: profile for profile in setting.workspace.profiles}
    seen: set[str] = set()
    waiting = [child.profile for child in above.children]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [child.profile for child in profiles[name].children]
    return agent.name in seen
