"""Everything a verification is about: the workspace, what stands above it, and what the host really has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from capwright_registry.capability import (
    Capability,
    CapabilityList,
    Grant,
    HostPolicy,
    Plugin,
    Profile,
    Workspace,
)
from capwright_registry.origin import believed_tier
from capwright_registry.vocabulary import Tier


@dataclass(frozen=True)
class Setting:
    """One workspace under one host policy on one host.

    `sandbox` is the process sandbox that was found working on the host: `bubblewrap` or `none`.
    """

    workspace: Workspace
    host: HostPolicy
    sandbox: str

    @property
    def mediators(self) -> tuple[str, ...]:
        """The mediators that the workspace declares and the host has, in the workspace's order."""
        return tuple(m for m in self.workspace.mediators if m in self.host.mediators)

    @cached_property
    def holders(self) -> tuple[Holder, ...]:
        """Every enabled plugin of every profile, in the documents' order; always the same objects."""
        return tuple(
            Holder(profile, grant, grant.plugin)
            for profile in self.workspace.profiles
            for grant in profile.grants
        )

    @cached_property
    def by_agent(self) -> dict[str, tuple[Holder, ...]]:
        """The holders of each profile that has some, in the documents' order."""
        found: dict[str, list[Holder]] = {}
        for holder in self.holders:
            found.setdefault(holder.profile.name, []).append(holder)
        return {name: tuple(own) for name, own in found.items()}

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        """The profiles by name, which is unique."""
        return {profile.name: profile for profile in self.workspace.profiles}

    @cached_property
    def known(self) -> dict[tuple[str, Holder | None], object]:
        """What was worked out of a holder, or of the whole, by what it is: each is asked for many times."""
        return {}


@dataclass(frozen=True, eq=False)
class Holder:
    """A plugin as enabled in one profile: what can hold authority."""

    profile: Profile
    grant: Grant
    plugin: Plugin

    @cached_property
    def subject(self) -> str:
        """`lead/project:acme.notes`: the name of this holder in findings, accepts and the proof."""
        return f"{self.profile.name}/{self.plugin.identity}"


def holders(setting: Setting) -> tuple[Holder, ...]:
    """Every enabled plugin of every profile, in the documents' order."""
    return setting.holders


def enabled(setting: Setting) -> tuple[tuple[Plugin, tuple[Holder, ...]], ...]:
    """The plugins that some profile enables, each once and with its holders, in the documents' order."""
    used: dict[int, list[Holder]] = {}
    for holder in holders(setting):
        used.setdefault(id(holder.plugin), []).append(holder)
    return tuple((p, tuple(used[id(p)])) for p in setting.workspace.plugins if id(p) in used)


def ceiling(setting: Setting, holder: Holder) -> CapabilityList | None:
    """The workspace's ceiling for the holder's tier; `None` where none is declared (it then narrows
    nothing).
    """
    return setting.workspace.ceilings.get(holder.plugin.tier)


def origin(setting: Setting, plugin: Plugin) -> Tier:
    """The tier that the host believes of a plugin."""
    return believed_tier(setting.host, setting.workspace.root, plugin.folder, plugin.tier)


def host_ceiling(setting: Setting, holder: Holder) -> CapabilityList:
    """The host policy's ceiling for the tier that it believes; a tier it does not name may do nothing."""
    return setting.host.ceilings.get(origin(setting, holder.plugin), ())


def find_holder(setting: Setting, agent: str, plugin: str | None) -> Holder:
    """The holder of that name; `KeyError` if there is none."""
    for holder in setting.by_agent.get(agent, ()):
        if holder.plugin.identity == plugin:
            return holder
    raise KeyError(f"{agent}/{plugin}")


def find_profile(setting: Setting, name: str) -> Profile:
    """The profile of that name; `KeyError` if there is none."""
    return setting.profiles[name]


def stated(workspace: Workspace) -> Iterator[Capability]:
    """Every capability that a document of the workspace states, wherever it stands."""
    for ceiling_ in workspace.ceilings.values():
        yield from ceiling_
    for plugin in workspace.plugins:
        yield from plugin.requires
    for profile in workspace.profiles:
        for capabilities in (*profile.scope, *profile.delegable):
            yield from capabilities
        for grant in profile.grants:
            yield from (*grant.grant, *grant.lend)
