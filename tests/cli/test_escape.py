"""Nothing that hides or acts is printed as it is."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_cli.escape import escape, escape_lines

HOSTILE = {
    "\x1b[2J": "\\u{1b}[2J",
    "a\nb": "a\\u{a}b",
    "a\tb": "a\\u{9}b",
    "\x9b31m": "\\u{9b}31m",
    "\u202egnp.exe": "\\u{202e}gnp.exe",
    "\u2066x\u2069": "\\u{2066}x\\u{2069}",
    "\u200b\u200d\ufeff": "\\u{200b}\\u{200d}\\u{feff}",
    "\U000e0041\U000e007f": "\\u{e0041}\\u{e007f}",
    "\ue000\U000f0000": "\\u{e000}\\u{f0000}",
    "\ud800": "\\u{d800}",
    "\u2028\u2029": "\\u{2028}\\u{2029}",
    "\xad\u034f\u115f\u3164\ufe0f": "\\u{ad}\\u{34f}\\u{115f}\\u{3164}\\u{fe0f}",
    "\xa0\u3000": "\\u{a0}\\u{3000}",
    "\U0003fffd": "\\u{3fffd}",
}


@pytest.mark.parametrize(("text", "shown"), HOSTILE.items())
def test_hidden_characters_are_spelled_out(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize("text", ["", "plain", "a b", "café", "注记", "[/oops]", "\\u{1b}", "🙂"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert escape(text) == text


def test_a_block_keeps_its_lines_and_tabs_and_nothing_else() -> None:
    assert escape_lines("a\n\tb\r\x1b") == "a\n\tb\\u{d}\\u{1b}"


def test_no_character_at_all_is_shown_while_it_hides() -> None:
    hiding = {"Cc", "Cf", "Zl", "Zp", "Co", "Cs"}
    hidden = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in hiding]
    assert len(hidden) > 100_000
    assert all(escape(c).startswith("\\u{") for c in hidden)


@given(st.text())
def test_what_is_shown_is_one_line_and_is_shown_the_same_again(text: str) -> None:
    once = escape(text)
    assert once.isprintable()
    assert escape(once) == once
