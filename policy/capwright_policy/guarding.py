"""Which hooks guard which calls: the denies and asks of plugins, in an agent and in those below it.

The model is the host's: it fires hooks before and after tools alone, and goes on where a plugin lacks the
power that its hook needs (`capwright_runtimes.hook_chain` records that, and leaves the verdict out).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capwright_policy.authority import Authority, Layer, effective
from capwright_policy.calls import covering
from capwright_policy.holding import FALSE, TRUE, Tree, every, names
from capwright_policy.made_up import made_up
from capwright_policy.rewriting import acts, exactly
from capwright_policy.setting import Holder, Setting, find_profile, holders
from capwright_policy.when_called import called
from capwright_registry.capability import Capability, Hook, Profile, Tool
from capwright_registry.conditions import Condition
from capwright_registry.patterns import Pattern, matches, parse
from capwright_registry.spans import Span

#: The powers that protect, with the events at which the host listens to them.
GUARDS = {"deny": ("tool.before", "tool.after"), "ask": ("tool.before",)}


@dataclass(frozen=True, slots=True)
class Guarded:
    """A call (or an event that is none) that a hook of the plugin has to guard, while `when`."""

    number: int
    hook: Hook
    resource: str
    when: Tree

    @property
    def capability(self) -> Capability:
        """The power that this takes, as what must be within the plugin's authority."""
        when = None if self.when == TRUE else Condition("", self.when, names(self.when))
        return _power(self.hook.power, (exactly("name", self.resource),), when, self.hook.span)


def guarded_here(setting: Setting, holder: Holder) -> Iterator[Guarded]:
    """What the holder's hooks guard in its own agent: each call on which their power is granted at all.

    On what it is never granted the operator withholds it, and no one relies on it.
    """
    for number, hook in _guards(holder):
        true = TRUE if hook.when is None else hook.when.ast
        if not hook.on.startswith("tool."):
            yield from _granted(setting, holder, Guarded(number, hook, hook.on, true))
        for tool in _tools(setting, hook, holder.profile):
            when = every((true, called(setting, holder.profile, tool)))
            yield from _granted(setting, holder, Guarded(number, hook, f"{hook.on}/{tool.identity}", when))


def guarded_below(setting: Setting, holder: Holder, agent: Profile) -> Iterator[Guarded]:
    """What the holder's hooks would guard of what `agent` calls, were it called where the holder is.

    Who is below has another `depth`: a guard that depends on it counts as always there.
    """
    for number, hook in _guards(holder):
        for tool in _tools(setting, hook, agent):
            there = acts(setting, holder, hook, tool)
            there = TRUE if "depth" in names(there) else there
            when = every((there, called(setting, agent, tool)))
            if when != FALSE:
                yield Guarded(number, hook, f"{hook.on}/{tool.identity}", when)


def below(setting: Setting, profile: Profile) -> tuple[Profile, ...]:
    """The other profiles that a chain of children leads to, nearest first."""
    found: dict[str, Profile] = {}
    waiting = [profile]
    while waiting:
        for child in waiting.pop(0).children:
            if child.profile not in found:
                found[child.profile] = find_profile(setting, child.profile)
                waiting.append(found[child.profile])
    return tuple(p for p in found.values() if p.name != profile.name)


def present(setting: Setting, plugin: str, agent: Profile, span: Span) -> Authority:
    """The guards that are there: the plugin's authority in the agent, at the events that the host fires."""
    powers = (_power(p, tuple(parse("name", f"{e}/**") for e in on), None, span) for p, on in GUARDS.items())
    fired = Layer("fired", tuple(powers))
    for holder in holders(setting):
        if holder.profile is agent and holder.plugin.identity == plugin:
            return Authority((*effective(setting, holder).layers, fired))
    return Authority((Layer("guards", ()), fired))


def _guards(holder: Holder) -> Iterator[tuple[int, Hook]]:
    yield from ((n, hook) for n, hook in enumerate(holder.plugin.hooks) if hook.power in GUARDS)


def _tools(setting: Setting, hook: Hook, agent: Profile) -> Iterator[Tool]:
    """The agent's tools that the hook is about."""
    if hook.on.startswith("tool."):
        for holder in holders(setting):
            if holder.profile is agent:
                yield from (tool for tool in holder.plugin.tools if matches(hook.match, tool.identity))


def _granted(setting: Setting, holder: Holder, guarded: Guarded) -> Iterator[Guarded]:
    layers, action = effective(setting, holder).layers, f"hook.{guarded.hook.power}"
    if guarded.when != FALSE and all(covering(layer, action, guarded.resource) for layer in layers):
        yield guarded


def _power(power: str, on: tuple[Pattern, ...], when: Condition | None, span: Span) -> Capability:
    return made_up(f"hook.{power}", on, span, when=when)
