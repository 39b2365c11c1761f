"""JSON as editors take it, made JSON: comments and commas before a closing bracket become blanks.

Lines and columns stay what they were, so that a parser's complaint points at the right place; and where each
key stands in such a text.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from capwright_registry.spans import Span

_TOKEN: Final = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")|(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<comma>,)|(?P<close>[\]}])"""
    r"""|(?P<open>[\[{])|(?P<colon>:)|(?P<space>[ \t\r\n]+)|(?P<other>.)""",
    re.DOTALL,
)
_NOT_A_LINE_END: Final = re.compile(r"[^\n]")
Route: TypeAlias = tuple[str | int, ...]


def plain(text: str) -> str:
    """The text without comments and without commas before a closing bracket, each character at its place."""
    pieces: list[str] = []
    comma = -1  # where a comma stands that nothing but blanks has followed
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup, match[0]
        if kind == "comment":
            piece = _NOT_A_LINE_END.sub(" ", piece)
        elif kind == "close" and comma >= 0:
            pieces[comma] = " "
        if kind == "comma":
            comma = len(pieces)
        elif kind not in ("comment", "space"):
            comma = -1
        pieces.append(piece)
    return "".join(pieces)


def keys(text: str) -> Iterator[tuple[Route, int, int]]:
    """Every key of a text that is JSON, with its route, and from where to where it stands.

    Items of a list have numbers in their routes, and no key of their own; a text in a list is told as one.
    """
    route: list[str | int] = []
    last: tuple[str, int, int] | None = None
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "string":
            last = json.loads(match[0]), *match.span()
            if route and isinstance(route[-1], int):
                yield (*route,), last[1], last[2]
        elif kind == "colon" and last is not None:
            route[-1] = last[0]
            yield (*route,), last[1], last[2]
        elif kind == "open":
            route.append(0 if match[0] == "[" else "")
        elif kind == "close" and route:
            route.pop()
        elif kind == "comma" and route and isinstance(route[-1], int):
            route[-1] += 1


@dataclass(frozen=True)
class Places:
    """The places of the keys of a text that is JSON, as spans of `file`."""

    text: str
    file: str

    @cached_property
    def _keys(self) -> dict[Route, tuple[int, int]]:
        return {route: (start, end) for route, start, end in keys(self.text)}

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def span(self, *route: str | int) -> Span:
        """Where a key stands, or a text of a list; the whole file where there is none."""
        if route not in self._keys:
            return Span(self.file)
        start, end = self._keys[route]
        line = bisect_right(self._lines, start)
        column = start - self._lines[line - 1] + 1
        return Span(self.file, line, column, line, column + end - start)
