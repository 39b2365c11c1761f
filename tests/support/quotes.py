"""Tests that quote: which sentence of `specs/` a test holds the code to.

    @quotes("patterns", "A root is expanded as literals.")
    def test_a_root_is_no_pattern() -> None: ...

A parametrised test may quote a row for each case: `pytest.param(..., marks=quotes("patterns", row))`. Quotes
are verbatim but for white space, and stand as plain strings in the module. A test whose cases are the rows of
a table as they stand in the document is marked with `runs` instead. `tests/test_quotes.py` holds all of them
against the documents.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.promises import plain, rows_under

TESTS = Path(__file__).parents[1]
NEVER_RUN = frozenset({"skip", "skipif", "xfail"})


@dataclass(frozen=True, slots=True)
class Quote:
    """One quotation. `test` says where; `runs` is false where the test may be skipped or may fail."""

    document: str
    text: str
    test: str
    runs: bool


def quotes(document: str, *sentences: str) -> pytest.MarkDecorator:
    """Mark a test as what holds the code to these sentences of `specs/DOCUMENT.md`."""
    if not sentences:
        raise ValueError("a quotation needs a sentence")
    return pytest.mark.quotes(document, *sentences)


def runs(document: str, heading: str) -> pytest.MarkDecorator:
    """Mark a test whose cases are the rows of the tables under a heading of `specs/DOCUMENT.md`, one each.

    What the document says is then what is run, and each row counts as quoted.
    """
    return pytest.mark.runs(document, heading)


def every_quote() -> list[Quote]:
    """The quotations of every test module."""
    found: list[Quote] = []
    for path in sorted(TESTS.rglob("test_*.py")):
        if "quotes(" in path.read_text(encoding="utf-8"):
            name = ".".join(path.relative_to(TESTS.parent).with_suffix("").parts)
            found += quotes_of(importlib.import_module(name), path)
    return found


def quotes_of(module: ModuleType, path: Path) -> Iterator[Quote]:
    """The quotations of a module's tests. Raises `ValueError` for one that is no string of its source.

    A quotation that is computed, from the document say, would agree with anything.
    """
    written = _strings(path)
    for test, marks in _tests(module):
        runs = not any(mark.name in NEVER_RUN for mark in marks)
        for mark in marks:
            if mark.name == "quotes":
                document, *sentences = mark.args
                for sentence in map(plain, sentences):
                    if sentence not in written:
                        raise ValueError(f"{test} computes its quotation: {sentence}")
                    yield Quote(document, sentence, test, runs)
            elif mark.name == "runs":
                yield from (Quote(mark.args[0], row, test, runs) for row in _run(test, mark, marks))


def _run(test: str, mark: pytest.Mark, marks: list[pytest.Mark]) -> list[str]:
    rows = rows_under(*mark.args)
    cases = [len(other.args[1]) for other in marks if other.name == "parametrize"]
    if not rows or len(rows) not in cases:
        raise ValueError(f"{test} has not one case for each row under `{mark.args[1]}`")
    return rows


def _strings(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(plain(value) for value in values if isinstance(value, str))


def _tests(module: ModuleType) -> Iterator[tuple[str, list[pytest.Mark]]]:
    """Every test function or method, and every parametrised case, with the marks it runs under."""
    for name, item in vars(module).items():
        if getattr(item, "__module__", None) != module.__name__:
            continue
        if name.startswith("test_"):
            yield from _cases(f"{module.__name__}::{name}", _marks(item))
        elif isinstance(item, type) and name.startswith("Test"):
            for method, function in vars(item).items():
                if method.startswith("test_"):
                    yield from _cases(
                        f"{module.__name__}::{name}::{method}", [*_marks(item), *_marks(function)]
                    )


def _cases(test: str, marks: list[pytest.Mark]) -> Iterator[tuple[str, list[pytest.Mark]]]:
    yield test, marks
    for mark in marks:
        for case in mark.args[1] if mark.name == "parametrize" else ():
            own = [_mark(one) for one in getattr(case, "marks", ())]
            if own:
                yield test, [*own, *(m for m in marks if m.name != "quotes")]


def _marks(item: object) -> list[pytest.Mark]:
    marks: Iterable[object] = getattr(item, "pytestmark", ())
    return [_mark(mark) for mark in marks]


def _mark(mark: object) -> pytest.Mark:
    found = getattr(mark, "mark", mark)
    assert isinstance(found, pytest.Mark)
    return found
