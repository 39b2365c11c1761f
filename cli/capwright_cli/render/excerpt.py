"""One source line as it is shown: bounded, escaped, with the cells that a mark under it takes."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from capwright_cli.escape import escape

MOST_CHARACTERS = 160
_BEFORE = 60  # characters of a long line that stay before a mark
_TAB = "    "
_CUT = "..."


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line as shown; `indent` and `width` are terminal cells, so that marks align under wide characters."""

    text: str
    indent: int
    width: int


def excerpt(line: str, start: int, end: int) -> Excerpt:
    """The part of `line` around the characters from `start` to `end` (0-based, end exclusive).

    Columns beyond the line are clamped; a mark is at least one cell wide.
    """
    start = min(start, len(line))
    end = min(max(end, start), len(line))
    low, high = _window(len(line), start)
    end = min(end, high)
    head = (_CUT if low else "") + plain(line[low:start])
    mark = plain(line[start:end])
    tail = plain(line[end:high]) + (_CUT if high < len(line) else "")
    return Excerpt(head + mark + tail, cell_len(head), max(1, cell_len(mark)))


def plain(text: str) -> str:
    """Source text fit to be shown: tabs as spaces, everything else that is hidden spelled out."""
    return _TAB.join(escape(part) for part in text.split("\t"))


def cropped(text: str) -> str:
    """A line that no mark stands under, at most `MOST_CHARACTERS` of it."""
    return plain(text) if len(text) <= MOST_CHARACTERS else plain(text[:MOST_CHARACTERS]) + _CUT


def _window(length: int, start: int) -> tuple[int, int]:
    if length <= MOST_CHARACTERS:
        return 0, length
    low = max(0, min(start - _BEFORE, length - MOST_CHARACTERS))
    return low, min(length, low + MOST_CHARACTERS)
