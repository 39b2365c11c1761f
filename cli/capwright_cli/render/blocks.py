"""Blocks for people: a headline, the places it is about with their lines, notes; in the manner of rustc."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from capwright_cli.escape import escape
from capwright_cli.render.excerpt import excerpt
from capwright_cli.sources import SourceTexts
from capwright_registry.spans import Span

BOLD = "bold"
GUTTER = "bold blue"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to show, what it is, and how it is marked; the primary place has no label."""

    span: Span
    label: str = ""

    @property
    def sign(self) -> str:
        """The character of the underline."""
        return "-" if self.label else "^"


def headline(level: str, code: str, message: str, style: str) -> Text:
    """`error[some-check]: what is wrong`; the message is escaped here."""
    label = f"{level}[{escape(code)}]" if code else level
    return Text.assemble((label, style), (f": {escape(message)}", BOLD))


def places(marks: Sequence[Mark], sources: SourceTexts, style: str) -> Text:
    """The places with their source lines, the primary one first, or nothing where none has a file."""
    shown = [mark for mark in marks if mark.span.file]
    width = gutter_width(mark.span for mark in shown)
    text = Text()
    for number, mark in enumerate(shown):
        text.append_text(_place(mark, sources, width, style if number == 0 else GUTTER, first=number == 0))
    return text


def note(label: str, value: str, width: int) -> Text:
    """`   = label: value`, on a line of its own; the value is escaped here."""
    return Text.assemble("\n", (f"{' ' * width} = ", GUTTER), (f"{label}: ", BOLD), escape(value))


def gutter_width(spans: Iterable[Span]) -> int:
    """The characters that the longest line number takes."""
    return max((len(str(max(span.line, span.end_line))) for span in spans), default=1)


def bar(width: int, rest: str = "") -> Text:
    """A line that shows only the gutter."""
    return Text.assemble("\n", (f"{' ' * width} |", GUTTER), rest)


def _place(mark: Mark, sources: SourceTexts, width: int, style: str, *, first: bool) -> Text:
    arrow = "-->" if first else ":::"
    text = Text.assemble("\n", (f"{' ' * width}{arrow} ", GUTTER), escape(str(mark.span)))
    rows = list(_rows(mark, sources))
    if not rows:
        if mark.label:
            text.append(f" ({escape(mark.label)})")
        return text
    text.append_text(bar(width))
    for number, line, start, end in rows:
        text.append_text(_line(mark, width, style, number, line, start, end))
    if mark.label:
        text.append(f" {escape(mark.label)}", style=style)
    return text


def _rows(mark: Mark, sources: SourceTexts) -> Iterable[tuple[int, str, int, int]]:
    """Line number, line and marked columns (0-based) of the first and, if there are more, the last line."""
    span = mark.span
    first = sources.line(span.file, span.line)
    if first is None:
        return
    if span.end_line <= span.line:
        yield span.line, first, span.column - 1, span.end_column - 1
        return
    yield span.line, first, span.column - 1, len(first)
    last = sources.line(span.file, span.end_line)
    if last is not None:
        yield span.end_line, last, len(last) - len(last.lstrip()), span.end_column - 1


def _line(mark: Mark, width: int, style: str, number: int, line: str, start: int, end: int) -> Text:
    shown = excerpt(line, start, end)
    skipped = number > mark.span.line + 1
    return Text.assemble(
        (f"\n{' ' * width}..." if skipped else "", GUTTER),
        (f"\n{number:>{width}} | ", GUTTER),
        shown.text,
        (f"\n{' ' * width} | ", GUTTER),
        (f"{' ' * shown.indent}{mark.sign * shown.width}", style),
    )
