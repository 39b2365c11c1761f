"""`budget-growth`: what its vectors cannot say, and small cases beside a count of all that can happen."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_policy import reference_spawns
from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting
from tests.support.checking import check, marked, mended, profile, setting

ID = "budget-growth"
NONE: Mapping[str, int | str] = {}
Budget = Mapping[str, int | str]


def child(
    name: str, depth: int = 1, children: int = 1, *, calls: int | None = None, budget: Budget = NONE
) -> str:
    budget = budget if calls is None else {"calls": calls}
    said = ", ".join(f'{k} = "{v}"' if isinstance(v, str) else f"{k} = {v}" for k, v in budget.items())
    told = f"\nbudget = {{ {said} }}" if budget else ""
    return f'[[child]]\nprofile = "{name}"\nmax_depth = {depth}\nmax_children = {children}{told}'


def desk(
    tmp_path: Path, *below: str, depth: int = 2, calls: int | None = None, budget: Budget = NONE
) -> Setting:
    """`lead` starts `helper`, which starts what `below` says: `clerk` and `reader` are there."""
    parts = {
        "lead": [child("helper", depth, calls=calls, budget=budget)],
        "helper": below,
        "clerk": (),
        "reader": (),
    }
    return setting(tmp_path, {f"profiles/{n}.toml": profile(n, parts=p) for n, p in parts.items()})


def test_nothing_to_hold_without_a_budget_above(tmp_path: Path) -> None:
    """A budget that nobody gave bounds nobody; what a person starts has none."""
    assert check(ID, desk(tmp_path, child("clerk", children=9))).verdict is Verdict.VACUOUS


@pytest.mark.parametrize(("depth", "holds"), [(1, True), (2, False), (16, False)])
def test_only_who_may_start_children_is_held(tmp_path: Path, depth: int, holds: bool) -> None:
    """`max_depth` counts levels: the agents of the last one start none."""
    result = check(ID, desk(tmp_path, child("clerk", calls=2), depth=depth, calls=1))
    assert result.verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


@pytest.mark.parametrize(("each", "holds"), [(25, True), (26, False)])
def test_siblings_are_counted_together(tmp_path: Path, each: int, holds: bool) -> None:
    one = desk(tmp_path, child("clerk", children=3, calls=25), child("reader", calls=each), calls=100)
    assert check(ID, one).verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


@pytest.mark.parametrize(
    ("above", "below", "holds"),
    [
        ({"output": "1MiB"}, {"output": "1024KiB"}, True),
        ({"output": "1MiB"}, {"output": "1048577B"}, False),
        ({"wall": "1h"}, {"wall": "60m"}, True),
        ({"wall": "1h"}, {"wall": "3600001ms"}, False),
        ({"calls": 5}, {"calls": 5, "wall": "24h"}, True),  # more is said than above: that narrows
        ({"calls": 5, "wall": "1s"}, {"calls": 5}, False),
    ],
)
def test_each_kind_of_budget_is_held_to_its_own(
    tmp_path: Path, above: Budget, below: Budget, holds: bool
) -> None:
    result = check(ID, desk(tmp_path, child("clerk", budget=below), budget=above))
    assert result.verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


def test_every_way_to_a_profile_counts(tmp_path: Path) -> None:
    """The last level under one entry, and not under another: one way is enough."""
    names = {
        "lead": [child("helper", depth=1, calls=1), child("helper", depth=2, calls=1)],
        "helper": [child("clerk", calls=2)],
        "clerk": [],
    }
    one = setting(tmp_path, {f"profiles/{n}.toml": profile(n, parts=p) for n, p in names.items()})
    assert [f.subject for f in check(ID, one).findings] == ["lead/helper"]


def test_a_chain_of_a_hundred_that_grows_at_its_end(tmp_path: Path) -> None:
    """No bound on hops: each link is held to the one above it."""
    files = {
        f"profiles/a{n}.toml": profile(f"a{n}", parts=[child(f"a{n + 1}", 16, calls=100 if n < 99 else 101)])
        for n in range(100)
    }
    one = setting(tmp_path, {**files, "profiles/a100.toml": profile("a100")})
    assert [f.subject for f in check(ID, one).findings] == ["a98/a99"]


def test_the_finding_points_at_the_child_that_spends_most(tmp_path: Path) -> None:
    one = desk(tmp_path, child("clerk", calls=40), child("reader", children=2, calls=35), calls=100)
    (finding,) = check(ID, one).findings
    assert marked(finding.span, one) == "35"
    assert finding.message == (
        "the children of `helper` may spend 110 calls together (1 `clerk` of 40 calls and 2 `reader` of "
        "35 calls), and it has 100 calls"
    )
    assert "calls = 30" in mended(finding, one, "profiles/helper.toml")


def test_a_missing_budget_is_written_with_what_is_left(tmp_path: Path) -> None:
    one = desk(tmp_path, child("clerk", children=3), child("reader", calls=10), calls=100)
    (finding,) = check(ID, one).findings
    assert "budget = { calls = 30 }" in mended(finding, one, "profiles/helper.toml")


def test_where_nothing_is_left_no_edit_is_offered(tmp_path: Path) -> None:
    one = desk(tmp_path, child("clerk", children=3), child("reader", calls=98), calls=100)
    (finding,) = check(ID, one).findings
    assert not finding.edits
    assert finding.help


COUNTS = st.integers(1, 3)
AMOUNTS = st.one_of(st.none(), st.integers(1, 6))


@settings(max_examples=60, deadline=None)
@given(COUNTS, COUNTS, AMOUNTS, COUNTS, AMOUNTS, st.integers(1, 12))
def test_as_counted_out(
    tmp_path_factory: pytest.TempPathFactory,
    depth: int,
    clerks: int,
    clerk: int | None,
    readers: int,
    reader: int | None,
    above: int,
) -> None:
    """Beside every choice of numbers of children and of amounts, counted out; and the reference agrees."""
    below = [
        child(name, children=most, calls=budget)
        for name, most, budget in (("clerk", clerks, clerk), ("reader", readers, reader))
    ]
    one = desk(tmp_path_factory.mktemp("case"), *below, depth=depth, calls=above)
    without_end = above + 1  # what nothing bounds can be more than there is
    sums = (
        sum(taken)
        for a, b in product(range(clerks + 1), range(readers + 1))
        for taken in product(
            range((without_end if clerk is None else clerk) * a + 1),
            range((without_end if reader is None else reader) * b + 1),
        )
    )
    broken = depth > 1 and any(total > above for total in sums)
    assert (check(ID, one).verdict is Verdict.REFUTED) is broken
    pairs = ("clerk", "reader")
    assert any(reference_spawns.overspends(one, "lead", "helper", p, "calls") for p in pairs) is broken
