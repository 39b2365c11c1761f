"""Edits shown as the lines before and after, so that a reader can copy them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from capwright_cli.escape import escape
from capwright_cli.render.blocks import GUTTER, bar
from capwright_cli.render.excerpt import plain
from capwright_cli.sources import SourceTexts
from capwright_policy.findings import Edit


@dataclass(frozen=True, slots=True)
class Change:
    """Whole lines of one file, from line `start` on, as they are and as they would be."""

    file: str
    start: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def suggestion(edits: Iterable[Edit], sources: SourceTexts, width: int) -> Text:
    """The changed lines with `-` and `+`, file by file; nothing where the lines are not at hand."""
    text = Text()
    for change in changes(edits, sources):
        text.append_text(
            Text.assemble("\n", (f"{' ' * width}--> ", GUTTER), f"{escape(change.file)}:{change.start}")
        )
        text.append_text(bar(width))
        text.append_text(_lines(change.before, change.start, "-", "red", width))
        text.append_text(_lines(change.after, change.start, "+", "green", width))
    return text


def changes(edits: Iterable[Edit], sources: SourceTexts) -> Iterator[Change]:
    """What the edits, applied together, make of the lines that they touch."""
    waiting = sorted(edits, key=lambda e: (e.span.file, e.span.line, e.span.column))
    while waiting:
        group = [waiting.pop(0)]
        while waiting and _touches(group, waiting[0]):
            group.append(waiting.pop(0))
        change = _change(group, sources)
        if change is not None:
            yield change


def _touches(group: Sequence[Edit], edit: Edit) -> bool:
    last = max(e.span.end_line for e in group)
    return edit.span.file == group[0].span.file and edit.span.line <= last + 1


def _change(group: Sequence[Edit], sources: SourceTexts) -> Change | None:
    file, start = group[0].span.file, group[0].span.line
    end = max(edit.span.end_line for edit in group)
    before = sources.lines(file)[start - 1 : end]
    if start < 1 or len(before) != end - start + 1:
        return None
    text = "\n".join(before)
    for edit in reversed(group):  # from the end, so that the places before it stay where they are
        low = _offset(before, start, edit.span.line, edit.span.column)
        high = _offset(before, start, edit.span.end_line, edit.span.end_column)
        text = text[:low] + edit.text + text[high:]
    return _trimmed(Change(file, start, before, tuple(text.split("\n"))))


def _trimmed(change: Change) -> Change:
    """The change without lines that stay, and without white space at the ends of the new ones."""
    start = _shared(change.before, change.after)
    end = _shared(change.before[start:][::-1], change.after[start:][::-1])
    before = change.before[start : len(change.before) - end]
    after = list(change.after[start : len(change.after) - end])
    while after and not after[-1].strip():
        after.pop()
    while not before and after and not after[0].strip():
        after.pop(0)
        start += 1
    return Change(change.file, change.start + start, before, tuple(after))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _offset(lines: Sequence[str], start: int, line: int, column: int) -> int:
    return sum(len(text) + 1 for text in lines[: line - start]) + column - 1


def _lines(lines: Sequence[str], start: int, sign: str, style: str, width: int) -> Text:
    text = Text()
    for number, line in enumerate(lines, start):
        text.append(f"\n{number:>{width}} ", style=GUTTER)
        text.append(f"{sign} {plain(line)}", style=style)
    return text
