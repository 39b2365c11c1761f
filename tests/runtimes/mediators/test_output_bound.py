"""Nothing hidden and nothing without end reaches a reader."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_runtimes.mediators.output_bound import bound, escape

ANY = st.text(st.characters())  # surrogates too: a tool's bytes are decoded by someone


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\u{1b}[2Jgone"),
        ("user\u202etxt.exe", "user\\u{202e}txt.exe"),
        ("\U000e0041\U000e0042", "\\u{e0041}\\u{e0042}"),
        ("a\u200bb\u2028c\u2029", "a\\u{200b}b\\u{2028}c\\u{2029}"),
        ("a\rb\x00\x9b", "a\\u{d}b\\u{0}\\u{9b}"),
        ("\ud800\ue000\U000f0000", "\\u{d800}\\u{e000}\\u{f0000}"),
        ("a\ufe01\U000e0159b", "a\\u{fe01}\\u{e0159}b"),
        ("\u3164\u115f\u034f\u2800", "\\u{3164}\\u{115f}\\u{34f}\\u{2800}"),
        ("a\u00a0b\u2003c", "a\u00a0b\u2003c"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("grüße 漢字 🎉", "grüße 漢字 🎉"),
    ],
)
def test_characters_that_hide_or_act_are_shown(text: str, shown: str) -> None:
    assert escape(text)[0] == shown


def test_a_text_says_how_much_of_it_was_cut() -> None:
    result = bound("x" * 100, 10)
    assert result.text == "x" * 10 + "\n[90 of 100 bytes cut]"
    assert (result.cut_bytes, result.escaped) == (90, 0)


def test_a_text_of_exactly_the_limit_is_whole() -> None:
    assert bound("x" * 10, 10) == bound("x" * 10, 1000)


def test_a_character_is_never_cut_in_two() -> None:
    result = bound("漢字", 4)
    assert result.text.startswith("漢\n[3 of 6 bytes cut]")


@given(ANY, st.integers(0, 50))
def test_what_comes_out_is_bounded_and_plain(text: str, limit: int) -> None:
    """Design, G5: every path to the model's context is bounded; section 9: hidden characters are shown."""
    result = bound(text, limit)
    body = result.text if not result.cut_bytes else result.text.rpartition("\n[")[0]
    assert len(body.encode()) <= limit
    hidden = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
    assert not [c for c in result.text if c not in "\n\t" and unicodedata.category(c) in hidden]


@given(ANY)
def test_nothing_is_lost_without_saying_so(text: str) -> None:
    result = bound(text, 10_000_000)
    assert (result.cut_bytes == 0) and (result.escaped == 0) == (result.text == text)
