"""Every capability that the workspace's documents state, each place once, with whom it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capwright_registry.capability import Capability, CapabilityList, Workspace
from capwright_registry.spans import Span


@dataclass(frozen=True, slots=True)
class Stated:
    """A capability, and the subject of a note about it."""

    subject: str
    capability: Capability


def stated_once(workspace: Workspace) -> Iterator[Stated]:
    """Each place once, though a set or an extended profile is used by several."""
    seen: set[Span] = set()
    for subject, capabilities in _lists(workspace):
        for capability in capabilities:
            if capability.span not in seen:
                seen.add(capability.span)
                yield Stated(subject, capability)


def _lists(workspace: Workspace) -> Iterator[tuple[str, CapabilityList]]:
    for ceiling in workspace.ceilings.values():
        yield workspace.name, ceiling
    for plugin in workspace.plugins:
        yield plugin.identity, plugin.requires
    for profile in workspace.profiles:
        for capabilities in (*profile.scope, *profile.delegable):
            yield profile.name, capabilities
        for grant in profile.grants:
            yield f"{profile.name}/{grant.plugin.identity}", (*grant.grant, *grant.lend)
