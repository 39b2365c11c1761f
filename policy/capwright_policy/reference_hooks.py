"""The reference semantics of hooks: what they may change, for one concrete effect in one concrete context.

As `reference`, apart from the graph, the atoms and the solver.
"""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.reference import Context, called_by, can, chains, has_mediator, lent, tool_can
from capwright_policy.setting import Holder, Setting, holders
from capwright_registry.canonical import ResourceError, canonical
from capwright_registry.capability import Hook, Tool
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import matches
from capwright_registry.vocabulary import ACTIONS


def agent_calls(setting: Setting, holder: Holder, tool: Tool, context: Context) -> bool:
    """Whether the holder's agent calls the tool: its rules allow it, or one of its plugins may call it."""
    said = {
        rule.action
        for rule in holder.profile.permissions
        if matches(rule.pattern, tool.identity) and (not rule.when or evaluate(rule.when.ast, context))
    }
    decision = next((word for word in ("deny", "ask", "allow") if word in said), holder.profile.default)
    mates = (h for h in holders(setting) if h.profile.name == holder.profile.name)
    return (
        decision == "allow"
        or (decision == "ask" and context["approved"] is True)
        or any(tool.identity == t.identity for mate in mates for _, t in called_by(setting, mate, context))
    )


def hook_acts(setting: Setting, holder: Holder, hook: Hook, tool: Tool, context: Context) -> bool:
    """Whether a hook on a tool's event has its power there, and its condition is true."""
    power, resource = f"hook.{hook.power}", f"{hook.on}/{tool.identity}"
    there = matches(hook.match, tool.identity) and can(setting, holder, power, resource, context)
    return there and (hook.when is None or evaluate(hook.when.ast, context))


def rewritten(setting: Setting, holder: Holder, context: Context) -> Iterator[tuple[Hook, Holder, Tool]]:
    """The tools whose calls the holder's hooks may rewrite in this context, with the tools' owners."""
    for owner in holders(setting):
        if owner.profile.name == holder.profile.name:
            for hook in holder.plugin.hooks:
                for tool in owner.plugin.tools if (hook.on, hook.power) == ("tool.before", "rewrite") else ():
                    acts = hook_acts(setting, holder, hook, tool, context)
                    if acts and agent_calls(setting, holder, tool, context):
                        yield hook, owner, tool


def steers(setting: Setting, holder: Holder, action: str, resource: str, context: Context) -> bool:
    """G3 broken: a rewrite chooses an effect of another plugin, which is neither its own nor lent to it."""
    if can(setting, holder, action, resource, context):
        return False
    for hook, owner, tool in rewritten(setting, holder, context):
        reached = [(owner, tool)] if chooses(hook, owner, tool, action, resource) else []
        if owner.plugin.identity != holder.plugin.identity and leads_on(hook, owner, tool):
            reached += [chain[-1] for chain in chains(setting, owner, context)]
        for last, called in reached:
            others = last.plugin.identity != holder.plugin.identity
            borrowed = others and tool_can(setting, last, called, action, resource, context)
            if borrowed and not lent(last, holder, action, resource, context):
                return True
    return False


def chooses(hook: Hook, owner: Holder, tool: Tool, action: str, resource: str) -> bool:
    """Whether new arguments can make the tool cause this effect.

    A server does with its arguments what it likes; a component's effect is on what an argument names, or,
    where none is said to name it, on anything.
    """
    if owner.plugin.kind == "mcp":
        return True
    mine = [effect.pointer for effect in tool.effects if effect.action == action]
    return any(pointer is None or names(hook, pointer, action, resource) for pointer in mine)


def leads_on(hook: Hook, owner: Holder, tool: Tool) -> bool:
    """Whether new arguments have a say in which tools the tool calls."""
    if owner.plugin.kind == "mcp":
        return True
    mine = [effect.pointer for effect in tool.effects if effect.action == "tool.call"]
    return any(p is None or not hook.set or any(_texts(hook, p)) for p in mine)


def names(hook: Hook, pointer: str, action: str, resource: str) -> bool:
    """Whether the argument, as the hook sets it, names the resource, or a folder in which it lies."""
    domain = ACTIONS[action].domain
    for text in _texts(hook, pointer):
        try:
            named = canonical(domain, text)
        except ResourceError:
            continue
        if named == resource or (domain == "path" and resource.startswith(named.rstrip("/") + "/")):
            return True
    return not hook.set


def _texts(hook: Hook, pointer: str) -> Iterator[str]:
    """Every text that the hook puts where the argument is: set there, in a list there, or within a value
    above.
    """
    for place, value in hook.set.items():
        if place == pointer:
            yield from _items(value)
        elif place.rpartition("/")[0] == pointer:
            yield from _items(value) if isinstance(value, str) else ()
        elif pointer.startswith(f"{place}/"):
            yield from _items(_follow(value, pointer[len(place) + 1 :].split("/")))


def _follow(value: object, steps: list[str]) -> object:
    for step in steps:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list | tuple) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _items(value: object) -> list[str]:
    listed = value if isinstance(value, list | tuple) else [value]
    return [item for item in listed if isinstance(item, str)]


def unchecked(
    setting: Setting, holder: Holder, hook: Hook, tool: str, action: str, passed: set[str], context: Context
) -> bool:
    """G4 broken: the hook may rewrite, and what it makes of the call is not checked by all that has to.

    The host runs hooks in front of `permission`. A mediator that the workspace lists before that one has
    checked what the call was, and after an event other than `tool.before` none comes.
    """
    tools = [(o, t) for o in holders(setting) for t in o.plugin.tools if t.identity == tool]
    mine = [(o, t) for o, t in tools if o.profile.name == holder.profile.name]
    if hook.on != "tool.before":
        at_no_tool = not tool and can(setting, holder, "hook.rewrite", hook.on, context)
        true = hook.when is None or evaluate(hook.when.ast, context)
        return (at_no_tool and true) or any(hook_acts(setting, holder, hook, t, context) for _, t in mine)
    for owner, called in mine:
        acts = hook_acts(setting, holder, hook, called, context) and agent_calls(
            setting, holder, called, context
        )
        declared = owner.plugin.kind == "mcp" or any(effect.action == action for effect in called.effects)
        if acts and declared and needed(owner, action) - passed - checks_after(setting, owner):
            return True
    return False


def needed(owner: Holder, action: str) -> set[str]:
    """What has to check an effect of the action: `permission`, and the mediator of its kind."""
    kinds = {"fs": "scoped-fs", "net": "net-policy", "process": "process-sandbox"}
    own = (
        "process-sandbox" if owner.plugin.kind == "mcp" else kinds.get(action.partition(".")[0], "permission")
    )
    return {"permission", own}


def checks_after(setting: Setting, owner: Holder) -> set[str]:
    """The mediators that are there and come after the hooks: from `permission` on, as they are listed."""
    order = list(setting.workspace.mediators)
    start = order.index("permission") if has_mediator(setting, owner, "permission") else 0
    return {m for m in order if order.index(m) >= start and has_mediator(setting, owner, m)}
