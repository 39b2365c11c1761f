"""Which calls a plugin's hooks may rewrite, and which effects it chooses by that.

The model is the host's (`capwright_runtimes.hook_chain`): a hook before a tool, whose power is within its
plugin's authority for that tool, sets arguments to the values that its manifest gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from capwright_policy.authority import effective
from capwright_policy.calls import caused_by
from capwright_policy.holding import FALSE, TRUE, Tree, every
from capwright_policy.setting import Holder, Setting, holders
from capwright_policy.when_called import called, within
from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.capability import Hook, Tool
from capwright_registry.patterns import Pattern, PatternError, matches, parse
from capwright_registry.patterns.elements import Deep, Range, Word
from capwright_registry.patterns.glob import escaped
from capwright_registry.resolve.schema import pointer_parts
from capwright_registry.vocabulary import ACTIONS

#: The event at which the host takes rewritten arguments.
EVENT = "tool.before"
#: What a rewrite chooses of each action: these resources, or, with None, any that the tool's plugin may use.
Chosen = Mapping[str, tuple[Pattern, ...] | None]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A hook of `holder`, its number in the manifest, and a tool whose calls it may rewrite while `guard`."""

    holder: Holder
    number: int
    hook: Hook
    owner: Holder
    tool: Tool
    guard: Tree


def rewrites(setting: Setting, holder: Holder) -> Iterator[Rewrite]:
    """Every tool of the agent whose calls a hook of the holder may rewrite in some way, its own included."""
    for number, hook in enumerate(holder.plugin.hooks):
        if hook.power == "rewrite" and hook.on == EVENT:
            for owner, tool in matched(setting, holder, hook):
                guard = every((acts(setting, holder, hook, tool), called(setting, holder.profile, tool)))
                if guard != FALSE:
                    yield Rewrite(holder, number, hook, owner, tool, guard)


def acts(setting: Setting, holder: Holder, hook: Hook, tool: Tool) -> Tree:
    """Holds where the hook has its power for the tool and its condition is true."""
    power = within(effective(setting, holder), f"hook.{hook.power}", f"{hook.on}/{tool.identity}")
    return every((power, TRUE if hook.when is None else hook.when.ast))


def matched(setting: Setting, holder: Holder, hook: Hook) -> Iterator[tuple[Holder, Tool]]:
    """The tools of the agent that the hook is about, with their owners."""
    for owner in holders(setting):
        if owner.profile is holder.profile:
            yield from ((owner, t) for t in owner.plugin.tools if matches(hook.match, t.identity))


def chosen(setting: Setting, rewrite: Rewrite) -> Chosen:
    """The effects of the tool that the rewrite has a say in, `tool.call` for those of the tools it calls.

    A server reads its arguments as it likes, so it may be led to all that it may do. Of a component, the
    resources that an argument names are those of the new value; an effect that no argument names may depend
    on any of them.
    """
    _, actions = caused_by(setting, rewrite.owner, rewrite.tool)
    if rewrite.owner.plugin.kind == "mcp":
        return dict.fromkeys((*actions, "tool.call"))
    found: dict[str, tuple[Pattern, ...] | None] = {}
    for effect in rewrite.tool.effects:
        patterns = None if effect.pointer is None else _named(rewrite.hook, effect.action, effect.pointer)
        so_far = found.get(effect.action, ())
        if effect.action in (*actions, "tool.call") and patterns != ():
            free = patterns is None or so_far is None
            found[effect.action] = None if free else (*(so_far or ()), *(patterns or ()))
    return found


def _named(hook: Hook, action: str, pointer: str) -> tuple[Pattern, ...] | None:
    """The resources that the values of the hook name where the effect's argument is; None for any."""
    if not hook.set:
        return None
    domain, found = ACTIONS[action].domain, dict[Pattern, None]()
    for text in (t for place, value in hook.set.items() for t in _texts(place, value, pointer)):
        try:
            found[exactly(domain, canonical(domain, text))] = None
        except ResourceError:
            continue  # no resource, so the host refuses the call
    return tuple(found)


def exactly(domain: str, resource: str) -> Pattern:
    """The pattern of one canonical resource; of a path with all below it, which a tool given a folder may
    use.
    """
    parts = (Word(s) if isinstance(s, str) else Range(s, s) for s in segments(domain, resource))
    elements = ((*parts, *((Deep(),) if domain == "path" else ())),)
    try:
        spelled = parse(
            domain, f"{escaped(resource).rstrip('/')}/**" if domain == "path" else escaped(resource)
        )
    except PatternError:
        spelled = None
    if spelled is not None and spelled.elements == elements:
        return spelled
    return Pattern(domain, resource, f"exactly  {resource}", elements)  # two spaces: no pattern's own text


def _texts(place: str, value: object, pointer: str) -> Iterator[str]:
    """The texts that the argument at `pointer` gets when `value` is set at `place`."""
    set_at, read_at = pointer_parts(place), pointer_parts(pointer)
    if set_at[:-1] == read_at and set_at:
        yield from (item for item in [value] if isinstance(item, str))  # one of a list
    elif read_at[: len(set_at)] == set_at:
        for part in read_at[len(set_at) :]:
            value = value.get(part) if isinstance(value, Mapping) else _item(value, part)
        yield from _listed(value)


def _item(value: object, part: str) -> object:
    number = int(part) if part.isdecimal() else -1
    return value[number] if isinstance(value, list | tuple) and 0 <= number < len(value) else None


def _listed(value: object) -> Iterator[str]:
    items = value if isinstance(value, list | tuple) else [value]
    yield from (item for item in items if isinstance(item, str))
