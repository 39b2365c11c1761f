"""The frontier of a search: what was reached, the cheapest first, without what cannot find more."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, NamedTuple

from capwright_registry.canonical import Segments
from capwright_registry.patterns.antichain import Antichain
from capwright_registry.patterns.budget import Budget

Places = frozenset[int]
Cost = tuple[int, int]


class Standing(NamedTuple):
    """Where a search stands: at the end of a segment or, with a `row` of the universe, within a text.

    `needed` has a place for each region that a find must be in; `against` are the places that speak against
    a find, `back` those that give it back. Places are nodes of the table, within a text twigs of its forest.
    """

    row: int
    needed: tuple[int, ...]
    against: Places
    back: Places


AT_END: Final = -1  # the row at the end of a segment


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A state of the space, an option of it, and what led here.

    `cost`: segments, then characters. `letter`: a whole segment, a character, or None where a text ended.
    """

    state: int
    option: int
    here: Standing
    cost: Cost
    letter: str | int | None
    origin: Step | None

    @property
    def within(self) -> bool:
        """Whether the step stands within a text."""
        return self.here.row != AT_END


class Frontier:
    """Steps by cost. Where several cost the same, the one with the least against it comes first."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._queue: list[tuple[Cost, int, int, Step]] = []
        self._seen: Antichain[Step] = Antichain()
        self._added = 0

    def add(self, step: Step) -> None:
        """Take the step in, unless one that costs no more finds as much. Raises `TooComplex`."""
        here = step.here
        self._budget.spend(1 + len(here.against) + len(here.back))
        if self._is_needless(step):
            return
        self._seen.add(_where(step), here.against, step)
        self._added += 1
        size = len(here.against) - len(here.back)
        heapq.heappush(self._queue, (step.cost, size, self._added, step))

    def next(self) -> Step | None:
        """The cheapest step that is left, None where there is none."""
        while self._queue:
            step = heapq.heappop(self._queue)[-1]
            if not self._is_needless(step):
                return step
        return None

    def _is_needless(self, step: Step) -> bool:
        here = step.here
        compared, needless = 0, False
        for seen in self._seen.within(_where(step), here.against):
            compared += 1
            if seen is not step and seen.cost <= step.cost and _finds_as_much(seen.here, here):
                needless = True
                break
        self._budget.spend(compared)
        return needless


def _finds_as_much(one: Standing, other: Standing) -> bool:
    """Whether no more speaks against a find in `one`, and no less gives it back."""
    return one.against <= other.against and one.back >= other.back


def _where(step: Step) -> Hashable:
    """What two steps must share before one can stand for the other."""
    return step.state, step.option, step.here.row, step.here.needed


def path_of(step: Step) -> Segments:
    """The segments that lead to a step at the end of one."""
    found: list[str | int] = []
    text: list[str] = []
    for one in _steps(step):
        if one.within:
            text.append(str(one.letter))
        elif one.letter is not None:
            found.append(one.letter)
        else:
            found.append("".join(text))
            text.clear()
    return tuple(found)


def _steps(step: Step) -> list[Step]:
    """All steps but the first, in order."""
    steps = []
    while step.origin is not None:
        steps.append(step)
        step = step.origin
    return steps[::-1]
