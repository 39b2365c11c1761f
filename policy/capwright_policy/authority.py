"""Authority as a meet of layers: an effect is within it iff every layer has a capability that covers it.

One definition serves the checks, the proof's tables and the explanation, so that they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from capwright_policy.made_up import made_up
from capwright_policy.setting import Holder, Setting, ceiling, host_ceiling
from capwright_registry.capability import Capability, CapabilityList, Hook, Profile
from capwright_registry.patterns import parse


@dataclass(frozen=True)
class Layer:
    """A named union of capabilities; the empty union covers nothing."""

    name: str
    capabilities: CapabilityList

    def of(self, action: str) -> CapabilityList:
        """The capabilities of one action."""
        return self._by_action.get(action, ())

    @property
    def actions(self) -> Iterable[str]:
        """The actions that some capability names."""
        return self._by_action.keys()

    @cached_property
    def _by_action(self) -> dict[str, CapabilityList]:
        found: dict[str, list[Capability]] = {}
        for capability in self.capabilities:
            if not capability.never:
                found.setdefault(capability.action, []).append(capability)
        return {action: tuple(capabilities) for action, capabilities in found.items()}


@dataclass(frozen=True, slots=True)
class Authority:
    """The meet of its layers. No layer at all would cover everything, so at least one is required."""

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("an authority has at least one layer")

    def actions(self) -> tuple[str, ...]:
        """The actions that every layer names: no other action can be within the meet."""
        common = set.intersection(*(set(layer.actions) for layer in self.layers))
        return tuple(sorted(common))

    def conditions(self) -> Iterable[Capability]:
        """The capabilities that carry a condition or an end date."""
        return (c for layer in self.layers for c in layer.capabilities if c.when or c.until)


def requested(holder: Holder) -> Layer:
    """What the plugin's manifest asks for; a declared hook asks for its power on its event and tools."""
    return Layer("requested", (*holder.plugin.requires, *map(_hook_request, holder.plugin.hooks)))


def _hook_request(hook: Hook) -> Capability:
    tools = f"/{hook.match.text}" if hook.on.startswith("tool.") else ""
    on = (parse("name", f"{hook.on}{tools}"),)
    return made_up(f"hook.{hook.power}", on, hook.span, reason=f"hook `{hook.name}`")


def granted(holder: Holder) -> Layer:
    """What the profile's `[[enable]]` entry grants."""
    return Layer("granted", holder.grant.grant)


def scope_layers(profile: Profile) -> tuple[Layer, ...]:
    """The agent's own scope; more than one layer where the profile extends another."""
    return tuple(Layer("scope", capabilities) for capabilities in profile.scope)


def delegable_layers(profile: Profile) -> tuple[Layer, ...]:
    """What the agent may hand down."""
    return tuple(Layer("delegable", capabilities) for capabilities in profile.delegable)


def ceilings(setting: Setting, holder: Holder) -> tuple[Layer, ...]:
    """The ceilings above the holder: the workspace's for its tier, where declared, and the host's."""
    declared = ceiling(setting, holder)
    own = (Layer("ceiling", declared),) if declared is not None else ()
    return (*own, Layer("host", host_ceiling(setting, holder)))


def effective(setting: Setting, holder: Holder) -> Authority:
    """What the holder can cause by itself: requested, granted, within scope, within the ceilings (G2)."""
    found = setting.known.get(("effective", holder))
    if not isinstance(found, Authority):
        layers = (
            requested(holder),
            granted(holder),
            *scope_layers(holder.profile),
            *ceilings(setting, holder),
        )
        setting.known["effective", holder] = found = Authority(layers)
    return found
