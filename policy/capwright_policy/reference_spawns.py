"""The reference semantics of spawning: which agents start which, what they may spend, what they may call.

As `reference.py`, and apart from it only for length: written to be read, and apart from the solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from capwright_policy.reference import Context, allows_all, can, chains, parent_context, tool_can
from capwright_policy.setting import Holder, Setting, find_profile, holders
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import matches


def overspends(setting: Setting, parent: str, child: str, grandchild: str, key: str) -> bool:
    """G1 broken: agents that `parent` starts as `child` have a budget, may start agents themselves, and
    those of `grandchild` have none, or all that they may start together has more.
    """
    below = find_profile(setting, child).children
    has_own_limit = [key in t.budget for t in below if t.profile == grandchild]
    together = sum(t.max_children * t.budget.get(key, 0) for t in below)
    return any(
        template.profile == child
        and template.max_depth > 1
        and key in template.budget
        and has_own_limit != []
        and (not all(has_own_limit) or together > template.budget[key])
        for template in find_profile(setting, parent).children
    )


def may_follow(setting: Setting, way: Sequence[str]) -> bool:
    """Whether each agent of the way may have started the next: `max_depth` counts the levels that follow."""
    left = {17}
    for above, below in pairwise(way):
        templates = [t for t in find_profile(setting, above).children if t.profile == below]
        left = {min(n - 1, t.max_depth - 1) for n in left if n > 0 for t in templates}
    return bool(left)


def may_call(setting: Setting, agent: str, tool: str, context: Context) -> bool:
    """Whether an agent may call a tool of its own plugins: deny beats ask beats allow, then the default."""
    profile = find_profile(setting, agent)
    rules = [
        rule.action
        for rule in profile.permissions
        if matches(rule.pattern, tool) and (rule.when is None or evaluate(rule.when.ast, context))
    ]
    strictest = next((word for word in ("deny", "ask", "allow") if word in rules), profile.default)
    free = strictest == "allow" or (strictest == "ask" and context["approved"] is True)
    return free and has_tool(setting, agent, tool)


def has_tool(setting: Setting, agent: str, tool: str) -> bool:
    """Whether one of the agent's plugins has the tool."""
    plugins = [holder.plugin for holder in holders(setting) if holder.profile.name == agent]
    return any(tool == own.identity for plugin in plugins for own in plugin.tools)


def calls_more(setting: Setting, way: Sequence[str], tool: str, context: Context) -> bool:
    """G3 broken: the last agent may call a tool and the first, so many levels above, may not; where the first
    has no such tool, it may not hand down the call of it either.
    """
    first, last = way[0], way[-1]
    above = raised(context, len(way) - 1)
    if has_tool(setting, first, tool):
        let = may_call(setting, first, tool, above)
    else:
        let = allows_all(find_profile(setting, first).delegable, "tool.call", tool, above)
    return may_follow(setting, way) and may_call(setting, last, tool, context) and not let


def raised(context: Context, levels: int) -> Context:
    """The context of the agent so many levels above."""
    for _ in range(levels):
        context = parent_context(context)
    return context


def starts_more(
    setting: Setting, holder: Holder, chain: Sequence[str], action: str, resource: str, context: Context
) -> bool:
    """G3 broken: the plugin, or a tool that its calls lead to, may start the first agent of the chain, which
    may start the next; the last has an effect in its scope that the plugin may not cause. The context is the
    plugin's; each agent is one level below the one before.
    """
    way = [name.removeprefix("agent:") for name in chain if name.startswith("agent:")]
    reached = [(holder, True)]
    for called in chains(setting, holder, context):
        owner, tool = called[-1]
        reached.append((owner, tool_can(setting, owner, tool, "agent.spawn", way[0], context)))
    started = any(by and can(setting, owner, "agent.spawn", way[0], context) for owner, by in reached)
    depth = context["depth"]
    below = {**context, "depth": depth + len(way)} if isinstance(depth, int) else {}
    return (
        started
        and may_follow(setting, [holder.profile.name, *way])
        and allows_all(find_profile(setting, way[-1]).scope, action, resource, below)
        and not can(setting, holder, action, resource, context)
    )
