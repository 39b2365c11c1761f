"""Patterns that are right by the grammar and most likely not what was meant: told as warnings.

Whoever comes from prefixes writes `/v1` for all of an interface. Here it is that one resource: it matches
neither `/v1/users` nor `/v1evil`. Beside patterns that begin with it, the difference matters, and is told. So
are braces, which other globs expand, and a network that a URL reads as one host and a path.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from capwright_registry.capability import Capability, Workspace
from capwright_registry.errors import Problem
from capwright_registry.patterns import Pattern
from capwright_registry.patterns.elements import Word
from capwright_registry.spans import Span
from capwright_registry.suggest import clip
from capwright_registry.vocabulary import ACTIONS

#: `{a,b}`, which other globs expand; `[{]` is the sign itself.
_BRACES: Final = re.compile(r"(?<!\[)\{[^{},/]*,[^{}/]*\}")
_NETWORK: Final = re.compile(
    r"://([0-9]{1,3}(?:\.[0-9]{1,3}){3})(:[0-9*-]+)?/([0-9]|[12][0-9]|3[0-2])(?:/|\Z)"
)


@dataclass(frozen=True, slots=True)
class _Written:
    """A pattern where it is written, and the list that it is in."""

    pattern: Pattern
    span: Span
    beside: tuple[Pattern, ...]

    @property
    def place(self) -> str:
        """The canonical text without what does not say where: the methods of a URL."""
        text = self.pattern.canonical
        return text.partition(" ")[2] if self.pattern.domain == "url" else text


def doubts(workspace: Workspace) -> tuple[Problem, ...]:
    """A warning for each pattern that most likely means something else, by place."""
    by_action: dict[str, dict[Span, _Written]] = {}
    for capability in _stated(workspace):
        if not capability.never:
            by_action.setdefault(capability.action, {}).update((w.span, w) for w in _written(capability))
    found = {
        problem.span: problem
        for action, written in by_action.items()
        for problem in _doubtful(ACTIONS[action].domain, [*written.values()])
    }
    return tuple(sorted(found.values(), key=lambda p: (p.span.file, p.span.line, p.span.column)))


def _doubtful(domain: str, written: list[_Written]) -> Iterator[Problem]:
    if domain in ("path", "name"):
        yield from (_braces(one) for one in written if _BRACES.search(one.pattern.text))
    if domain == "url":
        yield from (_network(one) for one in written if _NETWORK.search(one.pattern.text))
    if domain in ("path", "url"):
        yield from _among(written)


def _braces(one: _Written) -> Problem:
    return Problem(
        f"`{clip(one.pattern.text)}` holds braces, which stand for themselves and are not expanded",
        one.span,
        "write one pattern for each, as in `**/*.pem`, `**/*.key`; or `[{]` for the sign itself",
    )


def _network(one: _Written) -> Problem:
    match = _NETWORK.search(one.pattern.text)
    address, port, length = match.groups(default="") if match else ("", "", "")
    return Problem(
        f"`{clip(one.pattern.text)}` is about the one host `{address}`, below its path `/{length}`",
        one.span,
        f"write `[{address}/{length}]{port}` for the network; or leave it, if just this host is meant",
    )


def _stated(workspace: Workspace) -> Iterator[Capability]:
    for ceiling in workspace.ceilings.values():
        yield from ceiling
    for plugin in workspace.plugins:
        yield from plugin.requires
    for profile in workspace.profiles:
        for capabilities in (*profile.scope, *profile.delegable):
            yield from capabilities
        for grant in profile.grants:
            yield from (*grant.grant, *grant.lend)


def _written(capability: Capability) -> Iterator[_Written]:
    pairs = (capability.on, capability.on_spans), (capability.except_, capability.except_spans)
    for patterns, spans in pairs:
        for pattern, span in zip(patterns, spans, strict=False):
            yield _Written(pattern, span, patterns)


def _among(written: list[_Written]) -> Iterator[Problem]:
    places = sorted({w.place for w in written})
    for one in sorted(written, key=lambda w: w.place):
        after = _neighbour(one, places) if _reads_like_a_prefix(one) else None
        if after is not None:
            text = one.pattern.text
            yield Problem(
                f"`{text}` is that one resource: it matches nothing below it, and not `{after}`",
                one.span,
                f"write `{text}/**` for it and all that is below; or leave it, if just this one is meant",
            )


def _reads_like_a_prefix(one: _Written) -> bool:
    last = one.pattern.elements[0][-1:]
    return bool(last) and isinstance(last[0], Word)


def _neighbour(one: _Written, places: list[str]) -> str | None:
    """What begins like `one` and is not matched: `/v1/users` and `/v1evil` beside `/v1`.

    Not `a.pyc` beside `a.py`, which are plain files; and nothing where `/v1/**` stands in the same list, for
    then both are written out.
    """
    place, whole = one.place, f"{one.place}/**"
    if any(pattern.canonical.endswith(whole) for pattern in one.beside):
        return None
    start = f"{place}/" if "." in place.rpartition("/")[2] else place
    # Sorted, whatever begins with a text stands right behind it; of those, two are not meant.
    first = bisect_left(places, start)
    behind = (p for p in places[first : first + 3] if p.startswith(start))
    return next((p for p in behind if p not in (place, whole)), None)
