"""The reference semantics of flows: whether labels meet in one concrete context. See `reference`.

Apart from the formulas and their reading: agents are walked level by level, calls are followed one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from capwright_policy.reference import Context, believed_tier, can, covers
from capwright_policy.setting import Holder, Setting, find_profile, holders
from capwright_registry.capability import Capability, Permission, Profile
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import matches

_ALL = frozenset({"untrusted_content", "private_data", "public_sink", "changes_state"})


def joins(setting: Setting, rule: str, root: str, context: Context, files: Iterable[str]) -> bool:
    """G9 broken: the labels of a rule meet at `root`, with what others leave in `files` for it."""
    members = list(family(setting, root))
    own = frozenset[str]().union(*(brought(setting, name, level, context) for name, level in members))
    left = frozenset[str]()
    for name in left_by(setting, {name for name, _ in members}, list(files)):
        left |= ever_brought(setting, name)
    done = {"public_sink"} if rule == "trifecta" else {"public_sink", "changes_state"}
    return {"private_data", "untrusted_content"} <= own | left and bool(own & done)


def family(setting: Setting, root: str) -> Iterator[tuple[str, int]]:
    """The root and every profile that may be spawned below it, with the level, one level after another."""
    templates = find_profile(setting, root).children
    here = {root}
    for level in range(1 + max([0, *(child.max_depth for child in templates)])):
        yield from ((name, level) for name in sorted(here))
        here = {child.profile for name in here for child in find_profile(setting, name).children}


def brought(setting: Setting, name: str, level: int, context: Context) -> frozenset[str]:
    """The labels of all tools that an agent at a level below may cause a call of, in the root's context."""
    depth = context["depth"]
    here = {**context, "depth": depth + level if isinstance(depth, int) else depth}
    profile = find_profile(setting, name)
    own = [h for h in holders(setting) if h.profile.name == name]
    tools = [(h, t.identity) for h in own for t in h.plugin.tools]
    waiting = [(h, tool) for h, tool in tools if _lets(setting, profile, tool, here)]
    return _labels_over(setting, waiting, lambda h, tool: can(setting, h, "tool.call", tool, here), own)


def ever_brought(setting: Setting, name: str) -> frozenset[str]:
    """The same whatever the conditions, for what stays in files."""
    profile = find_profile(setting, name)
    own = [h for h in holders(setting) if h.profile.name == name]
    tools = [(h, t.identity) for h in own for t in h.plugin.tools]
    waiting = [(h, tool) for h, tool in tools if _ever_lets(setting, profile, tool)]
    return _labels_over(setting, waiting, lambda h, tool: could(setting, h, "tool.call", tool), own)


def left_by(setting: Setting, inside: set[str], files: list[str]) -> set[str]:
    """The agents outside that leave something for those inside, by way of `files`, and their kin."""
    found = set(inside)
    grown = True
    while grown:
        writers = {
            p.name
            for p in setting.workspace.profiles
            if p.name not in found and any(_passes(setting, p.name, r, file) for r in found for file in files)
        }
        grown = bool(writers)
        found |= {kin for writer in writers for kin in _kin(setting, writer)}
    return found - inside


def could(setting: Setting, holder: Holder, action: str, resource: str) -> bool:
    """`can`, conditions and ends aside."""
    host = setting.host.ceilings
    declared = setting.workspace.ceilings.get(holder.plugin.tier)
    lists = [holder.plugin.requires, holder.grant.grant, *holder.profile.scope]
    lists += [] if declared is None else [declared]
    lists.append(host.get(believed_tier(setting, holder.plugin), ()))
    return all(any(_covers(c, action, resource) for c in listed) for listed in lists)


def _covers(capability: Capability, action: str, resource: str) -> bool:
    return covers(replace(capability, when=None, until=None), action, resource, {})


def _passes(setting: Setting, writer: str, reader: str, file: str) -> bool:
    writers = (h for h in holders(setting) if h.profile.name == writer)
    readers = [h for h in holders(setting) if h.profile.name == reader]
    return any(could(setting, h, "fs.write", file) for h in writers) and any(
        could(setting, h, "fs.read", file) for h in readers
    )


def _kin(setting: Setting, name: str) -> set[str]:
    kin = {name}
    for _ in setting.workspace.profiles:
        for profile in setting.workspace.profiles:
            for child in profile.children:
                if kin & {profile.name, child.profile}:
                    kin |= {profile.name, child.profile}
    return kin


def _labels_over(
    setting: Setting,
    waiting: list[tuple[Holder, str]],
    calls: Callable[[Holder, str], bool],
    own: list[Holder],
) -> frozenset[str]:
    """The labels of the tools in `waiting`, and of those that their plugins may call, over any number."""
    seen: set[str] = set()
    while waiting:
        holder, tool = waiting.pop()
        if tool not in seen:
            seen.add(tool)
            waiting += [
                (other, t.identity)
                for other in own
                if other.plugin.identity != holder.plugin.identity
                for t in other.plugin.tools
                if calls(holder, t.identity)
            ]
    return frozenset[str]().union(*(_labels(setting, tool) for tool in seen))


def _labels(setting: Setting, tool: str) -> frozenset[str]:
    flow = setting.workspace.flow
    entries = [e.labels for e in flow.labels if matches(e.pattern, tool)] if flow else []
    return frozenset[str]().union(*entries) if entries else _ALL


def _rules(profile: Profile, tool: str, word: str) -> list[Permission]:
    return [p for p in profile.permissions if p.action == word and matches(p.pattern, tool)]


def _lets(setting: Setting, profile: Profile, tool: str, context: Context) -> bool:
    """Deny beats ask beats allow, then the default; ask lets exactly when approved, if it counts."""
    flow = setting.workspace.flow
    approved = context["approved"] is True and not (flow is not None and flow.ask_breaks)
    for word, answer in (("deny", False), ("ask", approved), ("allow", True)):
        if any(p.when is None or evaluate(p.when.ast, context) for p in _rules(profile, tool, word)):
            return answer
    return profile.default == "allow" or (profile.default == "ask" and approved)


def _ever_lets(setting: Setting, profile: Profile, tool: str) -> bool:
    flow = setting.workspace.flow
    asked = not (flow is not None and flow.ask_breaks)
    barring = _rules(profile, tool, "deny") + ([] if asked else _rules(profile, tool, "ask"))
    if any(p.when is None for p in barring):
        return False
    freeing = _rules(profile, tool, "allow") + (_rules(profile, tool, "ask") if asked else [])
    return bool(freeing) or profile.default == "allow" or (profile.default == "ask" and asked)
