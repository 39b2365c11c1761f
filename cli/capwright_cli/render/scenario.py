"""Which variables of a counterexample's context matter: those that conditions on its way read.

A condition is on the way if it guards what may cover the effect, or a call that leads to it, in a list of the
agents and plugins of the scenario. No other can make a difference.
"""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.findings import Counterexample
from capwright_policy.setting import Setting
from capwright_registry.capability import Capability, Profile
from capwright_registry.patterns import matches


def relevant_context(setting: Setting, found: Counterexample) -> dict[str, object]:
    """The part of the counterexample's context that a condition on its way reads."""
    used: set[str] = set()
    for capability in _involved(setting, found) if found.context else ():
        if _on_the_way(capability, found):
            used |= capability.when.variables if capability.when else set()
            used |= {"now"} if capability.until else set()
    return {name: value for name, value in found.context.items() if name in used}


def _on_the_way(capability: Capability, found: Counterexample) -> bool:
    if capability.action == "tool.call" and any(step.startswith("tool:") for step in found.chain):
        return True
    same = capability.action == found.action and not capability.never
    return same and any(matches(pattern, found.resource) for pattern in capability.on)


def _involved(setting: Setting, found: Counterexample) -> Iterator[Capability]:
    """The lists of the scenario; of plugins only where it is about a plugin at all."""
    workspace = setting.workspace
    for profile in workspace.profiles:
        if profile.name == found.agent or f"agent:{profile.name}" in found.chain:
            for capabilities in (*profile.scope, *profile.delegable):
                yield from capabilities
            yield from _of_plugins(profile, found) if found.plugin is not None else ()
    if found.plugin is not None:
        for ceilings in (*workspace.ceilings.values(), *setting.host.ceilings.values()):
            yield from ceilings


def _of_plugins(profile: Profile, found: Counterexample) -> Iterator[Capability]:
    names = {f"{found.agent}/{found.plugin}", *(step.partition(":")[2] for step in found.chain)}
    for grant in profile.grants:
        subject = f"{profile.name}/{grant.plugin.identity}"
        if any(name == subject or name.startswith(f"{subject}/") for name in names):
            yield from (*grant.grant, *grant.lend, *grant.plugin.requires)
