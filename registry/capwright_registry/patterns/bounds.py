"""What every pattern must satisfy before its domain reads it."""

from __future__ import annotations

import re
from typing import Final

from capwright_registry.patterns.elements import PatternError

MAX_CHARACTERS: Final = 4096
MAX_WILDCARDS: Final = 64
MAX_SPELT_OUT: Final = 4096  # segments of all alternatives together, where there are several
_REFUSED: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def check_text(text: str) -> None:
    """Raises `PatternError` where the text is empty, too long, too wild, or holds a control character."""
    if not text:
        raise PatternError("the pattern is empty", "leave the entry out, or write what it stands for")
    if len(text) > MAX_CHARACTERS:
        raise PatternError(
            f"the pattern has {len(text)} characters, more than {MAX_CHARACTERS}",
            "split it into shorter patterns",
        )
    wildcards = text.count("*") + text.count("?")  # a class takes one character, as a letter does
    if wildcards > MAX_WILDCARDS:
        raise PatternError(
            f"the pattern has {wildcards} wildcards, more than {MAX_WILDCARDS}",
            "split it into simpler patterns",
        )
    if _REFUSED.search(text):
        raise PatternError(
            "the pattern holds a control character or a lone surrogate", "write `?` in its place"
        )
