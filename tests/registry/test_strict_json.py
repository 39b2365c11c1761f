"""Two readers of one JSON text must agree, or the text is refused."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_registry.strict_json import MAX_DEPTH, SAFE_INTEGER, JsonError, canonical_json, parse

LIMIT = 10_000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"a": 1, "a": 2}', "the key"),
        (b'{"x": {"a": 1, "b": 0, "a": 1}}', "the key"),
        (b'{"a": 1, "\\u0061": 2}', "the key"),
        (b"[NaN]", "`NaN`"),
        (b"[-Infinity]", "`-Infinity`"),
        (b"[1e999]", "double"),
        (b"[" + b"9" * 500 + b"]", "digits"),
        (b"\xff", "UTF-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"{} {}", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "longer|limit|at most"),
        (b"[" * 9000, "nested|not JSON"),
        (b"[" * 5000 + b"]" * 5000, "nested"),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), "nested"),
    ],
)
def test_a_text_with_more_than_one_meaning_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(JsonError, match=f"(?i){reason}"):
        parse(text, LIMIT)


def test_the_deepest_text_that_is_read() -> None:
    text = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert json.dumps(parse(text, LIMIT)).encode() == text


def test_a_fault_carries_its_place() -> None:
    with pytest.raises(JsonError) as caught:
        parse(b'{\n  "a": }', LIMIT)
    assert (caught.value.line, caught.value.column) == (2, 8)


@pytest.mark.parametrize(
    "value",
    [
        SAFE_INTEGER + 1,
        -SAFE_INTEGER - 1,
        math.nan,
        math.inf,
        "\ud800",
        {"\udfff": 1},
        {1: 2},
        [object()],
        b"x",
    ],
)
def test_a_value_without_a_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(JsonError):
        canonical_json([value])


def test_depth_is_refused_before_the_canonical_writer_recurses() -> None:
    value: object = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(JsonError, match="nested"):
        canonical_json(value)


def test_the_canonical_form_is_jcs_and_not_sorted_keys() -> None:
    # RFC 8785 section 3.2.3 sorts by UTF-16 code units: U+1F600 (a surrogate pair) before U+FB33.
    value = {"\ufb33": 1, "\U0001f600": 2, "n": 1.0, "e": 1e21}
    assert canonical_json(value) == '{"e":1e+21,"n":1,"\U0001f600":2,"\ufb33":1}'.encode()
    assert canonical_json([SAFE_INTEGER, True, 1]) == b"[9007199254740991,true,1]"


def test_nothing_is_normalised() -> None:
    assert canonical_json("\u00e9") != canonical_json("e\u0301")


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE_INTEGER, SAFE_INTEGER)
    # A double beyond 2^53 is written in digits up to 1e21, and those digits read as an integer.
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not SAFE_INTEGER < abs(x) < 1e21)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class TestOneMeaning:
    """RFC 8785: the canonical form is a JSON text of the same value; canonicalising it changes nothing."""

    @given(_JSON)
    def test_the_canonical_form_reads_back_to_itself(self, value: object) -> None:
        once = canonical_json(value)
        assert canonical_json(parse(once, 10_000_000)) == once
