"""A workspace on a host whose file system folds case: exceptions hold for every spelling of a name.

What a capability is granted `on` stays as it is spelled, which can only allow less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from capwright_registry.capability import Capability, CapabilityList, Grant, Meet, Plugin, Profile, Workspace
from capwright_registry.patterns.folding import OUTSIDE_ASCII, folded
from capwright_registry.vocabulary import ACTIONS


def fold_capabilities(capabilities: CapabilityList) -> CapabilityList:
    """The capabilities, those over paths less every spelling of an exception, and less names beyond ASCII."""
    return tuple(map(_capability, capabilities))


def fold_workspace(workspace: Workspace) -> Workspace:
    """The workspace with every capability that it states folded."""
    plugins = {id(p): replace(p, requires=fold_capabilities(p.requires)) for p in workspace.plugins}
    return replace(
        workspace,
        ceilings={tier: fold_capabilities(ceiling) for tier, ceiling in workspace.ceilings.items()},
        plugins=tuple(plugins.values()),
        profiles=tuple(_profile(profile, plugins) for profile in workspace.profiles),
    )


def _profile(profile: Profile, plugins: Mapping[int, Plugin]) -> Profile:
    return replace(
        profile,
        scope=_meet(profile.scope),
        delegable=_meet(profile.delegable),
        grants=tuple(_grant(grant, plugins[id(grant.plugin)]) for grant in profile.grants),
    )


def _grant(grant: Grant, plugin: Plugin) -> Grant:
    return replace(
        grant, plugin=plugin, grant=fold_capabilities(grant.grant), lend=fold_capabilities(grant.lend)
    )


def _meet(lists: Meet) -> Meet:
    return tuple(map(fold_capabilities, lists))


def _capability(capability: Capability) -> Capability:
    if capability.never or ACTIONS[capability.action].domain != "path":
        return capability
    except_ = (*map(folded, capability.except_), OUTSIDE_ASCII)
    return replace(capability, except_=tuple(dict.fromkeys(except_)))
