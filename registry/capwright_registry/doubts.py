"""Patterns that are right by the grammar and most likely not what was meant: told as warnings.

Whoever comes from prefixes writes `/v1` for all of an interface. Here it is that one resource: it matches
neither `/v1/users` nor `/v1evil`. Beside patterns that begin with it, the difference matters, and is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from capwright_registry.capability import Capability, Workspace
from capwright_registry.errors import Problem
from capwright_registry.patterns import Pattern
from capwright_registry.patterns.elements import Word
from capwright_registry.spans import Span
from capwright_registry.vocabulary import ACTIONS


@dataclass(frozen=True, slots=True)
class _Written:
    """A pattern where it is written."""

    pattern: Pattern
    span: Span

    @property
    def place(self) -> str:
        """The canonical text without what does not say where: the methods of a URL."""
        return self.pattern.canonical.rpartition(" ")[2]


def doubts(workspace: Workspace) -> tuple[Problem, ...]:
    """A warning for each pattern that reads like a prefix beside patterns that begin with it, by place."""
    by_action: dict[str, dict[Span, _Written]] = {}
    for capability in _stated(workspace):
        if not capability.never and ACTIONS[capability.action].domain in ("path", "url"):
            by_action.setdefault(capability.action, {}).update((w.span, w) for w in _written(capability))
    found = {
        problem.span: problem for written in by_action.values() for problem in _among([*written.values()])
    }
    return tuple(sorted(found.values(), key=lambda p: (p.span.file, p.span.line, p.span.column)))


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
        yield from map(_Written, patterns, spans)


def _among(written: list[_Written]) -> Iterator[Problem]:
    """Sorted, whatever begins with a text stands right behind it."""
    ordered = sorted(written, key=lambda w: w.place)
    places = sorted({w.place for w in written})
    following = dict(pairwise(places))
    for one in ordered:
        after = following.get(one.place, "")
        if _reads_like_a_prefix(one) and after.startswith(one.place) and _misread(one.place, after):
            text = one.pattern.text
            yield Problem(
                f"`{text}` is that one resource: it matches nothing below it, and not `{after}`",
                one.span,
                f"write `{text}/**` for it and all that is below; or leave it, if just this one is meant",
            )


def _reads_like_a_prefix(one: _Written) -> bool:
    last = one.pattern.elements[0][-1:]
    return bool(last) and isinstance(last[0], Word)


def _misread(place: str, after: str) -> bool:
    """`/v1/users` and `/v1evil` beside `/v1`; not `a.pyc` beside `a.py`, which are plain files."""
    rest = after[len(place) :]
    if rest == "/**":
        return False  # both are written out
    return rest.startswith("/") or "." not in place.rpartition("/")[2]
