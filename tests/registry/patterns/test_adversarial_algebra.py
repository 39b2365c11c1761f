"""Questions made to be dear: an answer, or `TooComplex`, and no work that the budget does not count.

Work is counted, never timed: in steps of the budget, and in instructions for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

import pytest

from capwright_registry.patterns import (
    Pattern,
    Region,
    TooComplex,
    atoms,
    equivalent,
    matches,
    outside,
    overlap,
    parse,
)
from capwright_registry.patterns.budget import MOST, Budget
from capwright_registry.patterns.finding import find
from tests.support.counting import LINEAR, peak, steps

A_STEP: Final = 1000  # instructions that one step of the budget may stand for
A_STEP_HOLDS: Final = 400  # bytes that one step of the budget may leave behind
BUDGET: Final = 60_000


def _region(domain: str, texts: Iterable[str], except_: Iterable[str] = ()) -> Region:
    return Region(tuple(parse(domain, t) for t in texts), tuple(parse(domain, t) for t in except_))


Asked = tuple[str, list[Region], list[Region]]


def _deep(n: int) -> Asked:
    inner = _region("path", (f"/**/a{i}/*b{i}*c" for i in range(n)))
    return "path", [inner], [_region("path", (f"/**/a{i}/**/*c" for i in range(n)))]


def _nested(n: int) -> Asked:
    inner = _region("path", ["/" + "**/x/" * n + "y"])
    return "path", [inner], [_region("path", ("/" + "**/x/" * i + "**/z" for i in range(n)))]


def _stars(n: int) -> Asked:
    outer = _region("path", ("/" + "*a" * i + "*b*" for i in range(n)))
    return "path", [_region("path", ["/" + "*a" * n])], [outer]


def _meeting(n: int) -> Asked:
    regions = [_region("path", (f"/**/*{w}{i}*/**" for i in range(n))) for w in "abc"]
    return "path", regions, [_region("path", ["/**/*g*/**"])]


def _places_from_the_end(n: int) -> Asked:
    """A deterministic automaton for the union has a state for each subset of n places."""
    outer = _region("path", (f"/*a{'?' * i}b*" for i in range(n)))
    return "path", [_region("path", ["/" + "[ab]*" * 12])], [outer]


def _classes(n: int) -> Asked:
    inner = _region("name", ["*".join(f"[{chr(97 + i % 20)}-z]" for i in range(n))])
    return "name", [inner], [_region("name", ("?" * i + "[a-m]*" for i in range(n)))]


def _ports(n: int) -> Asked:
    inner = _region("host", (f"*:{i + 1}-{60_000 - i}" for i in range(n)))
    return "host", [inner], [_region("host", (f"*.a{i}.b:{i + 1}-{50_000 - i}" for i in range(n)))]


def _networks(n: int) -> Asked:
    inner = _region("host", (f"10.{i}.0.0/16:*" for i in range(n)))
    return "host", [inner], [_region("host", (f"10.{i}.{i % 7}.0/24:1-{i + 1}" for i in range(n)))]


def _methods(n: int) -> Asked:
    names = ",".join("A" * (i + 1) for i in range(n))
    inner = _region("url", [f"{names} https://*.a.b:1-{i + 9}/**/x{i}" for i in range(4)])
    return "url", [inner], [_region("url", [f"* https://*.b:*/**/x{i}/**" for i in range(4)])]


def _exceptions(n: int) -> Asked:
    outer = [_region("path", [f"/**/*a{i}*/**"], [f"/**/*b{i}*/**"]) for i in range(n)]
    return "path", [_region("path", ["/**"], ["/**/c"])], outer


FAMILIES: Final[list[tuple[Callable[[int], Asked], int]]] = [
    (_deep, 100),
    (_nested, 14),
    (_stars, 20),
    (_meeting, 12),
    (_places_from_the_end, 20),
    (_classes, 12),
    (_ports, 100),
    (_networks, 100),
    (_methods, 12),
    (_exceptions, 12),
]


def _spent(asked: Asked, limit: int) -> tuple[int, int]:
    """The steps of the budget and the instructions that a question takes; it may end in `TooComplex`."""
    domain, within, without = asked
    budget = Budget(limit)

    def ask() -> None:
        try:
            find(domain, within, without, budget)
        except TooComplex:
            assert budget._left < 0

    return steps(ask), limit - budget._left


@pytest.mark.parametrize(("family", "size"), FAMILIES)
def test_the_budget_counts_what_is_done(family: Callable[[int], Asked], size: int) -> None:
    for n in (size, 2 * size):
        done, counted = _spent(family(n), BUDGET)
        assert done <= A_STEP * counted + 100_000


@pytest.mark.parametrize(("family", "size"), FAMILIES)
def test_the_budget_bounds_what_is_held(family: Callable[[int], Asked], size: int) -> None:
    domain, within, without = family(2 * size)
    budget = Budget(BUDGET)

    def ask() -> None:
        with suppress(TooComplex):
            find(domain, within, without, budget)

    assert peak(ask) <= A_STEP_HOLDS * (BUDGET - budget._left) + 3_000_000


@pytest.mark.parametrize("family", [_deep, _ports, _networks])
def test_a_list_twice_as_long_takes_twice_the_steps(family: Callable[[int], Asked]) -> None:
    small, large = (_spent(family(n), MOST)[1] for n in (100, 200))
    assert large <= LINEAR * small


@pytest.mark.parametrize(("family", "size"), FAMILIES)
def test_what_is_answered_is_true(family: Callable[[int], Asked], size: int) -> None:
    """No find where there is none, and every find is one: being dear changes no answer."""
    _, within, without = family(size)
    found = outside(without, within[0])
    if found is not None:
        assert any(matches(p, found) for p in within[0].on)
        for region in without:
            assert not any(matches(p, found) for p in region.on) or any(
                matches(p, found) for p in region.except_
            )


def _tangled(number: int) -> str:
    return f"/*{chr(97 + number)}*{chr(98 + number)}*{chr(99 + number)}*"


@pytest.mark.parametrize(
    "question",
    [
        lambda listed: atoms(listed),
        lambda listed: equivalent(Region(tuple(listed)), _region("path", _shifted())),
        lambda listed: [overlap(Region((p,)), Region(tuple(listed))) for p in listed],
    ],
    ids=["atoms", "equivalent", "overlap"],
)
def test_a_budget_that_is_spent_gives_no_answer(
    question: Callable[[list[Pattern]], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [parse("path", _tangled(number)) for number in range(20)]
    monkeypatch.setattr("capwright_registry.patterns.budget.MOST", 50)
    with pytest.raises(TooComplex, match="more states than the budget allows"):
        question(listed)


def _shifted() -> list[str]:
    return [_tangled(number + 1) for number in range(20)]


def test_ten_thousand_patterns_are_compared() -> None:
    """With themselves, and with all of them but one."""
    listed = [parse("path", f"/srv/a{number}/**") for number in range(10_000)]
    whole = Region(tuple(listed))
    assert outside([whole], whole) is None
    assert outside([Region(tuple(listed[:77] + listed[78:]))], whole) == "/srv/a77"


def test_the_classes_of_dear_patterns_have_no_answer() -> None:
    listed = [parse("path", f"/**/*a{number}*b/**/*c") for number in range(200)]
    with pytest.raises(TooComplex):
        atoms(listed)
