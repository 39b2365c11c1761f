"""Which tools a plugin may call, and what a call of a tool can cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from capwright_policy.authority import Authority, Layer, effective
from capwright_policy.routes import REGISTERED
from capwright_policy.setting import Holder, Setting
from capwright_registry.capability import Capability, Tool
from capwright_registry.patterns import matches


def callable_tools(setting: Setting, holder: Holder) -> Iterator[tuple[Holder, Tool]]:
    """The tools of the same agent that the holder may call in some context, with their owners."""
    found = setting.known.get(("calls", holder))
    if found is None:
        setting.known["calls", holder] = found = tuple(_callable(setting, holder))
    return iter(cast(tuple[tuple[Holder, Tool], ...], found))


def _callable(setting: Setting, holder: Holder) -> Iterator[tuple[Holder, Tool]]:
    authority = effective(setting, holder)
    if "tool.call" not in authority.actions():
        return
    for owner in setting.by_agent[holder.profile.name]:
        if owner.grant is holder.grant:
            continue
        for tool in owner.plugin.tools:
            if all(covering(layer, "tool.call", tool.identity) for layer in authority.layers):
                yield owner, tool


def covering(layer: Layer, action: str, resource: str) -> tuple[Capability, ...]:
    """The capabilities of a layer that cover a concrete effect in some context."""
    return tuple(c for c in layer.of(action) if covers(c, resource))


def covers(capability: Capability, resource: str) -> bool:
    """Whether `resource` (canonical) is in `on` minus `except`, whatever the context."""
    hit = any(matches(p, resource) for p in capability.on)
    return hit and not any(matches(p, resource) for p in capability.except_)


def caused_by(setting: Setting, owner: Holder, tool: Tool) -> tuple[Authority, tuple[str, ...]]:
    """What one call of `tool` can cause by itself: the owner's authority, and the actions it reaches.

    A component's calls are mediated one by one, so the tool's declared actions bound it; an MCP server is one
    process, so a call of any of its tools can use whatever the server may do.
    """
    authority = effective(setting, owner)
    declared = {effect.action for effect in tool.effects}
    actions = tuple(
        action
        for action in authority.actions()
        if action not in REGISTERED
        and action != "tool.call"
        and (owner.plugin.kind == "mcp" or action in declared)
    )
    return authority, actions
