"""Edits of a manifest: ask for a capability, declare an effect of its tools."""

from __future__ import annotations

from capwright_policy.findings import Edit
from capwright_policy.proposals import append_edit, array_at, entry, key_edit, listed, quoted, table_edit
from capwright_registry.capability import Capability, Plugin, Tool


def request_edit(plugin: Plugin, request: Capability) -> Edit:
    """Ask for `request`, whatever is asked for already."""
    array = array_at(plugin.document, "requires")
    if array is not None:
        return append_edit(plugin.document, array, plugin.requires, entry(request))
    on = listed(p.text for p in request.on)
    return table_edit(plugin.document, ("[[requires]]", f"action = {quoted(request.action)}", f"on = {on}"))


def effect_edits(plugin: Plugin, action: str) -> tuple[Edit, ...] | None:
    """Declare `action` as an effect of every tool, unless some tool does: which one causes it is not told.

    None where the effects are tables of their own (`[[tool.effects]]`), for which there is no small edit.
    """
    if any(effect.action == action for tool in plugin.tools for effect in tool.effects):
        return ()
    edits = [_effect_edit(plugin, number, tool, action) for number, tool in enumerate(plugin.tools)]
    found = tuple(edit for edit in edits if edit is not None)
    return found if len(found) == len(edits) else None


def _effect_edit(plugin: Plugin, number: int, tool: Tool, action: str) -> Edit | None:
    text = f"{{ action = {quoted(action)} }}"
    array = array_at(plugin.document, "tool", number, "effects")
    if array is not None:
        return append_edit(plugin.document, array, tool.effects, text)
    if tool.effects:
        return None
    return key_edit(plugin.document, ("tool", number), "name", f"effects = [{text}]")
