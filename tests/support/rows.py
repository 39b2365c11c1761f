"""Rows of a document's tables of refusals, as tests quote them, and what their cells say of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from tests.support.quotes import quotes

_BAR = re.compile(r"(?<!\\)\|")


def cells(row: str) -> tuple[str, ...]:
    """The cells of a row, as they read once Markdown has shown them."""
    return tuple(cell.strip().replace(r"\|", "|") for cell in _BAR.split(row)[1:-1])


def says(cell: str, text: str) -> bool:
    """Whether the text is what the cell says, each `…` in it standing for some text."""
    return re.fullmatch(".*".join(map(re.escape, cell.split("…"))), text, re.DOTALL) is not None


def row_cases(document: str, rows: Iterable[tuple[str, Iterable[Any]]]) -> list[Any]:
    """A case for each row and each of its provocations, quoting the row."""
    return [
        pytest.param(row, given, marks=quotes(document, row), id=f"{cells(row)[-2][:40]}-{given!r}"[:90])
        for row, provocations in rows
        for given in provocations
    ]
