"""Names that a reader takes for one another, though they are not the same.

The table is a small one, picked from the confusables of Unicode (UTS 39): what is drawn like a letter, a
digit or a mark that names of tools are made of. Compatibility forms (full width, mathematical letters) are
folded before it. A look-alike outside of the table is not seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

#: What each character is drawn like; by code point, for nobody can tell them apart by sight.
_ALIKE: Final = {
    "a": "\u0430\u0251\u03b1", "b": "\u042c\u0184", "c": "\u0441\u03f2", "d": "\u0501", "g": "\u0261",
    "e": "\u0435\u04bd\u212e", "h": "\u04bb", "i": "\u0456\u0131\u0269\u03b9", "j": "\u0458\u03f3",
    "k": "\u043a\u03ba", "l": "I1|\u04cf\u0406\u0399\u04c0\u01c0", "n": "\u0578", "p": "\u0440\u03c1",
    "o": "O0\u043e\u03bf\u0585\u03c3\u041e\u039f\u0555", "q": "\u051b", "r": "\u0433", "s": "\u0455",
    "u": "\u03c5\u057d", "v": "\u0475\u03bd", "w": "\u0461\u051d", "x": "\u0445\u03c7",
    "y": "\u0443\u03b3\u04af", "A": "\u0410\u0391", "B": "\u0412\u0392", "C": "\u0421\u03f9",
    "E": "\u0415\u0395", "H": "\u041d\u0397", "J": "\u0408", "K": "\u041a\u039a", "M": "\u041c\u039c",
    "N": "\u039d", "P": "\u0420\u03a1", "S": "\u0405", "T": "\u0422\u03a4", "X": "\u0425\u03a7",
    "Y": "\u0423\u03a5\u04ae", "Z": "\u0396", "3": "\u0417\u04e0", "6": "\u0431", ".": "\u2024",
    "-": "\u2010\u2011\u2012\u2013\u2212",
}  # fmt: skip
_DRAWN: Final = str.maketrans({other: char for char, others in _ALIKE.items() for other in others})
_WORD: Final = re.compile(r"[\w.|\u2010-\u2013\u2212\u2024-]+")


def skeleton(name: str) -> str:
    """The same for names that are drawn alike. Case is kept but of `O` and `I`, drawn like `0` and `1`."""
    drawn = unicodedata.normalize("NFKC", name).translate(_DRAWN)
    return drawn.replace("rn", "m").replace("vv", "w")


def reads_like(name: str, other: str) -> bool:
    """Whether the names are drawn alike and differ in more than case."""
    return skeleton(name) == skeleton(other) and name.casefold() != other.casefold()


def foreign_words(text: str) -> Iterator[str]:
    """The words of a text that hold a character beyond ASCII; a word is as long as a name could go on."""
    if not text.isascii():
        for found in _WORD.finditer(text):
            word = found[0].strip(".-")
            if not word.isascii():
                yield word
