"""What an allowed effect still depends on, beyond the layers: how its runtime carries it out."""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.authority import effective
from capwright_policy.effects import Effect
from capwright_policy.emit.process import process_plan
from capwright_policy.setting import Holder, Setting
from capwright_registry.vocabulary import ACTIONS

_CONFINED = ("path", "host", "url")


def caveats(setting: Setting, holder: Holder, effect: Effect) -> tuple[str, ...]:
    """What may still keep the holder from an effect that every layer allows; one sentence each."""
    if holder.plugin.kind == "mcp":
        return tuple(_of_server(setting, holder, effect))
    return tuple(_of_tools(holder, effect))


def _of_server(setting: Setting, holder: Holder, effect: Effect) -> Iterator[str]:
    """A server is confined by mounts, which cannot say all that rules can; the stricter side holds."""
    domain = ACTIONS[effect.action].domain
    if domain in ("host", "url"):
        yield "the sandbox of a server has no network at all"
    lost = process_plan(effective(setting, holder))["lost"] if domain == "path" else ()
    for told in lost if isinstance(lost, list) else ():
        named = [action for action in ACTIONS if f"`{action}`" in told]
        if not named or effect.action in named:
            yield f"in the server's sandbox, {told}"


def _of_tools(holder: Holder, effect: Effect) -> Iterator[str]:
    """What no tool declares, no call causes; what an argument names, only that argument's resource is.

    The host's own network mediator lets nothing through yet, and says so when it is too late.
    """
    if ACTIONS[effect.action].mediator == "net-policy":
        yield "the `net-policy` mediator opens no connections yet, whatever was granted"
    tools = holder.plugin.tools
    declaring = [tool for tool in tools if any(e.action == effect.action for e in tool.effects)]
    if ACTIONS[effect.action].domain not in (*_CONFINED, "argv") or not tools:
        return
    if not declaring:
        yield f"no tool of `{holder.plugin.identity}` declares `{effect.action}`, so no call causes it"
    for tool in declaring:
        pointers = [e.pointer for e in tool.effects if e.action == effect.action]
        if all(pointers):
            named = " or ".join(f"`{pointer}`" for pointer in pointers)
            yield f"`{tool.name}` causes it only on what its argument {named} names"
