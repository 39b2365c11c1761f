"""Patterns over commands: one glob an argument, quotation marks as in a shell, a last `...` for the rest."""

from __future__ import annotations

import re
from typing import Final

from capwright_registry.patterns.elements import Deep, Element, One, Pattern, PatternError, Word
from capwright_registry.patterns.glob import element_of, escaped, unit_at

REST: Final = "..."


def parse_argv(text: str) -> Pattern:
    """The pattern over commands that `text` says; raises `PatternError`."""
    words = _words(text)
    if not words:
        raise PatternError("the pattern is empty", "write a command, or `...` for any")
    elements: list[Element] = []
    for place, word in enumerate(words):
        if word != REST:
            elements.append(element_of(word))
        elif place == len(words) - 1:
            elements.append(Deep())
        else:
            raise PatternError("`...` stands only at the end", "write `*` for one argument whatever it is")
    canonical = " ".join(_written(word, element) for word, element in zip(words, elements, strict=True))
    return Pattern("argv", text, canonical, (tuple(elements),))


def _words(text: str) -> list[str]:
    """The globs of the arguments; what stands in quotation marks stands for itself."""
    words: list[str] = []
    word: str | None = None
    start = place = 0
    while place < len(text):
        if text[place] == " ":
            if word is not None:
                words.append(_unlike_rest(word, text[start:place]))
            word = None
            place += 1
            start = place
            continue
        quoted = _quoted(text, place)
        unit = text[place : place + len(quoted) + 2] if quoted is not None else unit_at(text, place)
        word = (word or "") + (unit if quoted is None else _bare(quoted))
        place += len(unit)
    return words if word is None else [*words, _unlike_rest(word, text[start:])]


def _unlike_rest(word: str, written: str) -> str:
    """The word; three dots of which any is quoted are an argument like any other."""
    return "[.].." if word == REST and written != REST else word


def _quoted(text: str, place: int) -> str | None:
    mark = text[place]
    if mark not in "'\"":
        return None
    end = text.find(mark, place + 1)
    if end < 0:
        raise PatternError(f"the quotation that {mark} opens is not closed", f"close it, or write `[{mark}]`")
    return text[place + 1 : end]


def _bare(text: str) -> str:
    """The text as a glob that needs no quotation marks around it."""
    return re.sub(r"[ '\"]", r"[\g<0>]", escaped(text))


def _written(word: str, element: Element) -> str:
    match element:
        case Word(""):
            return "''"
        case Word("..."):
            return "[.].."
        case Word(text):
            return _bare(text)
        case One():
            return "*"
        case Deep():
            return REST
        case _:
            return word
