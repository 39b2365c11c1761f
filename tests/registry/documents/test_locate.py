"""Where keys and values stand: every route of a document resolves to the text that says it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time

import pytest

from capwright_registry.documents.document import Source
from capwright_registry.documents.locate import Route
from capwright_registry.spans import Span

DOCUMENT = """\
top = "héé"  # a comment
a.b."c d" = 1
"q\\u0041" = { k = [ 1, # one
  "two", ], dotted.key = true }
wide = ["é", "z"]
long = \"\"\"x
y\"\"\"

[table . sub]
when = 2027-01-31

[[list]]
n = 1
[list.below]
m = [[1, 2], [3]]
[[list]]
n = 2
[[list.more]]
o = 1
[[list.more]]
o = 2
"""


def source(text: str = DOCUMENT) -> Source:
    return Source("f.toml", text.encode())


def text_at(span: Span) -> str:
    """The text of a span, in DOCUMENT."""
    lines = DOCUMENT.split("\n")[span.line - 1 : span.end_line]
    if len(lines) == 1:
        return lines[0][span.column - 1 : span.end_column - 1]
    return "\n".join([lines[0][span.column - 1 :], *lines[1:-1], lines[-1][: span.end_column - 1]])


@pytest.mark.parametrize(
    ("route", "text"),
    [
        (("top",), '"héé"'),
        (("a", "b", "c d"), "1"),
        (("a",), "a"),
        (("a", "b"), "b"),
        (("qA", "k", 1), '"two"'),
        (("qA", "dotted", "key"), "true"),
        (("wide", 1), '"z"'),
        (("long",), '"""x\ny"""'),
        (("table",), "[table . sub]"),
        (("table", "sub", "when"), "2027-01-31"),
        (("list", 0), "[[list]]"),
        (("list", 0, "below", "m", 0, 1), "2"),
        (("list", 1, "n"), "2"),
        (("list", 1, "more", 1), "[[list.more]]"),
        (("list", 1, "more", 1, "o"), "2"),
    ],
)
def test_a_route_resolves_to_its_text(route: Route, text: str) -> None:
    assert text_at(source().span(*route)) == text


@pytest.mark.parametrize(
    ("route", "text"),
    [(("top",), "top"), (("a", "b", "c d"), '"c d"'), (("qA",), '"q\\u0041"'), (("list", 1, "n"), "n")],
)
def test_a_key_resolves_to_its_own_text(route: Route, text: str) -> None:
    assert text_at(source().key_span(*route)) == text


def test_the_second_table_of_an_array_is_at_its_own_header() -> None:
    assert [source().span("list", n).line for n in (0, 1)] == [12, 16]


def test_what_is_missing_is_at_what_encloses_it() -> None:
    assert text_at(source().span("list", 0, "below", "none", 3)) == "[list.below]"
    assert source().span("none") == Span("f.toml")
    assert source().span() == Span("f.toml")


def test_columns_count_characters() -> None:
    assert source().span("wide", 1) == Span("f.toml", 5, 14, 5, 17)


def test_every_route_resolves() -> None:
    """Each value that `tomllib` finds has a place, and its text reads as that value."""
    table = tomllib.loads(DOCUMENT)
    for route, value in routes(table):
        span = source().span(*route)
        assert span.line > 0, route
        if not isinstance(value, dict | list):
            assert tomllib.loads(f"v = {text_at(span)}") == {"v": value}, route


def routes(value: object, at: Route = ()) -> Iterator[tuple[Route, object]]:
    """Every route below `value`, with what is there."""
    below: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        below = list(value.items())
    elif isinstance(value, list):
        below = list(enumerate(value))
    else:
        assert isinstance(value, str | int | float | date | datetime | time)
    for step, item in below:
        yield (*at, step), item
        yield from routes(item, (*at, step))


def test_a_place_within_a_string() -> None:
    text = 'a = "é${x}b"\n'
    span = Source("f.toml", text.encode()).inner_span(("a",), 1, 4)
    assert span == Span("f.toml", 1, 7, 1, 11)


@pytest.mark.parametrize("text", ['a = "\\u0041${x}"', 'a = """${x}"""', 'a = """\n${x}"""', "b = 1"])
def test_a_place_within_a_string_that_is_not_as_it_reads_is_the_whole_string(text: str) -> None:
    found = Source("f.toml", text.encode())
    assert found.inner_span(("a",), 1, 4) == found.span("a")


def test_the_line_of_a_span() -> None:
    assert source().line_text(source().span("wide", 1)) == 'wide = ["é", "z"]'
    assert source().line_text(Span("f.toml")) == ""
    assert Source("f.toml", b"a = 1\r\nb = 2\r\n").line_text(Span("f.toml", 1, 1, 1, 2)) == "a = 1"
