"""Patterns and capabilities in the form that a proof writes them in; `specs/proof.md` states it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from capwright_registry.capability import Capability
from capwright_registry.patterns import Pattern
from capwright_registry.patterns.elements import Deep, Element, Glob, One, Range, Word

Reference = TypeVar("Reference")


def written_elements(pattern: Pattern) -> list[list[list[str]]]:
    """The alternatives of a pattern, each a list of elements."""
    return [[_element(element) for element in alternative] for alternative in pattern.elements]


def written_rule(capability: Capability, refer: Callable[[Pattern], Reference]) -> dict[str, object]:
    """A capability as a rule over patterns; `refer` gives what stands for a pattern (its number, say)."""
    return {
        "on": [refer(p) for p in capability.on],
        "except": [refer(p) for p in capability.except_],
        "when": capability.when.ast if capability.when else None,
        "until": int(capability.until.timestamp()) if capability.until else None,
        "source": str(capability.span),
    }


def _element(element: Element) -> list[str]:
    match element:
        case Word(text):
            return ["word", text]
        case Glob(text):
            return ["glob", text]
        case One():
            return ["one"]
        case Deep():
            return ["deep"]
        case Range(low, high):
            # An IPv6 address does not fit a JSON number.
            return ["range", str(low), str(high)]
