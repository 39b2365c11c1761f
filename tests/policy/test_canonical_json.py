"""The fast writer writes what RFC 8785 says, or leaves it to the slow one."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import rfc8785

from capwright_policy.canonical_json import canonical_json

_LEAVES: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 123456789012345, 9007199254740991, 0.5, 1.0, -0.0, 1e21, 1e-7, 100.0,
    "", "a", "1.0.0", "x:1.5", "[1.5", 'q"\\/', "\n\t\b\f\r\x00\x1f\x7f", "ä", "\U0001f600", "\ufb33", "</s>",
)  # fmt: skip


def _value(random: Random, depth: int) -> Any:
    kind = random.randint(0, 3) if depth else 0
    if kind == 1:
        return [_value(random, depth - 1) for _ in range(random.randint(0, 4))]
    if kind == 2:
        keys = random.sample(
            ("a", "b", "B", "ä", "\ufb33", "\U0001f600", "1", "a.b", "\x7f"), random.randint(0, 4)
        )
        return {key: _value(random, depth - 1) for key in keys}
    if kind == 3:
        return tuple(_value(random, depth - 1) for _ in range(random.randint(0, 3)))
    return random.choice(_LEAVES)


def test_both_writers_agree() -> None:
    random = Random(1)  # noqa: S311 - repeatable cases, no secret
    for _ in range(3000):
        value = _value(random, 4)
        assert canonical_json(value) == rfc8785.dumps(value), value


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), {"a": [2**60]}, "\ud800"])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical_json(value)
