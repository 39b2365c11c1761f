"""Whether the contexts of an entry are told apart by its guards, and stand for all that the family has.

That each satisfiable combination of guards has a context only a solver can say. But whoever leaves out one
that another part of the family has is found out. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from capwright_runtimes.checker import Json, ProofRefused, World, guard
from capwright_runtimes.proof_shape import comparable

_NOTHING = (None, None)


def check_contexts(
    world: World, numbers: Sequence[int], inner: Iterable[int], outer: Iterable[int], levels: int
) -> None:
    """Raises `ProofRefused` (step 10) unless each context of the family is one of these to the layers' rules.

    And unless they are told apart by them. The outer layers are read so many `levels` of `depth` above, where
    only those contexts count that have as many.
    """
    _require(numbers and all(a < b for a, b in pairwise(numbers)), "contexts are not each once, in order")
    sides = _guarded(world, inner), _guarded(world, outer)
    told = [_told(context, *sides, levels) for context in world.contexts]
    own = {told[number] for number in numbers}
    _require(len(own) == len(numbers), "two contexts are one")
    depths = (int(context["depth"]) for context in world.contexts)
    deep = {guards for guards, depth in zip(told, depths, strict=True) if depth >= levels}
    _require(deep <= own, "a context is left out that the family has")


def _guarded(world: World, numbers: Iterable[int]) -> list[Json]:
    """The rules of these layers that do not hold always, each guard once."""
    rules = (rule for n in numbers for rules in world.layers[n]["rules"].values() for rule in rules)
    guards = ((rule["when"], rule["until"], rule) for rule in rules)
    found = {comparable([when, until]): rule for when, until, rule in guards if (when, until) != _NOTHING}
    return list(found.values())


def _told(own: Json, inner: Iterable[Json], outer: Iterable[Json], levels: int) -> tuple[bool, ...]:
    above = {**own, "depth": str(int(own["depth"]) - levels)}
    return (*(guard(own, rule) for rule in inner), *(guard(above, rule) for rule in outer))


def _require(holds: object, reason: str) -> None:
    if not holds:
        raise ProofRefused(10, reason)
