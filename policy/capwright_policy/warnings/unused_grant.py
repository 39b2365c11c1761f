"""`unused-grant`: a plugin asks for an action and is granted it, and declares nothing that can use it.

Finite and read off the documents, by runtime kind. A hook's power takes a hook of that power. A component's
call causes what its tool declares, and no more. A server's process may use whatever it was granted, but for
variables, which it gets by `[runtime] env` alone. A declarative plugin has hooks and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.authority import requested
from capwright_policy.checks.base import Run
from capwright_policy.findings import Note
from capwright_policy.setting import Holder, holders
from capwright_policy.warnings.base import Warner, own
from capwright_registry.capability import Plugin

_CODE = "unused-grant"


def _found(run: Run) -> Iterator[Note]:
    for holder in holders(run.setting):
        asked = {*requested(holder).actions}  # of what is not asked for, `dead-grant` speaks
        told: set[str] = set()
        for one in holder.grant.grant:
            if own(holder, one) and one.action in asked - told and not _usable(holder.plugin, one.action):
                told.add(one.action)
                yield Note(_CODE, holder.subject, _told(holder, one.action), one.span, _help(one.action))


def _usable(plugin: Plugin, action: str) -> bool:
    family, _, power = action.partition(".")
    if family == "hook":
        return any(hook.power == power for hook in plugin.hooks)
    if plugin.kind == "mcp":
        return action != "env.read" or bool(plugin.env)
    if action == "tool.provide":
        return bool(plugin.tools)
    return any(effect.action == action for tool in plugin.tools for effect in tool.effects)


def _told(holder: Holder, action: str) -> str:
    plugin = holder.plugin
    if action.startswith("hook."):
        why = f"it has no hook of power `{action.partition('.')[2]}`"
    elif plugin.kind == "mcp":
        why = "its `[runtime] env` passes no variable on"
    else:
        why = "none of its tools declares it among its effects"
    return f"`{plugin.identity}` is granted `{action}`, and nothing of it can use it: {why}"


def _help(action: str) -> str:
    return (
        f"take `{action}` out of the grant, and out of the manifest; or declare in the manifest what uses it"
    )


WARNING = Warner(_CODE, "whatever is granted can be used by what the plugin declares", _found)
