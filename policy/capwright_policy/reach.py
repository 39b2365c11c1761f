"""Reachability as a formula: a least fixpoint, made exact by ranks.

A node is reached iff it is a start or has a reached predecessor of lower rank over an edge whose guard holds;
ranks rule out circular support, so a model is a real path, of whatever length.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeAlias, TypeVar

import z3

from capwright_policy.booleans import Term, conj, disj, lift
from capwright_registry.errors import InternalError

N = TypeVar("N", bound=Hashable)
Shape: TypeAlias = tuple[object, ...]


def shape_of(starts: Iterable[N], edges: Iterable[tuple[N, N]], target: N) -> Shape:
    """The question whether `target` is reached, over edges without guards, but for what its nodes are called.

    Equal shapes are isomorphic questions: each node is the number at which it is first named.
    """
    numbers: dict[N, int] = {}

    def number(node: N) -> int:
        return numbers.setdefault(node, len(numbers))

    return (*map(number, starts), -1, *(number(n) for edge in edges for n in edge), -1, number(target))


class Reach(Generic[N]):
    """Which nodes are reached from `starts` over `edges` (source, target, guard)."""

    def __init__(
        self, name: str, starts: Iterable[tuple[N, Term]], edges: Iterable[tuple[N, N, Term]]
    ) -> None:
        self._edges = [e for e in edges if e[2] is not False]
        self._starts = dict(starts)
        nodes = {*self._starts, *(n for a, b, _ in self._edges for n in (a, b))}
        order = sorted(nodes, key=str)
        self._reached = {n: z3.Bool(f"{name}:r{i}") for i, n in enumerate(order)}
        self._rank = {n: z3.Int(f"{name}:k{i}") for i, n in enumerate(order)}

    def reached(self, node: N) -> Term:
        """Whether `node` is reached; false for a node that no edge touches."""
        return self._reached.get(node, False)

    def axioms(self) -> z3.BoolRef:
        """Reached implies supported. (The other direction is not needed: the questions ask for a path.)"""
        incoming: dict[N, list[Term]] = {n: [] for n in self._reached}
        for source, target, guard in self._edges:
            lower = self._rank[source] < self._rank[target]
            incoming[target].append(conj((self._reached[source], guard, lower)))
        terms = (
            z3.Implies(self._reached[n], lift(disj((self._starts.get(n, False), *support))))
            for n, support in incoming.items()
        )
        return lift(conj(terms))

    def path(self, model: z3.ModelRef, target: N) -> tuple[N, ...]:
        """A path of the model from a start to `target`.

        Raises `InternalError` for a model that holds none: ranks that fall along the way rule it out.
        """
        way = [target]
        while not self._true(model, self._starts.get(way[0], False)):
            way.insert(0, self._support(model, way[0]))
            if len(way) > len(self._reached):
                raise InternalError(f"`{target}` is said to be reached in a circle")
        return tuple(way)

    def _support(self, model: z3.ModelRef, node: N) -> N:
        for source, target, guard in self._edges:
            lower = conj((self._reached[source], guard, self._rank[source] < self._rank[target]))
            if target == node and self._true(model, lower):
                return source
        raise InternalError(f"nothing is said to lead to `{node}`")

    @staticmethod
    def _true(model: z3.ModelRef, term: Term) -> bool:
        return bool(z3.is_true(model.eval(lift(term), model_completion=True)))
