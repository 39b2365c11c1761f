"""Random words of resources near a pattern: its members, and what is a small change or two away from one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.support.pattern_cases.vocabulary import Words
from tests.support.pattern_oracle.expression import Chars, Either, Expression, Intervals, Many, Seq, Text

#: Bytes of file names, two of which are one character; and what is first, last or refused somewhere.
_BORDERS: Final = (
    *(
        "\udc80",
        "\udcff",
        "\udcc3\udca9",
        "\xa0",
        "\x7f",
        " ",
        "\u200b",
        "\xad",
        "\ud7ff",
        "\ue000",
        "\uffff",
    ),
    *("\U00010000", "\U0010ffff", "/", ".", ":", ";", "%", "*", "[", "]", "\n", "\ud800"),
)


def near(words: Words, expression: Expression) -> str:
    """A word near those of the expression; it may be no resource."""
    word = member(words, expression)
    for _ in range(words.random.choice((0, 0, 1, 1, 2))):
        word = words.random.choice(_CHANGES)(words, word)
    return word


def member(words: Words, expression: Expression) -> str:
    """A word that the expression matches."""
    match expression:
        case Text(text):
            return text
        case Chars(intervals):
            return _char(words, intervals)
        case Seq(parts):
            return "".join(member(words, part) for part in parts)
        case Either(parts):
            return member(words, words.random.choice(parts)) if parts else ""
        case Many(part, least):
            times = words.random.choice((0, 0, 1, 1, 2, 3) if isinstance(part, Chars) else (0, 0, 1, 2))
            return "".join(member(words, part) for _ in range(max(times, least)))


def _char(words: Words, intervals: Intervals) -> str:
    """A character of the batch or a border where one fits, else the first, the last or any of an interval."""
    kind = words.random.random()
    some = words.chars if kind < 0.7 else [border for border in _BORDERS if len(border) == 1]
    fitting = [char for char in some if any(low <= ord(char) <= high for low, high in intervals)]
    if fitting and kind < 0.85:
        return words.random.choice(fitting)
    if not intervals:
        return ""
    low, high = words.random.choice(intervals)
    return chr(words.random.choice((low, high, words.random.randint(low, high))))


def _inserted(words: Words, word: str) -> str:
    place = words.random.randint(0, len(word))
    return word[:place] + words.random.choice((*words.chars, *words.literals, *_BORDERS)) + word[place:]


def _deleted(words: Words, word: str) -> str:
    place = words.random.randint(0, len(word))
    return word[:place] + word[place + words.random.choice((1, 1, 2)) :]


def _replaced(words: Words, word: str) -> str:
    place = words.random.randint(0, len(word))
    return word[:place] + words.random.choice((*words.chars, *_BORDERS)) + word[place + 1 :]


def _neighboured(words: Words, word: str) -> str:
    """One character made the one before or after it: it may leave a class, or a range of numbers."""
    if not word:
        return word
    place = words.random.randrange(len(word))
    code = min(max(ord(word[place]) + words.random.choice((-1, 1)), 0), 0x10FFFF)
    return word[:place] + chr(code) + word[place + 1 :]


def _recased(words: Words, word: str) -> str:
    place = words.random.randint(0, len(word))
    return word[:place] + word[place : place + 1].swapcase() + word[place + 1 :]


def _doubled(words: Words, word: str) -> str:
    start, end = sorted(words.random.choices(range(len(word) + 1), k=2))
    return word[:end] + word[start:]


def _lengthened(words: Words, word: str) -> str:
    before, after = {"path": ("/", ""), "url": ("/", ""), "argv": ("", "\0")}.get(words.domain, (".", ""))
    return word + before + words.random.choice(words.literals) + after


_CHANGES: Final[tuple[Callable[[Words, str], str], ...]] = (
    _inserted,
    _deleted,
    _replaced,
    _neighboured,
    _recased,
    _doubled,
    _lengthened,
)
