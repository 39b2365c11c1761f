"""The bounds that hold before the TOML parser sees a text."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.documents.lexical import (
    MAX_ASSIGNMENTS,
    MAX_COMMAS,
    MAX_DEPTH,
    MAX_KEY_PARTS,
    MAX_WORD,
    BoundsError,
    check_bounds,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = " + "[" * (MAX_DEPTH + 1), f"arrays and tables are nested more than {MAX_DEPTH} deep"),
        ("a = " + "{a=" * (MAX_DEPTH + 1), f"arrays and tables are nested more than {MAX_DEPTH} deep"),
        ("a" + ".a" * MAX_KEY_PARTS + " = 1", f"a key has more than {MAX_KEY_PARTS} parts"),
        ("'a'" + ' . "b"' * MAX_KEY_PARTS + " = 1", f"a key has more than {MAX_KEY_PARTS} parts"),
        ("a = " + "9" * (MAX_WORD + 1), f"a word has more than {MAX_WORD} characters"),
        ("a=1\n" * (MAX_ASSIGNMENTS + 1), f"there are more than {MAX_ASSIGNMENTS} keys"),
        ("a=[" + "1," * (MAX_COMMAS + 1) + "]", f"there are more than {MAX_COMMAS} entries"),
    ],
)
def test_what_would_cost_the_parser_too_much_is_refused(text: str, message: str) -> None:
    with pytest.raises(BoundsError) as caught:
        check_bounds(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text",
    [
        'a = "' + "[" * 99 + '"',
        "a = '" + "{" * 99 + "'",
        'a = """' + "[\n" * 99 + '"""',
        "a = '''" + "[\n" * 99 + "'''",
        "# " + "[" * 99,
        'a = "' + "x" * 9_999 + '"',
        'a = """x\\""" ' + "[" * 99 + '"""',
        'a = """""' + '[" ' * 99 + '"""""',
        "a = [" + "1.0, " * 999 + "]",
        "a = " + "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "a" + ".a" * (MAX_KEY_PARTS - 1) + " = 1",
    ],
)
def test_what_only_looks_like_it_is_taken(text: str) -> None:
    check_bounds(text)
    tomllib.loads(text)  # the texts are TOML: the pass must not refuse what strings and comments hold


_PIECES = st.sampled_from(
    ["[", "]", "{", "}", '"', "'", '"""', "'''", "\\", "\n", "#", "a", "=", ".", ",", " "]
)


class TestTheParserNeverSeesMoreDepth:
    """A text that passes the bounds never makes `tomllib` recurse deeper than them."""

    @settings(deadline=None)
    @given(st.lists(_PIECES, max_size=60).map("".join))
    def test_any_text(self, text: str) -> None:
        try:
            check_bounds(text)
            table = tomllib.loads(text)
        except ValueError:
            return
        assert depth(table) <= MAX_DEPTH + MAX_KEY_PARTS

    @settings(deadline=None)
    @given(st.integers(MAX_DEPTH + 1, 60), st.lists(_PIECES, max_size=12).map("".join))
    def test_depth_after_any_valid_start(self, levels: int, start: str) -> None:
        text = f"{start}\nz = {'[' * levels}{']' * levels}"
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return
        if depth(tomllib.loads(text)) > MAX_DEPTH + 1:  # else a string swallowed the brackets
            with pytest.raises(BoundsError):
                check_bounds(text)


def depth(value: object) -> int:
    """How many tables and arrays are nested in `value`."""
    below = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if below is None else 1 + max((depth(item) for item in below), default=0)
