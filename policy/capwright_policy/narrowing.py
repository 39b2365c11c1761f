"""The smallest edit that brings a capability within what stands above it.

A pattern that is within stays; one that is not is replaced by the upper patterns inside it, or dropped;
missing exceptions and conditions are added. Candidates come from the smallest change to the largest, and the
first that is decided to be within is taken, so that what is proposed does what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from capwright_policy.findings import Edit
from capwright_policy.proposals import end_of, is_inline, listed, quoted, removal, rewritten
from capwright_policy.setting import Setting
from capwright_policy.shortening import shortened
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.conditions import Condition, ConditionError, parse_condition
from capwright_registry.patterns import (
    Pattern,
    PatternError,
    Region,
    TooComplex,
    matches,
    outside,
    overlap,
    parse,
)
from capwright_registry.patterns.folding import folded
from capwright_registry.vocabulary import ACTIONS


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What to do, in words and as edits of the source."""

    help: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capability is listed: the file of the list, in a setting.

    A capability that a list takes from a set of the workspace stands in another file. It is not edited there,
    where it is others' too.
    """

    setting: Setting
    file: str

    def owns(self, capability: Capability) -> bool:
        """Whether the capability may be edited where it stands."""
        return capability.span.file == self.file


def narrow(
    place: Place,
    capability: Capability,
    above: CapabilityList,
    name: str,
    fits: Callable[[Capability], bool],
) -> Narrowing:
    """Bring `capability` within `above`, which messages call `name`; `fits` decides whether one is within.

    Where nothing smaller fits, the proposal is to drop it.
    """
    peers = tuple(c for c in above if c.action == capability.action and not c.never)
    otherwise = f"{name} allows no more; or widen {name} if that is meant"
    try:
        for narrowed in candidates(place.setting, capability, peers):
            if narrowed != capability and fits(narrowed):
                edits = _edits(capability, narrowed) if place.owns(capability) else ()
                return Narrowing(f"{_told(capability, narrowed)}: {otherwise}", edits)
    except TooComplex:
        pass  # what cannot be compared is dropped whole
    edits = removal(place.setting, capability) if place.owns(capability) else ()
    return Narrowing(f"drop it: {otherwise}", edits)


def candidates(setting: Setting, capability: Capability, peers: CapabilityList) -> Iterator[Capability]:
    """Ways to bring `capability` closer to its `peers` (of its action), from the smallest change on.

    Itself; with narrower patterns and the peers' exceptions; the same under a guard of a peer. Whether one is
    within the peers is for the caller to decide. Raises `TooComplex`.
    """
    narrowed = _patterns(setting, capability, peers)
    starts = [capability] if narrowed in (None, capability) else [capability, narrowed]
    yield from starts
    for start in starts:
        for when, until in dict.fromkeys((c.when.text if c.when else "", c.until) for c in peers):
            guarded = _guarded(setting, start, when, until)
            if guarded is not None:
                yield guarded


def add_exception(place: Place, capability: Capability, texts: tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits that leave `texts` out of a capability."""
    domain = ACTIONS[capability.action].domain
    roots = place.setting.workspace.roots if domain == "path" else {}
    more = tuple(parse(domain, text, roots) for text in texts)
    narrowed = replace(capability, except_=(*capability.except_, *more))
    return _edits(capability, narrowed) if place.owns(capability) else ()


