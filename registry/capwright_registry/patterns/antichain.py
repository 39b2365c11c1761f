"""Values by sets, filed so that only those are compared whose set may be part of another."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
_NO_MEMBER = -1


class Antichain(Generic[T]):
    """Values by a place and a set of whole numbers from 0 on, each filed under its set's rarest member."""

    __slots__ = ("_filed",)

    def __init__(self) -> None:
        self._filed: dict[tuple[Hashable, int], list[T]] = {}

    def add(self, place: Hashable, members: frozenset[int], value: T) -> None:
        """File a value."""
        filed = self._filed
        rarest = min(members, key=lambda m: (len(filed.get((place, m), ())), m), default=_NO_MEMBER)
        filed.setdefault((place, rarest), []).append(value)

    def within(self, place: Hashable, members: frozenset[int]) -> Iterator[T]:
        """All values at the place whose set may be part of this one: no other one's is."""
        for member in (_NO_MEMBER, *members):
            yield from self._filed.get((place, member), ())
