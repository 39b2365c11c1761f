"""Smaller cases that still differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Case = TypeVar("Case")


def smallest(case: Case, smaller: Callable[[Case], Iterable[Case]], wrong: Callable[[Case], bool]) -> Case:
    """A case that is wrong and of which nothing that `smaller` leaves out can be left out."""
    while True:
        shrunk = next((one for one in smaller(case) if _is_wrong(one, wrong)), None)
        if shrunk is None:
            return case
        case = shrunk


def _is_wrong(case: Case, wrong: Callable[[Case], bool]) -> bool:
    try:
        return wrong(case)
    except ValueError:
        return False  # no pattern any more


def cuts(text: str) -> Iterator[str]:
    """The text without a run of characters, the longest runs first."""
    size = len(text)
    while size:
        for place in range(len(text) - size + 1):
            yield text[:place] + text[place + size :]
        size //= 2


def without_one(parts: tuple[Case, ...]) -> Iterator[tuple[Case, ...]]:
    """The parts without each of them."""
    for place in range(len(parts)):
        yield parts[:place] + parts[place + 1 :]


def with_smaller(
    parts: tuple[Case, ...], smaller: Callable[[Case], Iterable[Case]]
) -> Iterator[tuple[Case, ...]]:
    """The parts with one of them made smaller."""
    for place, part in enumerate(parts):
        for one in smaller(part):
            yield (*parts[:place], one, *parts[place + 1 :])
