"""The exact algebra of resource sets: inclusion, overlap, emptiness, and the atoms that patterns induce.

Every answer is exact. A question beyond the budget raises `TooComplex`, to be read as `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from capwright_registry.canonical import Segments
from capwright_registry.patterns.automaton import automaton
from capwright_registry.patterns.budget import STEPS, Budget
from capwright_registry.patterns.elements import Pattern
from capwright_registry.patterns.explore import Explorer, Goal, bits
from capwright_registry.patterns.space import SPACES, text_of
from capwright_registry.patterns.tables import build_trie


@dataclass(frozen=True, slots=True)
class Region:
    """What some pattern of `on` matches and none of `except_` does; empty where `on` is."""

    on: tuple[Pattern, ...]
    except_: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """What every region of `within` has and no region of `without` does; empty where `within` is.

    Closed under `meet` and `minus` with a region, which regions themselves are not.
    """

    within: tuple[Region, ...]
    without: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Atom:
    """The resources in exactly the patterns, or lists, numbered `members`; the shortest readable one."""

    members: frozenset[int]
    witness: str


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
    return _find(area.within, area.without)


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


def atoms(patterns: Sequence[Pattern]) -> tuple[Atom, ...]:
    """The partition of the whole domain that the patterns induce, the atom that none matches included.

    Atoms come with the shorter witness first. No pattern, no atom.
    """
    return classes([(pattern,) for pattern in patterns])


def classes(lists: Sequence[Sequence[Pattern]]) -> tuple[Atom, ...]:
    """The partition that lists of patterns induce: a resource is in a list if one of its patterns matches.

    `members` number the lists. Patterns of one list are not told apart, so that a list of forty exceptions
    makes two classes and not the many thousand that its patterns would. Raises `TooComplex`.
    """
    labels: dict[Pattern, int] = {}
    for number, patterns in enumerate(lists):
        for pattern in patterns:
            labels[pattern] = labels.get(pattern, 0) | 1 << number
    if not labels:
        return ()
    domain = _domain(labels)
    found: dict[int, Segments] = {}
    for label, segments in _labels(domain, labels, None):
        found.setdefault(label, segments)
    return tuple(Atom(frozenset(bits(label)), text_of(domain, segments)) for label, segments in found.items())


@dataclass(frozen=True, slots=True)
class _Meet:
    """In every region of `required`, in none of `forbidden`; a region is its labels `(on, except)`."""

    required: tuple[tuple[int, int], ...]
    forbidden: tuple[tuple[int, int], ...]

    def relevant(self, certain: int, possible: int) -> int:
        mask = 0
        for on, except_ in self.required:
            if not possible & on or certain & except_:
                return 0
            mask |= on | except_
        for on, except_ in self.forbidden:
            if not possible & on:
                continue  # nothing will be in this region
            if certain & except_:
                mask |= certain & except_  # nor here; but the label must go on saying so beside a live `on`
                continue
            if certain & on and not possible & except_:
                return 0
            mask |= on | except_
        return mask

    def needs(self, beyond: int) -> bool:
        return all(beyond & on for on, _ in self.required)

    def holds(self, label: int) -> bool:
        return all(label & on and not label & except_ for on, except_ in self.required) and not any(
            label & on and not label & except_ for on, except_ in self.forbidden
        )


class _Roles:
    """Labels for the patterns of a question: what bears on a region is told apart, and no more."""

    def __init__(self) -> None:
        self.labels: dict[Pattern, int] = {}
        self._next = 1

    def of(self, patterns: Iterable[Pattern]) -> int:
        """A new label, which all of the patterns have from now on."""
        bit, self._next = self._next, self._next << 1
        for pattern in patterns:
            self.labels[pattern] = self.labels.get(pattern, 0) | bit
        return bit


def _find(required: Sequence[Region], forbidden: Sequence[Region]) -> str | None:
    """The shortest readable resource in all `required` and no `forbidden` regions."""
    if not required or not all(region.on for region in required):
        return None
    roles = _Roles()
    # Regions without exceptions are told apart by nothing: one label for all of them.
    plain = roles.of(pattern for region in forbidden if not region.except_ for pattern in region.on)
    goal = _Meet(
        tuple((roles.of(region.on), roles.of(region.except_)) for region in required),
        ((plain, 0), *((roles.of(r.on), roles.of(r.except_)) for r in forbidden if r.except_)),
    )
    domain = _domain(roles.labels)
    for label, segments in _labels(domain, roles.labels, goal):
        if goal.holds(label):
            return text_of(domain, segments)
    return None


def _labels(domain: str, labels: Mapping[Pattern, int], goal: Goal | None) -> Iterator[tuple[int, Segments]]:
    """Every label that resources have under these patterns, each label with its shortest resource first."""
    machine = automaton(build_trie(list(labels)), list(labels.values()).__getitem__)
    return Explorer(machine, SPACES[domain], goal, Budget(STEPS)).labels()


def _domain(patterns: Iterable[Pattern]) -> str:
    """The domain that all the patterns share; raises `ValueError` where they do not."""
    domains = {pattern.domain for pattern in patterns}
    if len(domains) != 1:
        raise ValueError("patterns of different domains cannot be compared")
    return domains.pop()
