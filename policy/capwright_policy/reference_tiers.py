"""The reference semantics of tiers: whether what is lower outranks what is higher, in one concrete context.

As `reference`, apart from the checks and the solver.
"""

from __future__ import annotations

from typing import Final

from capwright_policy.reference import Context, allows, believed_tier, can, lent
from capwright_policy.reference_hooks import agent_calls, rewritten
from capwright_policy.setting import Holder, Setting, holders
from capwright_registry.capability import Plugin
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import matches

#: The higher, the more.
_HEIGHT: Final = {"project": 0, "user": 1, "builtin": 2}


def calls_withheld(setting: Setting, agent: str, tool: str, context: Context) -> bool:
    """An agent, or a plugin of it, calls a tool that the host's own rules do not let it call here."""
    for holder in holders(setting):
        for own in holder.plugin.tools if holder.profile.name == agent else ():
            if own.identity == tool and agent_calls(setting, holder, own, context):
                name = f"{believed_tier(setting, holder.plugin)}:{holder.plugin.id}/{own.name}"
                return not _host_lets(setting, name, context)
    return False


def _host_lets(setting: Setting, name: str, context: Context) -> bool:
    said = {
        rule.action
        for rule in setting.host.permissions
        if matches(rule.pattern, name) and (rule.when is None or evaluate(rule.when.ast, context))
    }
    if "deny" in said:
        return False
    word = "ask" if "ask" in said else "allow" if "allow" in said else setting.host.permission_default
    return word == "allow" or (word == "ask" and context["approved"] is True)


def rewrites_higher(setting: Setting, holder: Holder, resource: str, context: Context) -> bool:
    """A hook of the plugin may rewrite a call of a tool whose plugin is of a higher tier."""
    return any(
        resource == f"tool.before/{tool.identity}"
        and _height(setting, owner.plugin) > _height(setting, holder.plugin)
        for _, owner, tool in rewritten(setting, holder, context)
    )


def borrows_beyond(setting: Setting, holder: Holder, action: str, resource: str, context: Context) -> bool:
    """A plugin of a higher tier may cause it and lends it to this one, whose tier has a ceiling below it."""
    ceiling = setting.host.ceilings.get(believed_tier(setting, holder.plugin), ())
    lenders = [
        owner
        for owner in holders(setting)
        if owner.profile.name == holder.profile.name
        and _height(setting, owner.plugin) > _height(setting, holder.plugin)
    ]
    return not allows(ceiling, action, resource, context) and any(
        can(setting, owner, action, resource, context) and lent(owner, holder, action, resource, context)
        for owner in lenders
    )


def _height(setting: Setting, plugin: Plugin) -> int:
    return _HEIGHT[believed_tier(setting, plugin)]
