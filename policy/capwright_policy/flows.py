"""What flows together: an agent with its children in one context, and what others leave for them in files.

Labels are the operator's word. A tool that nobody labelled carries all of them. The delegation closure of an
agent is the agent and all that it may spawn, over any number of levels that its templates allow; tasks go
down and results come up, so what one of them reads, each may come to know. What an agent outside of the
closure may write and one inside may read carries that agent's labels too, and those of its own parents and
children. A file stays while contexts change, so conditions do not count there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from capwright_policy.authority import Authority, Layer, effective
from capwright_policy.encoding import concrete
from capwright_policy.setting import Holder, Setting, holders
from capwright_policy.spaces import space_of
from capwright_registry.capability import Profile, Workspace
from capwright_registry.patterns import matches
from capwright_registry.vocabulary import LABELS, FlowRule, Label

#: For each rule the labels that must not meet, one of each group. The last group is what the agent does.
GROUPS: Mapping[FlowRule, tuple[tuple[Label, ...], ...]] = MappingProxyType(
    {
        "trifecta": (("private_data",), ("untrusted_content",), ("public_sink",)),
        "rule-of-two": (("private_data",), ("untrusted_content",), ("public_sink", "changes_state")),
    }
)


@dataclass(frozen=True, slots=True)
class Spawned:
    """An agent of a delegation closure: its profile, and those on the way down to it, the root first."""

    profile: Profile
    way: tuple[str, ...]

    @property
    def level(self) -> int:
        """How many levels below the root."""
        return len(self.way) - 1


@dataclass(frozen=True, slots=True)
class Left:
    """What an agent outside of a closure leaves behind: by which files it comes in, from the nearest on."""

    profile: Profile
    files: tuple[str, ...]


def labels_of(workspace: Workspace, tool: str) -> tuple[frozenset[Label], bool]:
    """The labels of a tool, and whether an entry speaks of it: if none does, it carries every label."""
    flow = workspace.flow
    entries = [e.labels for e in flow.labels if matches(e.pattern, tool)] if flow else []
    return (frozenset[Label]().union(*entries), True) if entries else (frozenset(LABELS), False)


def closure(workspace: Workspace, root: Profile) -> tuple[Spawned, ...]:
    """The root and whatever it may spawn, at each level once, by a shortest-first walk.

    No way is longer than the largest `max_depth` of the root's templates.
    """
    profiles = {p.name: p for p in workspace.profiles}
    deepest = max((child.max_depth for child in root.children), default=0)
    found = [Spawned(root, (root.name,))]
    layer = found
    for _ in range(deepest):
        below: dict[str, Spawned] = {}
        for agent in layer:
            for child in agent.profile.children:
                spawned = Spawned(profiles[child.profile], (*agent.way, child.profile))
                below.setdefault(child.profile, spawned)
        layer = list(below.values())
        found += layer
    return tuple(found)


def left_behind(setting: Setting, inside: frozenset[str]) -> Iterator[Left]:
    """What agents outside of a closure, whose profiles are `inside`, leave for it in files."""
    own = {p.name: [h for h in holders(setting) if h.profile is p] for p in setting.workspace.profiles}
    waiting = [Left(p, ()) for p in setting.workspace.profiles if p.name in inside]
    seen = set(inside)
    while waiting:
        reader = waiting.pop(0)
        for profile in setting.workspace.profiles:
            if profile.name not in seen:
                file = _shared(setting, own[profile.name], own[reader.profile.name])
                for member in _kin(setting.workspace, profile) if file is not None else ():
                    if member.name not in seen:
                        seen.add(member.name)
                        found = Left(member, (*reader.files, file or ""))
                        waiting.append(found)
                        yield found


def _kin(workspace: Workspace, profile: Profile) -> Iterator[Profile]:
    """The profile, and whoever it spawns or is spawned by, over any number of levels."""
    kin, waiting = {profile.name}, [profile.name]
    pairs = [(p.name, c.profile) for p in workspace.profiles for c in p.children]
    while waiting:
        here = waiting.pop()
        near = {b for a, b in pairs if a == here} | {a for a, b in pairs if b == here}
        waiting += sorted(near - kin)
        kin |= near
    return (p for p in workspace.profiles if p.name in kin)


def _shared(setting: Setting, writers: list[Holder], readers: list[Holder]) -> str | None:
    """A file that one of the writers may write and one of the readers may read, whatever the conditions."""
    for writer in writers:
        for reader in readers:
            found = _common(effective(setting, writer), _as_writes(effective(setting, reader)))
            if found is not None:
                return found
    return None


def _as_writes(authority: Authority) -> Authority:
    """The authority with its reads in the place of its writes, so that both are told apart in one space."""
    return Authority(
        tuple(
            Layer(
                layer.name,
                tuple(replace(c, action="fs.write") for c in layer.capabilities if c.action == "fs.read"),
            )
            for layer in authority.layers
        )
    )


def _common(one: Authority, other: Authority) -> str | None:
    if "fs.write" not in one.actions() or "fs.write" not in other.actions():
        return None
    space = space_of("fs.write", (one, other))
    both = (
        atom.witness
        for atom in space.atoms
        if concrete(space, one, atom, lambda _: True) and concrete(space, other, atom, lambda _: True)
    )
    return next(both, None)
