"""The nearest miss: of the rules that do not cover an effect, the one that a reader would change first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from capwright_policy.effects import Effect
from capwright_registry.canonical import segments
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.patterns import Pattern, matches
from capwright_registry.patterns.elements import Element, Range, Word
from capwright_registry.spans import Span
from capwright_registry.vocabulary import ACTIONS


class Miss(StrEnum):
    """Why a rule does not cover an effect."""

    EXCEPTED = "excepted"  # `on` covers it and `except` takes it out
    CONDITION = "condition"  # it covers the effect in other contexts
    PATTERN = "pattern"  # another resource of the same action
    ACTION = "action"  # the same resource, another action


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that comes near; `text` is the pattern, condition or action that keeps it from covering."""

    kind: Miss
    text: str
    span: Span


def nearest(capabilities: CapabilityList, effect: Effect) -> NearMiss | None:
    """The nearest of the capabilities that do not cover the effect whatever the context; None for none.

    Nearest is: excepted, then the longest prefix of segments in common, then another action on the resource.
    """
    same = [c for c in capabilities if c.action == effect.action and not c.never]
    misses = (*_excepted(same, effect), *_patterns(same, effect), *_actions(capabilities, effect))
    return next(iter(misses), None)


def covers(capability: Capability, effect: Effect) -> bool:
    """Whether the effect is in the capability's action and patterns, whatever the context."""
    return (
        capability.action == effect.action
        and not capability.never
        and pattern_of(capability, effect.resource) is not None
        and not any(matches(pattern, effect.resource) for pattern in capability.except_)
    )


def pattern_of(capability: Capability, resource: str) -> tuple[Pattern, Span] | None:
    """The pattern of `on` that covers the resource, with its place."""
    return next(_hits(capability, capability.on, capability.on_spans, resource), None)


def _hits(
    capability: Capability, patterns: tuple[Pattern, ...], spans: tuple[Span, ...], resource: str
) -> Iterator[tuple[Pattern, Span]]:
    for number, pattern in enumerate(patterns):
        if matches(pattern, resource):
            yield pattern, spans[number] if len(spans) == len(patterns) else capability.span


def _excepted(capabilities: list[Capability], effect: Effect) -> Iterator[NearMiss]:
    for capability in capabilities:
        if pattern_of(capability, effect.resource) is not None:
            spans = capability.except_spans
            for pattern, span in _hits(capability, capability.except_, spans, effect.resource):
                yield NearMiss(Miss.EXCEPTED, pattern.text, span)


def _patterns(capabilities: list[Capability], effect: Effect) -> list[NearMiss]:
    scored: list[tuple[int, NearMiss]] = []
    resource = segments(ACTIONS[effect.action].domain, effect.resource)
    for capability in capabilities:
        for number, pattern in enumerate(capability.on):
            spans = capability.on_spans
            span = spans[number] if len(spans) == len(capability.on) else capability.span
            score = max((_common(a, resource) for a in pattern.elements), default=0)
            scored.append((score, NearMiss(Miss.PATTERN, pattern.text, span)))
    scored.sort(key=lambda item: -item[0])
    return [miss for _, miss in scored]


def _actions(capabilities: CapabilityList, effect: Effect) -> Iterator[NearMiss]:
    domain = ACTIONS[effect.action].domain
    for capability in capabilities:
        related = not capability.never and ACTIONS[capability.action].domain == domain
        if related and covers(capability, Effect(capability.action, effect.resource)):
            yield NearMiss(Miss.ACTION, capability.action, capability.span)


def _common(elements: tuple[Element, ...], resource: tuple[str | int, ...]) -> int:
    """Characters in common from the start: whole segments, then a part of the first that differs."""
    total = 0
    for element, segment in zip(elements, resource, strict=False):
        text = str(segment)
        if isinstance(element, Word) and element.text == text:
            total += len(text) + 1
        elif isinstance(element, Word):
            return total + _prefix(element.text, text)
        elif (
            isinstance(element, Range) and isinstance(segment, int) and element.low <= segment <= element.high
        ):
            total += 1
        else:
            return total
    return total


def _prefix(one: str, other: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
