"""Reachability as a formula: exactly the nodes that a search finds, along real paths."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from random import Random

import pytest
import z3

from capwright_policy.booleans import lift
from capwright_policy.reach import Reach
from capwright_policy.solver import Sat, Solver
from capwright_registry.errors import InternalError

Edges = list[tuple[int, int]]


def reached(starts: Iterable[int], edges: Edges, node: int) -> tuple[int, ...] | None:
    """A path to the node, by the solver."""
    reach = Reach("t", [(s, True) for s in starts], [(a, b, True) for a, b in edges])
    answer = Solver(10).check(reach.axioms(), lift(reach.reached(node)))
    return reach.path(answer.model, node) if isinstance(answer, Sat) else None


def searched(starts: Iterable[int], edges: Edges) -> set[int]:
    found = set(starts)
    while more := {b for a, b in edges if a in found} - found:
        found |= more
    return found


@pytest.mark.parametrize("seed", range(40))
def test_agrees_with_a_search(seed: int) -> None:
    """On random graphs with circles; every path starts at a start, ends at the node and follows edges."""
    random = Random(seed)  # noqa: S311 - a repeatable choice is wanted, not a secret one
    edges = [(random.randrange(7), random.randrange(7)) for _ in range(random.randint(3, 12))]
    starts = random.sample(range(7), 2)
    found = searched(starts, edges)
    for node in range(7):
        path = reached(starts, edges, node)
        assert (path is not None) is (node in found)
        if path is not None:
            assert path[0] in starts
            assert path[-1] == node
            assert all(step in edges for step in pairwise(path))


def test_two_nodes_do_not_hold_each_other_up() -> None:
    assert reached([0], [(1, 2), (2, 1)], 1) is None


def test_guards_hold_together_along_a_path() -> None:
    p = z3.Bool("p")
    reach = Reach("t", [("a", True)], [("a", "b", p), ("b", "c", z3.Not(p)), ("a", "c", False)])
    assert isinstance(Solver(10).check(reach.axioms(), lift(reach.reached("b"))), Sat)
    assert not isinstance(Solver(10).check(reach.axioms(), lift(reach.reached("c"))), Sat)


def test_a_guarded_start() -> None:
    p = z3.Bool("p")
    reach = Reach("t", [("a", p)], [("a", "b", True)])
    assert not isinstance(Solver(10).check(reach.axioms(), lift(reach.reached("b")), z3.Not(p)), Sat)


def test_a_node_that_no_edge_touches_is_not_reached() -> None:
    assert Reach("t", [("a", True)], []).reached("z") is False


def test_a_model_without_a_path_is_refused() -> None:
    """A model of other formulas than these: it says so, and does not go round for ever."""
    reach = Reach("t", [("a", False)], [("b", "c", True), ("c", "b", True)])
    solver = z3.Solver()
    solver.add(lift(reach.reached("b")), lift(reach.reached("c")))
    assert solver.check() == z3.sat
    with pytest.raises(InternalError):
        reach.path(solver.model(), "b")
