"""The grammar of a glob within one segment: `*`, `?`, `[a-z]`, `[!a-z]`; anything else stands for itself."""

from __future__ import annotations

from typing import Final, Literal

from capwright_registry.patterns.charset import EVERY, CharSet, complement, is_single, union
from capwright_registry.patterns.elements import Element, Glob, One, PatternError, Word

STAR: Final = "*"
Item = CharSet | Literal["*"]
_SPECIAL: Final = "*?[\\"


def parse_glob(text: str) -> tuple[Item, ...]:
    """The items of a glob, one for each character it matches and `STAR` for any run of them.

    Raises `PatternError` for `**`, a backslash, and a class that is empty, unclosed, reversed or ambiguous.
    """
    items: list[Item] = []
    place = 0
    while place < len(text):
        code = ord(text[place])
        if text[place] not in _SPECIAL:
            items.append(((code, code),))
            place += 1
            continue
        unit = unit_at(text, place)
        if unit == STAR and items and items[-1] == STAR:
            raise PatternError("`**` stands alone, never beside other text", "write `*` within a segment")
        items.append(_item(unit))
        place += len(unit)
    return tuple(items)


def element_of(text: str) -> Element:
    """The element that a segment of a pattern stands for; raises `PatternError` as `parse_glob` does."""
    if not any(sign in text for sign in _SPECIAL):
        return Word(text)
    items = parse_glob(text)
    if items == (STAR,):
        return One()
    if all(item != STAR and is_single(item) for item in items):
        return Word("".join(chr(item[0][0]) for item in items if item != STAR))
    return Glob(text)


def escaped(text: str) -> str:
    """A glob that matches exactly `text`."""
    if not any(sign in text for sign in _SPECIAL):
        return text
    return "".join(f"[{char}]" if char in _SPECIAL else char for char in text)


def unit_at(text: str, place: int) -> str:
    """The unit of a glob that starts at `place`: one character, or a class with its brackets."""
    if text[place] == "\\":
        raise PatternError(
            "a backslash escapes nothing in a pattern",
            "write `/` between segments, and `[*]` for a plain `*`",
        )
    if text[place] != "[":
        return text[place]
    end = text.find("]", place)
    if end < 0:
        raise PatternError(
            "the class that `[` opens is not closed", "close it with `]`, or write `[[]` for a plain `[`"
        )
    return text[place : end + 1]


def _item(unit: str) -> Item:
    if unit == "*":
        return STAR
    if unit == "?":
        return EVERY
    return _class(unit[1:-1])


def _class(body: str) -> CharSet:
    if body in ("", "!"):
        raise PatternError(
            "the class is empty", "write the characters that it stands for: `[abc]` or `[!abc]`"
        )
    if body.startswith("^"):
        raise PatternError("`^` does not negate a class", f"write `[!{body[1:]}]`")
    if "\\" in body and body != "\\":
        raise PatternError("a backslash escapes nothing in a class", "write the characters as they are")
    negated = body.startswith("!")
    chars = union(_intervals(body[1:] if negated else body))
    return complement(chars) if negated else chars


def _intervals(body: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    place = 0
    while place < len(body):
        low = high = body[place]
        place += 1
        if low == "-" and 1 < place < len(body):
            raise PatternError("a `-` in the middle of a class is ambiguous", "put it first or last: `[-ab]`")
        if body[place : place + 1] == "-" and place + 1 < len(body):
            high = body[place + 1]
            place += 2
        if low > high:
            raise PatternError(f"the range `{low}-{high}` is empty", f"write `{high}-{low}`")
        found.append((ord(low), ord(high)))
    return found
