"""Names that are drawn alike: the table, and words that hold more than ASCII."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_policy.reference_pins import drawn_alike
from capwright_registry.pins.lookalikes import _ALIKE, foreign_words, reads_like, skeleton


def test_the_table_names_each_character_once_and_no_plain_letter_but_o_and_i() -> None:
    others = "".join(_ALIKE.values())
    assert len(set(others)) == len(others)
    assert {char for char in others if char.isascii()} == set("I1|O0")
    assert all(len(char) == 1 and char.isascii() for char in _ALIKE)


def test_every_entry_is_a_letter_or_a_mark_that_can_be_seen() -> None:
    for char in "".join(_ALIKE.values()):
        assert unicodedata.category(char)[0] in "LNPS", hex(ord(char))


def test_both_readings_draw_every_character_alike() -> None:
    """The reference has a table of its own."""
    for point in (*range(0xD800), *range(0xF900, 0x10000), *range(0x1D400, 0x1D800)):
        char = chr(point)
        plain = skeleton(char)
        if plain != char:
            assert drawn_alike(char, plain) is reads_like(char, plain), hex(point)


DRAWN = st.sampled_from([*"l1IoO0a-e", "rn", "m", "vv", "w", "\u0430", "\uff45"])
NAMES = st.lists(DRAWN, max_size=4).map("".join)


@given(NAMES, NAMES)
def test_both_readings_agree(one: str, other: str) -> None:
    assert reads_like(one, other) is drawn_alike(one, other) is reads_like(other, one)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain text, a-b", []),
        ("see g\u0456t_log.", ["g\u0456t_log"]),
        ("`\u0430-b`/c", ["\u0430-b"]),
        ("two: \u0430 \u0435", ["\u0430", "\u0435"]),
        ("\u2026", []),
        ("-\u0430-", ["\u0430"]),
    ],
)
def test_words_beyond_ascii(text: str, words: list[str]) -> None:
    assert list(foreign_words(text)) == words
