"""The grammar of `specs/conditions.md`, read out of the document, and the tokens that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from tests.support.ebnf import read
from tests.support.grammar import Grammar
from tests.support.promises import SPECS

BLOCKS: Final = read(SPECS / "conditions.md")
LEXICAL: Final = Grammar(BLOCKS)
KINDS: Final = ("number", "name", "string")
#: Everything in quotation marks under "Grammar" that is no word: `(`, `&&` and the like.
SIGNS: Final = sorted(set(re.findall(r"text='(\W+?)'", repr(BLOCKS["Grammar"]))), key=len)
_WORDS: Final = re.search(r"own words: ([^.]*)\.", (SPECS / "conditions.md").read_text(encoding="utf-8"))
WORDS: Final = frozenset(re.findall(r"`(\w+)`", _WORDS[1] if _WORDS else ""))


def _is(kind: str, token: str) -> bool:
    return token not in WORDS and LEXICAL.derives("Tokens", kind, token)


_TOKEN: Final[dict[str, Callable[[str], bool]]] = {kind: partial(_is, kind) for kind in KINDS}
GRAMMAR: Final = Grammar(
    BLOCKS,
    _TOKEN,
    {
        "name": ["mode", "depth", "now", "approved", "sandboxed", "region", "zone", "nope"],
        "number": ["0", "3", "0x10", "9223372036854775807", "9223372036854775808"],
        "string": ["'ci'", '"eu"', "r'lab'", "'''a'b'''", "'2026-01-01T00:00:00Z'", "'\\x41'", "'\\ud800'"],
    },
)


def tokens(text: str) -> list[str]:
    """The text cut into tokens, each as long as it can be; what is none is one by itself."""
    found: list[str] = []
    place = 0
    while place < len(text):
        gap = max(LEXICAL.ends("Tokens", "gap", text, place), default=0)
        if gap:
            place = gap
            continue
        ends = [end for kind in KINDS for end in LEXICAL.ends("Tokens", kind, text, place)]
        ends += [place + len(sign) for sign in SIGNS if text.startswith(sign, place)]
        end = max(ends, default=place + 1)
        found.append(text[place:end])
        place = end
    return found


def derives(text: str) -> bool:
    """Whether the grammar derives the text."""
    return GRAMMAR.derives("Grammar", "condition", tokens(text))
