"""From the bytes of a file to a document, with every problem of the file at once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from capwright_registry.documents.document import Document, Source
from capwright_registry.documents.lexical import BoundsError, check_bounds
from capwright_registry.documents.not_toml import not_toml, span_at
from capwright_registry.documents.problems import problems_of
from capwright_registry.documents.salvage import salvage
from capwright_registry.errors import Problem
from capwright_registry.spans import Span

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """What came of one file: a document or problems, and what TOML said, as far as it could be read.

    `remains` is what can still be understood beside the problems: it is there to find more of them.
    """

    document: Document[Model] | None
    problems: tuple[Problem, ...]
    data: dict[str, object]
    remains: Document[Model] | None = None

    @property
    def found(self) -> Document[Model] | None:
        """The document, or what remains of it."""
        return self.document or self.remains


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
        span = span_at(text, error.offset, file)
        return _failed(Problem(error.message, span, "split the document, or make it simpler"))
    except tomllib.TOMLDecodeError as error:
        return _failed(not_toml(text, error, file))
    source = Source(file, data)
    try:
        return Loaded(Document(model.model_validate(table), source), (), table)
    except ValidationError as error:
        problems = problems_of(error.errors(include_url=False), source, table, model)
        left = salvage(error, table, source, model)
        remains = None if left is None else Document(left.model, left.source, left.damage)
        more = () if left is None else left.problems
        return Loaded(None, tuple(sorted([*problems, *more], key=_place)), table, remains)


def _place(problem: Problem) -> tuple[int, int]:
    return problem.span.line, problem.span.column


def _failed(problem: Problem) -> Loaded[Model]:
    return Loaded(None, (problem,), {})


def _not_utf8(data: bytes, start: int, file: str) -> Problem:
    span = span_at(data[:start].decode(), start, file)
    return Problem(f"byte 0x{data[start]:02x} is not UTF-8", span, "save the file as UTF-8")
