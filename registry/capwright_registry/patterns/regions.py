"""The exact algebra of resource sets: inclusion, overlap and emptiness, each with a witness.

Every answer is exact. A question beyond the budget raises `TooComplex`, to be read as `unknown`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capwright_registry.patterns.budget import budget_of
from capwright_registry.patterns.elements import Region
from capwright_registry.patterns.finding import domain_of, find
from capwright_registry.patterns.space import text_of


@dataclass(frozen=True, slots=True)
class Area:
    """What every region of `within` has and no region of `without` does; empty where `within` is.

    Closed under `meet` and `minus` with a region, which regions themselves are not.
    """

    within: tuple[Region, ...]
    without: tuple[Region, ...] = ()


def minus(a: Region | Area, b: Region) -> Area:
    """The resources that are in `a` and not in `b`."""
    area = _area(a)
    return Area(area.within, (*area.without, b))


def meet(a: Region | Area, b: Region) -> Area:
    """The resources that are in both."""
    area = _area(a)
    return Area((*area.within, b), area.without)


def witness(a: Region | Area) -> str | None:
    """The shortest readable resource in `a`; None iff there is none. Raises `TooComplex`."""
    area = _area(a)
    if not area.within or not all(region.on for region in area.within):
        return None
    patterns = {p for region in (*area.within, *area.without) for p in (*region.on, *region.except_)}
    domain = domain_of(patterns)
    found = find(domain, area.within, area.without, budget_of(patterns))
    return None if found is None else text_of(domain, found)


def outside(outer: Sequence[Region], inner: Region) -> str | None:
    """The shortest readable resource in `inner` and in no region of `outer`; None iff `inner` is included."""
    return witness(Area((inner,), tuple(outer)))


def includes(outer: Region, inner: Region) -> bool:
    """Whether every resource of `inner` is in `outer`."""
    return witness(minus(inner, outer)) is None


def overlap(a: Region, b: Region) -> str | None:
    """The shortest readable resource in both regions; None iff they are disjoint."""
    return witness(meet(a, b))


def is_empty(a: Region | Area) -> bool:
    """Whether no resource is in `a`."""
    return witness(a) is None


def equivalent(a: Region, b: Region) -> bool:
    """Whether the same resources are in both regions."""
    return includes(a, b) and includes(b, a)


def _area(a: Region | Area) -> Area:
    return a if isinstance(a, Area) else Area((a,))
