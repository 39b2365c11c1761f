"""What the TOML parser says, in our words: what is wrong, where, and what to do about it."""

from __future__ import annotations

import ast
import re
import tomllib
from datetime import date
from typing import Final

from capwright_registry.errors import Problem
from capwright_registry.spans import Span
from capwright_registry.suggest import clip

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_POSITION: Final = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)
_TUPLE: Final = re.compile(r"\('.*',?\)", re.DOTALL)
_QUOTED: Final = re.compile(r"'(.+?)'(?!')")
_ONE: Final = "keep one of the two"
_QUOTES: Final = "close the text with the quotes that it begins with"

#: By how the parser's message begins. Its words are those of CPython's `tomllib`; others have no help.
_HELP: Final = {
    "invalid value": "put a text in quotes; numbers, dates, `true` and `false` stand without",
    "invalid statement": "write `key = value`, `[table]` or `[[entry of a list]]` on a line of its own",
    "invalid initial character": "put such a key in quotes; an inline table stays on one line",
    "invalid date": "write a day or a time that is there, like `2027-01-31`",
    "invalid hex": r"write `\u` and four hexadecimal digits",
    "escaped character": r"write `\u` and four hexadecimal digits of a character",
    "expected newline": "end the line after the value; a comma stands only within brackets and braces",
    "expected '='": "write `key = value`",
    'expected "': _QUOTES,
    "expected '\"": _QUOTES,
    "expected ']'": "close the header with `]`",
    "expected ']]'": "close the header with `]]`",
    "cannot declare": "put all of its keys below one header; the entries of a list have `[[...]]`",
    "cannot mutate": "write all keys of an inline table or list between its braces or brackets",
    "cannot redefine": "write all keys of an inline table or list between its braces or brackets",
    "cannot overwrite": f"the key is there already: {_ONE}",
    "duplicate inline": _ONE,
    "unclosed array": "close it with `]`, and put commas between the entries",
    "unclosed inline": "close it with `}` on the same line",
    "unescaped": r"write `\\` for a backslash, or put the text in single quotes",
    "unterminated": _QUOTES,
    "illegal character": "close the text on the line where it begins, and write other controls as escapes",
    "found invalid": "remove it",
}


def not_toml(text: str, error: tomllib.TOMLDecodeError, file: str) -> Problem:
    """The problem that `error`, which came of parsing `text`, stands for."""
    match = _POSITION.fullmatch(str(error))
    what = match["what"] if match else str(error)
    if match and match["line"]:
        line, column = int(match["line"]), int(match["column"])
        span = Span(file, line, column, line, column + 1)
    else:
        span = span_at(text, len(text), file)
    what = f"{what[:1].lower()}{what[1:]}"
    none = _date_at(text, span)
    if none is not None:
        return Problem(
            f"not valid TOML: there is no date `{none}`",
            span,
            "write a day that the calendar has, like `2027-01-31`",
        )
    help_text = next((found for start, found in _HELP.items() if what.startswith(start)), "")
    return Problem(f"not valid TOML: {_shown(what)}", span, help_text)


def _date_at(text: str, span: Span) -> str | None:
    """The date that is none where the parser stopped, which it does in the middle of one."""
    line = text.split("\n")[span.line - 1 : span.line]
    found = (match for part in line for match in _DATE.finditer(part))
    here = (match[0] for match in found if match.start() < span.column <= match.end())
    return next((written for written in here if not _exists(written)), None)


def _exists(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def span_at(text: str, offset: int, file: str) -> Span:
    """The place of the character at `offset` of `text`."""
    head = text[:offset]
    line = head.count("\n") + 1
    column = len(head) - (head.rfind("\n") + 1) + 1
    return Span(file, line, column, line, column + 1)


def _shown(what: str) -> str:
    """The parser's words, with backticks: it shows a key as Python's tuple of its parts."""
    found = _TUPLE.search(what)
    if found is None:
        return _QUOTED.sub(lambda match: f"`{match[1]}`", what)
    try:
        parts = ast.literal_eval(found[0])
    except (ValueError, SyntaxError):
        return what
    key = clip(".".join(map(str, parts)))
    return f"{what[: found.start()]}`{key}`{what[found.end() :]}"
