"""A document: its model, and where each of its keys stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Generic, TypeVar

from capwright_registry.documents.locate import Index, Points, Route, build_index
from capwright_registry.spans import Span

Model_co = TypeVar("Model_co", covariant=True)


@dataclass(frozen=True)
class Source:
    """The text of a file, with the places of its keys. `file` is as spans show it.

    `moved` are values that are read as if they stood elsewhere, in order: where that is, and where it was.
    """

    file: str
    data: bytes = field(repr=False)
    moved: tuple[tuple[Route, Route], ...] = ()

    @cached_property
    def _index(self) -> Index:
        return build_index(self.data)

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.data.split(b"\n")

    @cached_property
    def _plain(self) -> bool:
        """Whether columns in bytes are columns in characters."""
        return self.data.isascii()

    def with_moved(self, moved: Iterable[tuple[Route, Route]]) -> Source:
        """The same text, with these values moved."""
        other = replace(self, moved=tuple(moved))
        other.__dict__.update(_index=self._index, _lines=self._lines)  # the text is the same
        return other

    def span(self, *route: str | int) -> Span:
        """The place of a value; of the nearest enclosing one if there is none; at last the whole file."""
        route = self._written(route)
        there = self._index.values.get(route)
        if there is not None:
            return self._span(there)
        for length in range(len(route) - 1, 0, -1):
            points = self._index.values.get(route[:length])
            if points is not None:
                return self._span(points)
        return Span(self.file)

    def key_span(self, *route: str | int) -> Span:
        """The place of a key; of its value, or an enclosing one, if the value has no key."""
        points = self._index.keys.get(self._written(route))
        return self._span(points) if points is not None else self.span(*route)

    def inner_span(self, route: Route, start: int, length: int = 1) -> Span:
        """The place of some characters of a string, by their offset; of the string if it has escapes."""
        outer = self.span(*route)
        line = self.line_text(outer)
        text = line[outer.column : outer.end_column - 2]
        plain = outer.line == outer.end_line and "\\" not in text and not text.startswith(("''", '""'))
        if self._written(route) not in self._index.values or not plain or start > len(text):
            return outer
        column = outer.column + 1 + start
        end = min(column + max(length, 1), outer.end_column)
        return Span(self.file, outer.line, column, outer.line, end)

    def text(self, *route: str | int) -> str:
        """The text of a value, as it is written; empty where it is not on one line, or not there."""
        span = self.span(*route)
        there = self._written(route) in self._index.values and span.line == span.end_line
        return self.line_text(span)[span.column - 1 : span.end_column - 1] if there else ""

    def line_text(self, span: Span) -> str:
        """The line of the text on which `span` starts, without its end; empty for the whole file."""
        if not 0 < span.line <= len(self._lines):
            return ""
        return self._lines[span.line - 1].decode(errors="replace").rstrip("\r")

    def _written(self, route: Route) -> Route:
        """Where the value that is read at `route` is written."""
        for there, here in reversed(self.moved):
            if route[: len(there)] == there:
                route = (*here, *route[len(there) :])
        return route

    def _span(self, points: Points) -> Span:
        row, column, end_row, end_column = points
        start, end = self._column(row, column), self._column(end_row, end_column)
        return Span(self.file, row + 1, start, end_row + 1, end)

    def _column(self, row: int, column: int) -> int:
        if self._plain:
            return 1 + column
        return 1 + len(self._lines[row][:column].decode(errors="replace"))


@dataclass(frozen=True)
class Document(Generic[Model_co]):
    """A model that was read from a source. Equal documents have equal bytes under equal names.

    With `damage` it is only what is left of a source that does not validate (see `salvage`): good for finding
    more problems, and for nothing else.
    """

    model: Model_co
    source: Source
    damage: frozenset[Route] = frozenset()

    @property
    def file(self) -> str:
        """The file, as spans show it."""
        return self.source.file

    def damaged(self, *route: str | int) -> bool:
        """Whether what is said of this place may only follow from damage: on the way to it, at it, below."""
        return route in self._ways or any(route[:length] in self.damage for length in range(len(route)))

    @cached_property
    def _ways(self) -> frozenset[Route]:
        return frozenset(route[:length] for route in self.damage for length in range(len(route) + 1))

    def span(self, *route: str | int) -> Span:
        """See `Source.span`."""
        return self.source.span(*route)

    def key_span(self, *route: str | int) -> Span:
        """See `Source.key_span`."""
        return self.source.key_span(*route)

    def inner_span(self, route: Route, start: int, length: int = 1) -> Span:
        """See `Source.inner_span`."""
        return self.source.inner_span(route, start, length)

    def line_text(self, span: Span) -> str:
        """See `Source.line_text`."""
        return self.source.line_text(span)
