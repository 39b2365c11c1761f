"""What a document of `specs/` promises, as its Markdown says it.

Everything does, but for what a reader sees to be explanation: headings, block quotations (`>`), the header of
a table, and a text that ends in a colon and so leads into what follows. Promises are:

- each sentence of a paragraph or of an entry of a list,
- each row of a table,
- in a fenced block each line that starts at the margin, with the indented lines under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

SPECS = Path(__file__).parents[2] / "specs"
_ENTRY = re.compile(r"\A(?:[-*]|\d+\.) ")
_RULE = re.compile(r"\|[-| :]+\|")
_CODE = re.compile(r"(`+).*?\1")
_END = re.compile(r"[.!?][\"')*]*(?=\s|$)")


def plain(text: str) -> str:
    """The text with each run of white space made one space: where a line breaks says nothing."""
    return " ".join(text.split())


def rows_under(document: str, heading: str) -> list[str]:
    """The rows of the tables under a heading, down to the next one."""
    text = (SPECS / f"{document}.md").read_text(encoding="utf-8")
    sections = re.split(r"^#+ (.*)$", text, flags=re.MULTILINE)
    found = dict(zip(sections[1::2], sections[2::2], strict=True))
    return [promise for promise in promises_in(found[heading]) if promise.startswith("|")]


def promises(document: str) -> list[str]:
    """Every promise of `specs/DOCUMENT.md`, in order, white space made single."""
    return promises_in((SPECS / f"{document}.md").read_text(encoding="utf-8"))


def promises_in(markdown: str) -> list[str]:
    """Every promise of a text."""
    return [plain(promise) for kind, lines in _blocks(markdown) for promise in _READ[kind](lines)]


def _blocks(markdown: str) -> Iterator[tuple[str, list[str]]]:
    """The text cut into blocks of one kind each: `fence`, `table`, `text` and `silent`."""
    for kind, lines in groupby(_lines(markdown), key=lambda pair: pair[0]):
        yield kind[0], [line for _, line in lines]


def _lines(markdown: str) -> Iterator[tuple[tuple[str, int], str]]:
    """Each line with its kind and the number of its block."""
    fenced, block = False, 0
    for line in markdown.splitlines():
        if line.lstrip().startswith("```"):
            fenced, block = not fenced, block + 1
            continue
        block += not line.strip() or bool(_ENTRY.match(line))
        kind = "fence" if fenced else _kind(line)
        yield (kind, block), line


def _kind(line: str) -> str:
    if line.startswith(("#", ">")):
        return "silent"
    return "table" if line.startswith("|") else "text"


def _rows(lines: list[str]) -> list[str]:
    """The rows under the rule; a table without one is refused, for its header could not be told."""
    if len(lines) < 2 or not _RULE.fullmatch(lines[1].strip()):
        raise ValueError(f"a table without a header: {lines[0]}")
    return lines[2:]


def _statements(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if line[:1].isspace() and found:
            found[-1] += line
        elif line.strip():
            found.append(line)
    return found


def _sentences(lines: list[str]) -> list[str]:
    text = _ENTRY.sub("", plain(" ".join(lines)), count=1)
    # What stands in backticks ends no sentence; it is masked by as many letters.
    masked = _CODE.sub(lambda match: "x" * len(match[0]), text)
    cuts = [0, *(match.end() for match in _END.finditer(masked)), len(text)]
    parts = (text[start:end].strip() for start, end in pairwise(cuts))
    return [part for part in parts if part and not part.endswith(":")]


def _nothing(_: list[str]) -> list[str]:
    return []


_READ = {"fence": _statements, "table": _rows, "text": _sentences, "silent": _nothing}
