"""Sentences about bad input, kept short: what they quote may be as long as its author likes."""

from __future__ import annotations

from typing import Final

MOST_CHARACTERS: Final = 240


def clip_middle(sentence: str) -> str:
    """`sentence`, at most `MOST_CHARACTERS` of it; `...` is for what is left out between its two ends."""
    if len(sentence) <= MOST_CHARACTERS:
        return sentence
    half = (MOST_CHARACTERS - 3) // 2
    return f"{sentence[:half]}...{sentence[-half:]}"
