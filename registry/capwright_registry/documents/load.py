"""From the bytes of a file to a document, with every problem of the file at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from capwright_registry.documents.document import Document, Source
from capwright_registry.documents.lexical import BoundsError, check_bounds
from capwright_registry.documents.problems import problems_of
from capwright_registry.errors import Problem
from capwright_registry.spans import Span

Model = TypeVar("Model", bound=BaseModel)

_POSITION = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """What came of one file: a document or problems, and what TOML said, as far as it could be read."""

    document: Document[Model] | None
    problems: tuple[Problem, ...]
    data: dict[str, object]


def load_document(data: bytes, file: str, model: type[Model]) -> Loaded[Model]:
    """Read `data` as TOML and as `model`. Total: whatever is wrong is in `problems`, in file order.

    `file` is the name that spans show. The caller bounds the size of `data`.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _failed(_not_utf8(data, error.start, file))
    if text.startswith("\ufeff"):
        span = Span(file, 1, 1, 1, 2)
        return _failed(
            Problem("the file starts with a byte order mark", span, "save it as UTF-8 without one")
        )
    try:
        check_bounds(text)
        table = tomllib.loads(text)
    except BoundsError as error:
        span = _span_at(text, error.offset, file)
        return _failed(Problem(error.message, span, "split the document, or make it simpler"))
    except tomllib.TOMLDecodeError as error:
        return _failed(_not_toml(text, error, file))
    source = Source(file, data)
    try:
        return Loaded(Document(model.model_validate(table), source), (), table)
    except ValidationError as error:
        problems = sorted(problems_of(error, source, table, model), key=_place)
        return Loaded(None, tuple(problems), table)


def _place(problem: Problem) -> tuple[int, int]:
    return problem.span.line, problem.span.column


def _failed(problem: Problem) -> Loaded[Model]:
    return Loaded(None, (problem,), {})


def _not_utf8(data: bytes, start: int, file: str) -> Problem:
    span = _span_at(data[:start].decode(), start, file)
    return Problem(f"byte 0x{data[start]:02x} is not UTF-8", span, "save the file as UTF-8")


def _not_toml(text: str, error: tomllib.TOMLDecodeError, file: str) -> Problem:
    match = _POSITION.fullmatch(str(error))
    what = match["what"] if match else str(error)
    if match and match["line"]:
        line, column = int(match["line"]), int(match["column"])
        span = Span(file, line, column, line, column + 1)
    else:
        span = _span_at(text, len(text), file)
    return Problem(f"not valid TOML: {what[:1].lower()}{what[1:]}", span)


def _span_at(text: str, offset: int, file: str) -> Span:
    head = text[:offset]
    line = head.count("\n") + 1
    column = len(head) - (head.rfind("\n") + 1) + 1
    return Span(file, line, column, line, column + 1)
