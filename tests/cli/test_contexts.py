"""Contexts are read by their declared types, and written so that they can be read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_cli.contexts import read_context, written
from capwright_registry.conditions import (
    BUILTIN_CONTEXT,
    INT_HIGH,
    INT_LOW,
    TIME_HIGH,
    TIME_LOW,
    Variable,
)
from capwright_registry.errors import InputError

VARIABLES = {
    **BUILTIN_CONTEXT,
    "region": Variable("region", "enum", ("eu", "us")),
    "level": Variable("level", "int"),
}


def test_each_type() -> None:
    items = ["mode=a=b", "approved=true", "depth=3", "now=1970-01-01T00:00:01Z", "region=eu", "level=-7"]
    assert read_context(items, VARIABLES) == {
        "mode": "a=b",
        "approved": True,
        "depth": 3,
        "now": 1_000_000,
        "region": "eu",
        "level": -7,
    }


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("mode", "`mode` is no `NAME=VALUE`"),
        ("=x", "no context variable is named ``"),
        ("mod=x", "no context variable is named `mod`"),
        ("approved=yes", "the value does not fit `approved`, which is of type `bool`"),
        ("approved=1", "the value does not fit `approved`"),
        ("depth=-1", "the value does not fit `depth`"),
        ("depth=1.0", "the value does not fit `depth`"),
        ("depth=\u0663", "the value does not fit `depth`"),
        (f"level={INT_HIGH + 1}", "the value does not fit `level`"),
        (f"level={'9' * 10_000}", "the value does not fit `level`"),
        ("now=yesterday", "the value does not fit `now`"),
        ("region=uk", "the value does not fit `region`"),
    ],
)
def test_what_does_not_fit_is_refused(item: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_context([item], VARIABLES)
    assert caught.value.problems[0].message.startswith(message)
    assert caught.value.problems[0].help


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        read_context(["mode=a", "mode=b", "x=1", "depth=y"], VARIABLES)
    assert [problem.message.split("`")[1] for problem in caught.value.problems] == ["mode", "x", "depth"]


@given(
    st.fixed_dictionaries(
        {
            "mode": st.text(),
            "approved": st.booleans(),
            "depth": st.integers(0, INT_HIGH),
            "level": st.integers(INT_LOW, INT_HIGH),
            "now": st.integers(TIME_LOW, TIME_HIGH),
            "region": st.sampled_from(["eu", "us"]),
        }
    )
)
def test_what_is_written_is_read_again(context: dict[str, object]) -> None:
    items = [f"{name}={written(value, VARIABLES[name])}" for name, value in context.items()]
    assert read_context(items, VARIABLES) == context
