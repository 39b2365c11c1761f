"""A line as it is shown: marks stand under what they mark, whatever is in the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from capwright_cli.render.excerpt import MOST_CHARACTERS, Excerpt, cropped, excerpt


@pytest.mark.parametrize(
    ("line", "start", "end", "shown"),
    [
        ("on = [1]", 5, 8, Excerpt("on = [1]", 5, 3)),
        ("注记 = [1]", 5, 8, Excerpt("注记 = [1]", 7, 3)),
        ('k = "注记"', 4, 8, Excerpt('k = "注记"', 4, 6)),
        ("\tk = 1", 1, 2, Excerpt("    k = 1", 4, 1)),
        ("a\u202eb = 1", 2, 3, Excerpt("a\\u{202e}b = 1", 9, 1)),
        ("a\u200b", 1, 2, Excerpt("a\\u{200b}", 1, 8)),
        ("é\u0301 = 1", 5, 6, Excerpt("é\u0301 = 1", 4, 1)),
        ("short", 9, 12, Excerpt("short", 5, 1)),
        ("short", 2, 2, Excerpt("short", 2, 1)),
        ("", 0, 3, Excerpt("", 0, 1)),
    ],
)
def test_the_mark_is_where_the_characters_are(line: str, start: int, end: int, shown: Excerpt) -> None:
    assert excerpt(line, start, end) == shown


def test_a_long_line_is_shown_around_its_mark() -> None:
    line = "x" * 500 + "HERE" + "y" * 500
    shown = excerpt(line, 500, 504)
    assert shown.text[shown.indent :][:4] == "HERE"
    assert shown.text.startswith("...x")
    assert shown.text.endswith("y...")
    assert len(shown.text) == MOST_CHARACTERS + 6


def test_a_mark_longer_than_the_window_ends_with_it() -> None:
    shown = excerpt("x" * 1000, 0, 1000)
    assert shown.width == MOST_CHARACTERS


def test_a_line_without_a_mark_is_cropped() -> None:
    assert cropped("a\tb") == "a    b"
    assert cropped("x" * 1000) == "x" * MOST_CHARACTERS + "..."


@given(st.text(max_size=400), st.integers(0, 420), st.integers(0, 420))
def test_every_line_is_bounded_printable_and_holds_its_mark(line: str, start: int, end: int) -> None:
    shown = excerpt(line, start, end)
    assert shown.text.isprintable()
    assert shown.width >= 1
    assert shown.indent <= cell_len(shown.text)
