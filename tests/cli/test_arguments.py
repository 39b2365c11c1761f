"""Arguments of a call: roots are put in where a text begins, and nowhere else."""

from __future__ import annotations

import pytest

from capwright_cli.arguments import MOST_BYTES, read_arguments, uses_roots, with_roots
from capwright_registry.errors import InputError

ROOTS = {"workspace": "/desk", "docs": "/desk/docs"}


@pytest.mark.parametrize(
    ("value", "expanded"),
    [
        ("${workspace}", "/desk"),
        ("${workspace}/a", "/desk/a"),
        ("${docs}/${workspace}", "/desk/docs/${workspace}"),
        (
            {"a": ["${docs}", 1, None, {"b": "${docs}/x"}]},
            {"a": ["/desk/docs", 1, None, {"b": "/desk/docs/x"}]},
        ),
    ],
)
def test_roots_at_the_start(value: object, expanded: object) -> None:
    assert uses_roots(value)
    assert with_roots(value, ROOTS) == expanded


@pytest.mark.parametrize(
    "value", ["a ${workspace}", "${workspace}x", "$workspace", "${}", {"${docs}": "x"}, 3]
)
def test_other_texts_stay(value: object) -> None:
    assert not uses_roots(value)
    assert with_roots(value, ROOTS) == value


def test_an_unknown_root_stays_as_it_is() -> None:
    assert with_roots("${HOME}/x", ROOTS) == "${HOME}/x"


def test_the_size_is_bounded() -> None:
    with pytest.raises(InputError, match="at most"):
        read_arguments('{"a": "' + "x" * MOST_BYTES + '"}')
