"""What is no TOML: the parser's words in ours, and what to do about each of them."""

from __future__ import annotations

import pytest

from capwright_registry.documents.load import load_document
from capwright_registry.documents.profile import ProfileDoc
from tests.support.workspaces import ROOT, shown

CLOSED = "write all keys of an inline table or list between its braces or brackets"
HEADER = "put all of its keys below one header; the entries of a list have `[[...]]`"
QUOTES = "close the text with the quotes that it begins with"


@pytest.mark.parametrize(
    ("text", "place", "what", "help_text"),
    [
        (
            "id = [",
            "1:7",
            "invalid value",
            "put a text in quotes; numbers, dates, `true` and `false` stand without",
        ),
        ("a = 1\na = 2", "2:6", "cannot overwrite a value", "the key is there already: keep one of the two"),
        (
            "a = 2027-02-30",
            "1:5",
            "there is no date `2027-02-30`",
            "write a day that the calendar has, like `2027-01-31`",
        ),
        ("[scope]\n[scope]\n", "2:7", "cannot declare `scope` twice", HEADER),
        ("[a.'b c']\n[a.'b c']", "2:9", "cannot declare `a.b c` twice", HEADER),
        ("a = [1]\n[[a]]", "2:4", "cannot mutate immutable namespace `a`", CLOSED),
        ("a = {b = 1, b = 2}", "1:18", "duplicate inline table key `b`", "keep one of the two"),
        ("a = 'x", "1:7", 'expected "\'"', QUOTES),
        ('a = """x', "1:9", "unterminated string", QUOTES),
        ("x\n", "1:2", "expected `=` after a key in a key/value pair", "write `key = value`"),
        ("[[a]\n", "1:4", "expected `]]` at the end of an array declaration", "close the header with `]]`"),
        (
            "a = { b = 2026-13-01 }",
            "1:15",
            "there is no date `2026-13-01`",
            "write a day that the calendar has, like `2027-01-31`",
        ),
        ("a = {b = 1", "1:11", "unclosed inline table", "close it with `}` on the same line"),
    ],
)
def test_every_message_says_what_to_do(text: str, place: str, what: str, help_text: str) -> None:
    problems = load_document(text.encode(), "f.toml", ProfileDoc).problems
    assert shown(problems, ROOT) == f"f.toml:{place}: not valid TOML: {what} ({help_text})\n"
