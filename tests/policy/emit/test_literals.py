"""Literals say exactly their value, in ASCII."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_policy.emit.literals import literal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=40,
)


@given(JSON)
def test_a_literal_is_read_back_as_its_value(value: object) -> None:
    text = literal(value)
    assert text.isascii()
    assert ast.literal_eval(text) == value


@given(st.lists(st.text("ab", min_size=20, max_size=40), min_size=5, max_size=20))
def test_long_values_are_broken_into_lines(value: list[str]) -> None:
    assert max(map(len, literal({"key": value}).splitlines())) <= 100


def test_tuples_are_lists_as_in_json() -> None:
    assert ast.literal_eval(literal(("const", ("a",)))) == ["const", ["a"]]


@pytest.mark.parametrize("value", [1.5, b"x", {1: 2}, {None: 1}, {"a"}, object(), {"a": [1.5]}])
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        literal(value)
