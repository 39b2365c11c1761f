"""Conditions over a part of a context: what a plain evaluation and the solver say is the same."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_policy import holding as module
from capwright_policy.holding import (
    FALSE,
    TRUE,
    Holding,
    Tree,
    every,
    holding,
    names,
    negated,
    some,
)
from capwright_registry.conditions import BUILTIN_CONTEXT, Variable, parse_condition
from capwright_registry.evaluate import evaluate

VARIABLES = {**BUILTIN_CONTEXT, "region": Variable("region", "enum", ("eu", "us"))}
TEXTS = (
    "true",
    "false",
    "approved",
    "mode == 'ci'",
    "mode in ['ci', 'desk'] && approved",
    "depth < 2 || region == 'eu'",
    "depth >= 0",
    "depth < 0",
    "region == 'eu' || region == 'us'",
    "mode != 'ci' ? approved : depth == 1",
    "now < timestamp('2026-01-01T00:00:00Z')",
)
VALUES: Mapping[str, tuple[object, ...]] = {
    "mode": ("ci", "desk", "elsewhere"),
    "approved": (True, False),
    "depth": (0, 1, 5),
    "region": ("eu", "us"),
    "now": (0, 1_900_000_000_000_000),
}


def tree(text: str) -> Tree:
    return parse_condition(text, VARIABLES).ast


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("known", [(), ("mode",), ("approved",), ("depth", "region"), tuple(VALUES)])
def test_it_says_what_all_completions_say(text: str, known: tuple[str, ...]) -> None:
    for values in product(*(VALUES[name] for name in known)):
        given_ = dict(zip(known, values, strict=True))
        outcomes = {
            evaluate(tree(text), dict(zip(VALUES, whole, strict=True)))
            for whole in product(*((given_[n],) if n in given_ else VALUES[n] for n in VALUES))
        }
        found = holding(tree(text), given_, VARIABLES)
        assert (found.possible, found.always) == (True in outcomes, outcomes == {True})


@pytest.mark.parametrize("text", TEXTS)
def test_the_witness_makes_it_hold_and_says_no_more_than_it_reads(text: str) -> None:
    found = holding(tree(text), {}, VARIABLES)
    if found.witness is not None:
        assert found.witness.keys() == names(tree(text))
        assert evaluate(tree(text), found.witness)


def test_what_is_known_whole_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(module, "_solved")
    given_ = {"mode": "ci", "approved": True}
    assert holding(tree("mode == 'ci' && approved"), given_, VARIABLES) == Holding(given_, True)
    assert holding(tree("mode != 'ci' || !approved"), given_, VARIABLES) == Holding(None, False)
    assert holding(TRUE, {}, VARIABLES) == Holding({}, True)


def test_a_string_that_no_condition_names_can_be_given() -> None:
    assert holding(tree("mode != 'ci' && approved"), {"mode": "nowhere named"}, VARIABLES) == Holding(
        {"mode": "nowhere named", "approved": True}, False
    )


@given(st.lists(st.sampled_from([TRUE, FALSE, tree("approved"), tree("mode == 'ci'")]), max_size=4))
def test_connectives_mean_what_they_say(trees: list[Tree]) -> None:
    for approved, mode in product((True, False), ("ci", "desk")):
        context = {"approved": approved, "mode": mode}
        values = [evaluate(one, context) for one in trees]
        assert evaluate(every(trees), context) is all(values)
        assert evaluate(some(trees), context) is any(values)
        assert [evaluate(negated(one), context) for one in trees] == [not value for value in values]
