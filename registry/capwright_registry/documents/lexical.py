"""Bounds that hold before the TOML parser sees a text: depth, length of keys, counts.

`tomllib` recurses once a bracket and takes time quadratic in the parts of a dotted key. One linear pass over
the signs refuses what would cost it too much. The pass reads strings and comments exactly as TOML does up to
the first error in the text, which is where `tomllib` stops.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_DEPTH = 32
MAX_KEY_PARTS = 32
MAX_WORD = 256
MAX_ASSIGNMENTS = 20_000
MAX_COMMAS = 100_000

_TEXTS = (
    r'(?P<string>"""(?:\\.|[^\\])*?""""{0,2}|\'\'\'.*?\'\'\'\'{0,2}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<comment>#[^\n]*)"
)
_TEXT = re.compile(_TEXTS, re.DOTALL)
_TOKEN = re.compile(_TEXTS + r"|(?P<word>[A-Za-z0-9_+:-]+)|(?P<space>[ \t]+)|(?P<other>.)", re.DOTALL)
_LONG_WORD = re.compile(rf"[A-Za-z0-9_+:-]{{{MAX_WORD + 1}}}")
_BRACKETS = re.compile(r"[\[\]{}]")


class BoundsError(ValueError):
    """A text that is not parsed; `offset` counts characters into it."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def _is_small(text: str) -> bool:
    """Whether the text is surely within the bounds, by counts that no order of its signs can pass."""
    bare = _TEXT.sub('""', text)
    if bare.count("=") > MAX_ASSIGNMENTS or bare.count(",") > MAX_COMMAS or _LONG_WORD.search(bare):
        return False
    if any(line.count(".") >= MAX_KEY_PARTS for line in bare.split("\n")):
        return False
    depth = 0
    for bracket in _BRACKETS.findall(bare):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            return False
    return True


@dataclass
class _Counts:
    depth: int = 0
    parts: int = 1
    assignments: int = 0
    commas: int = 0
    header: bool = field(default=False)


def check_bounds(text: str) -> None:
    """Guarantee that parsing `text` takes bounded depth and near-linear time. Raises `BoundsError`."""
    if _is_small(text):
        return
    counts = _Counts()
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "word" and match.end() - match.start() > MAX_WORD:
            raise BoundsError(f"a word has more than {MAX_WORD} characters", match.start())
        if kind == "other":
            message = _count(counts, match.group())
            if message:
                raise BoundsError(message, match.start())


def _count(counts: _Counts, sign: str) -> str:
    counts.parts = counts.parts + 1 if sign == "." else 1
    counts.depth += (sign in "[{") - (sign in "]}")
    counts.assignments += sign == "="
    counts.commas += sign == ","
    if counts.parts > MAX_KEY_PARTS:
        return f"a key has more than {MAX_KEY_PARTS} parts"
    if counts.depth > MAX_DEPTH:
        return f"arrays and tables are nested more than {MAX_DEPTH} deep"
    if counts.assignments > MAX_ASSIGNMENTS:
        return f"there are more than {MAX_ASSIGNMENTS} keys"
    if counts.commas > MAX_COMMAS:
        return f"there are more than {MAX_COMMAS} entries"
    return ""
