"""The `permission` mediator: may the tool that was called, with these arguments, cause this effect?

Three questions, each a layer in the decision: does the called tool declare the action (`tool`); does the
resource lie under what the tool was called for (`argument`); does every layer of the proof allow it. So a
tool called for `/notes/a` cannot read `/notes/b`, though its plugin may.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.decide import Decision
from capwright_runtimes.admission import Admission
from capwright_runtimes.pointer import ABSENT, resolve
from capwright_runtimes.refusal import Refused, deny


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of one admitted tool:

    Its name, its declared effects as (action, pointer or None), its arguments.
    """

    name: str
    effects: tuple[tuple[str, str | None], ...]
    arguments: Mapping[str, object]

    @staticmethod
    def of(admission: Admission, name: str, arguments: Mapping[str, object]) -> ToolCall:
        """Raises `Refused` (`no-tool`) when the plugin has no such tool, `bad-table` when its entry is

        Malformed.
        """
        tool = admission.tools.get(name)
        if tool is None:
            raise Refused("no-tool", "the plugin has no such tool", f"{admission.plugin}/{name}")
        effects = tool.get("effects")
        if not isinstance(effects, tuple):
            raise Refused("bad-table", "the tool's effects are not a list", name)
        return ToolCall(name, tuple(_effect(item) for item in effects), arguments)


def permit(
    admission: Admission, call: ToolCall, action: str, resource: str, context: Mapping[str, object]
) -> Decision:
    """The decision of one effect of one call; the canonical resource in it is the one to act on."""
    pointers = [pointer for name, pointer in call.effects if name == action]
    if not pointers:
        return _refusal(action, resource, "tool", f"the tool `{call.name}` does not declare `{action}`")
    decision = admission.decide(action, resource, context)
    if not decision.allowed or None in pointers:
        return decision
    domain = admission.tables[action].domain
    bound = [text for pointer in pointers if pointer for text in _named(call.arguments, pointer)]
    if any(_covers(domain, outer, decision.resource) for outer in bound):
        return decision
    named = " or ".join(f"`{pointer}`" for pointer in pointers)
    return _refusal(action, decision.resource, "argument", f"it is not what the argument {named} names")


def permit_arguments(admission: Admission, call: ToolCall, context: Mapping[str, object]) -> Decision | None:
    """The first refusal among the effects that the arguments name, before the tool runs; else None.

    Every resource named by an argument must be allowed. Where all of an action's effects are bound to
    arguments, at least one of those must be given: what a tool does when its argument is missing is its own
    choice, and nobody decided that one.
    """
    for action in dict.fromkeys(name for name, _ in call.effects):
        refusal = _permit_action(admission, call, action, context)
        if refusal is not None:
            return refusal
    return None


def _permit_action(
    admission: Admission, call: ToolCall, action: str, context: Mapping[str, object]
) -> Decision | None:
    pointers = [pointer for name, pointer in call.effects if name == action]
    given = [(p, resolve(call.arguments, p)) for p in pointers if p is not None]
    present = [(pointer, value) for pointer, value in given if value is not ABSENT]
    if None not in pointers and not present:
        named = " or ".join(f"`{pointer}`" for pointer in pointers)
        return _refusal(
            action, "", "argument", f"the argument {named} is missing, so nothing was decided for it"
        )
    for pointer, value in present:
        texts = list(_texts(value))
        if not texts:
            return _refusal(
                action, "", "argument", f"the argument `{pointer}` must be text or a list of texts"
            )
        for text in texts:
            decision = admission.decide(action, text, context)
            if not decision.allowed:
                return decision
            if action.startswith("fs.") and os.path.realpath(decision.resource) != decision.resource:
                # A server follows links, and then the resource is not the one that was decided.
                return _refusal(action, decision.resource, "scoped-fs", "a symbolic link is on the path")
    return None


def _named(arguments: Mapping[str, object], pointer: str) -> Iterator[str]:
    yield from _texts(resolve(arguments, pointer))


def _texts(value: object) -> Iterator[str]:
    """The texts of an argument: itself, or each of a list. A list with anything else in it names nothing."""
    items = value if isinstance(value, (list, tuple)) else [value]
    if all(isinstance(item, str) for item in items):
        yield from (item for item in items if isinstance(item, str))


def _covers(domain: str, outer: str, resource: str) -> bool:
    """Equal, or (paths only) beneath: in no other domain does naming one resource name others."""
    try:
        above = segments(domain, canonical(domain, outer))
    except ResourceError:
        return False
    below = segments(domain, resource)
    return below == above or (domain == "path" and below[: len(above)] == above)


def _effect(data: object) -> tuple[str, str | None]:
    if isinstance(data, Mapping):
        action, pointer = data.get("action"), data.get("from")
        if isinstance(action, str) and (pointer is None or isinstance(pointer, str)):
            return action, pointer
    raise Refused("bad-table", "a tool's effect is an action and a JSON Pointer or null")


def _refusal(action: str, resource: str, layer: str, reason: str) -> Decision:
    return deny(action, resource, layer, reason).decision