def leave_out(place: Place, capability: Capability, names: tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits that take names out of a capability: exact patterns go, the others get exceptions."""
    on = tuple(p for p in capability.on if p.canonical not in names)
    if not names or not place.owns(capability):
        return ()
    if not on:
        return removal(place.setting, capability)
    more = tuple(parse("name", name) for name in names)
    still = tuple(p for p in more if any(matches(pattern, p.text) for pattern in on))
    return _edits(capability, replace(capability, on=on, except_=(*capability.except_, *still)))


def _patterns(setting: Setting, capability: Capability, peers: CapabilityList) -> Capability | None:
    """The capability with its patterns brought within those of its peers, whatever the conditions."""
    kept: dict[Pattern, None] = {}
    left_out: dict[Pattern, None] = dict.fromkeys(capability.except_)
    for pattern in capability.on:
        if outside([_region(c) for c in peers], Region((pattern,), capability.except_)) is None:
            kept[pattern] = None
            continue
        for peer in peers:
            inside = [pattern] if _included(pattern, peer.on) else _inside(peer.on, pattern)
            kept.update(dict.fromkeys(inside))
            left_out.update(dict.fromkeys(shortened(_missing(peer, tuple(inside), tuple(left_out)))))
    if not kept:
        return None
    roots = setting.workspace.roots
    on = tuple(p if p in capability.on else _portable(p, roots) for p in kept)
    except_ = tuple(p if p in capability.except_ else _portable(p, roots) for p in left_out)
    return replace(capability, on=on, except_=except_)


def _region(capability: Capability) -> Region:
    return Region(capability.on, capability.except_)


def _inside(patterns: Iterable[Pattern], outer: Pattern) -> list[Pattern]:
    return [p for p in patterns if _included(p, (outer,))]


def _included(pattern: Pattern, outer: tuple[Pattern, ...]) -> bool:
    return outside([Region(outer)], Region((pattern,))) is None


def _missing(peer: Capability, inside: tuple[Pattern, ...], left_out: tuple[Pattern, ...]) -> list[Pattern]:
    """The peer's exceptions that matter to what is taken over from it and are not made yet."""
    return [
        exception
        for exception in peer.except_
        if inside and overlap(Region((exception,)), Region(inside)) and not _included(exception, left_out)
    ]


def _portable(pattern: Pattern, roots: Mapping[str, str]) -> Pattern:
    """The pattern as this workspace would write it: roots of the host policy are not the workspace's."""
    usable = roots if pattern.domain == "path" else {}
    try:
        here = parse(pattern.domain, pattern.text, usable)
    except PatternError:
        here = None
    if here is not None and here.canonical == pattern.canonical:
        return here
    if here is not None and pattern.domain == "path" and folded(here).canonical == pattern.canonical:
        return pattern
    return parse(pattern.domain, pattern.canonical, {})


def _guarded(
    setting: Setting, capability: Capability, when: str, until: datetime | None
) -> Capability | None:
    """The capability while `when` holds as well, and until the earlier end."""
    ends = [moment for moment in (capability.until, until) if moment is not None]
    own = capability.when.text if capability.when else ""
    texts = list(dict.fromkeys(text for text in (own, when) if text))
    both = texts[0] if len(texts) == 1 else " && ".join(f"({text})" for text in texts)
    try:
        condition: Condition | None = parse_condition(both, setting.workspace.variables) if texts else None
    except ConditionError:
        return None
    return replace(capability, when=condition, until=min(ends, default=None))


def _told(capability: Capability, narrowed: Capability) -> str:
    """The change in words."""
    said: list[str] = []
    if narrowed.on != capability.on:
        said.append(f"narrow it to `{listed(p.text for p in narrowed.on)}`")
    new = [p.text for p in narrowed.except_ if p not in capability.except_]
    if new:
        said.append(f"add `{listed(new)}` to its `except`")
    if narrowed.when != capability.when and narrowed.when is not None:
        said.append(f"add `when = {quoted(narrowed.when.text)}`")
    if narrowed.until != capability.until and narrowed.until is not None:
        said.append(f"end it on `{narrowed.until:%Y-%m-%d}`")
    return " and ".join(said)


def _edits(capability: Capability, narrowed: Capability) -> tuple[Edit, ...]:
    """The edits that make the one the other: keys in place, the whole table where that is not enough."""
    if (capability.when and narrowed.when != capability.when) or narrowed.until != capability.until:
        return rewritten(capability, narrowed)
    edits: list[Edit] = []
    if narrowed.on != capability.on:
        edits.append(Edit(capability.on_span, listed(p.text for p in narrowed.on)))
    new = [p.text for p in narrowed.except_ if p not in capability.except_]
    if new and capability.except_spans:
        rest = ", ".join(quoted(text) for text in new)
        edits.append(Edit(end_of(capability.except_spans[-1]), f", {rest}"))
    keys = [f"except = {listed(new)}"] if new and not capability.except_spans else []
    if narrowed.when is not None and capability.when is None:
        keys.append(f"when = {quoted(narrowed.when.text)}")
    if keys:
        separator = ", " if is_inline(capability) else "\n"
        text = "".join(f"{separator}{key}" for key in keys)
        edits.append(Edit(end_of(capability.on_span), text))
    return tuple(edits)
