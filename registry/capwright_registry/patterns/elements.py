"""What a pattern is made of, and the error that a bad one raises."""

from __future__ import annotations

from dataclasses import dataclass

from capwright_registry.clipping import clip_middle


class PatternError(ValueError):
    """The text is no pattern. `message` says what is wrong, `help` what was probably meant, both shortly."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = clip_middle(message)
        self.help = clip_middle(hint)
        super().__init__(f"{self.message} ({self.help})" if hint else self.message)


class TooComplex(Exception):  # noqa: N818 - an answer ("cannot tell within the budget"), not a fault
    """The question needs more states than the budget allows. A caller must treat it as `unknown`."""


@dataclass(frozen=True, slots=True)
class Word:
    """Exactly this segment."""

    text: str


@dataclass(frozen=True, slots=True)
class Glob:
    """One text segment that matches the glob."""

    text: str


@dataclass(frozen=True, slots=True)
class One:
    """Any one text segment."""


@dataclass(frozen=True, slots=True)
class Deep:
    """Any number of text segments, none included."""


@dataclass(frozen=True, slots=True)
class Range:
    """One number from `low` to `high`, both included."""

    low: int
    high: int


Element = Word | Glob | One | Deep | Range
Alternative = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A set of resources of one domain: what any of its alternatives matches.

    `text` is as written; `canonical` has roots expanded and parses to the same `elements`.
    """

    domain: str
    text: str
    canonical: str
    elements: tuple[Alternative, ...]

    def __hash__(self) -> int:
        # Patterns are keys all over the algebra, and texts keep their hash where elements work it out anew.
        return hash((self.domain, self.canonical))


@dataclass(frozen=True, slots=True)
class Region:
    """What some pattern of `on` matches and none of `except_` does; empty where `on` is."""

    on: tuple[Pattern, ...]
    except_: tuple[Pattern, ...] = ()


def joined(elements: list[Element]) -> Alternative:
    """The elements with each run of `Deep` made one, for they mean the same."""
    return tuple(
        element
        for place, element in enumerate(elements)
        if not (isinstance(element, Deep) and place and isinstance(elements[place - 1], Deep))
    )
