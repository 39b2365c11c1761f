"""Which variables of a counterexample's context matter: those that conditions of the agents involved use."""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.findings import Counterexample
from capwright_policy.setting import Setting
from capwright_registry.capability import Capability, Profile


def relevant_context(setting: Setting, found: Counterexample) -> dict[str, object]:
    """The part of the counterexample's context that any condition of its agents and their plugins reads."""
    used: set[str] = set()
    for capability in _involved(setting, found):
        used |= capability.when.variables if capability.when else set()
        used |= {"now"} if capability.until else set()
    return {name: value for name, value in found.context.items() if name in used}


def _involved(setting: Setting, found: Counterexample) -> Iterator[Capability]:
    workspace = setting.workspace
    for profile in workspace.profiles:
        if profile.name == found.agent or f"agent:{profile.name}" in found.chain:
            yield from _of_profile(profile)
    for ceilings in (*workspace.ceilings.values(), *setting.host.ceilings.values()):
        yield from ceilings


def _of_profile(profile: Profile) -> Iterator[Capability]:
    for capabilities in (*profile.scope, *profile.delegable):
        yield from capabilities
    for grant in profile.grants:
        yield from (*grant.grant, *grant.lend, *grant.plugin.requires)
