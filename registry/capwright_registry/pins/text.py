"""Characters that a model reads and a person does not see, or that act on a terminal.

A description that holds one says two things to two readers, so nobody can approve it. The blocks are those of
Unicode's `Default_Ignorable_Code_Point` and of the categories Cc, Cf, Cs, Co, Zl, Zp; the emoji presentation
selector U+FE0F stays, one at a time after a visible character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

TOOL_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_EMOJI_SELECTOR: Final = "\ufe0f"
# Ignorable by default, though their category is that of a letter or a mark.
_IGNORABLE: Final = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0E),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)


def hidden_in_prose(text: str) -> str | None:
    """The first hidden character as `U+XXXX`, or None. Line feeds, tabs and CR LF pairs are no fault here."""
    return _first_hidden(text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " "))


def hidden_in_name(text: str) -> str | None:
    """As `hidden_in_prose`, for names and keys: no line feed and no tab either."""
    return _first_hidden(text)


def texts(value: object, route: str = "") -> Iterator[tuple[str, str, bool]]:
    """Every text in a JSON value as (route, text, is a key), depth first. The value must be shallow."""
    if isinstance(value, str):
        yield route, value, False
    elif isinstance(value, dict):
        for key, item in value.items():
            yield route, key, True
            yield from texts(item, f"{route}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, f"{route}/{index}")


def _first_hidden(text: str) -> str | None:
    if text.isascii() and text.isprintable():
        return None
    before = " "
    for character in text:
        if _is_hidden(character) or (character == _EMOJI_SELECTOR and before in (" ", _EMOJI_SELECTOR)):
            return f"U+{ord(character):04X}"
        before = character
    return None


def _is_hidden(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    point = ord(character)
    return unicodedata.category(character) in _HIDDEN or any(low <= point <= high for low, high in _IGNORABLE)
