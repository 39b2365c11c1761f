"""Frozen values cannot be edited, and thaw to what they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_runtimes.frozen import freeze, thaw

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_thawing_undoes_freezing(value: object) -> None:
    assert thaw(freeze(value)) == value


def test_what_is_frozen_is_frozen_all_the_way_down() -> None:
    original = {"a": [{"b": 1}]}
    frozen = freeze(original)
    original["a"][0]["b"] = 2
    assert thaw(frozen) == {"a": [{"b": 1}]}
    with pytest.raises(TypeError):
        frozen["a"][0]["b"] = 3  # type: ignore[index]
    with pytest.raises(AttributeError):
        frozen["a"].append(1)  # type: ignore[index]


def test_a_thawed_value_is_nobody_elses() -> None:
    frozen = freeze({"a": []})
    thawed = thaw(frozen)
    assert isinstance(thawed, dict)
    thawed["a"].append(1)
    assert thaw(frozen) == {"a": []}
