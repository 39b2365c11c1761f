"""Where the problems of one load are gathered, so that all of them are told at once."""

from __future__ import annotations

from collections.abc import Iterable

from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span


class Report:
    """Gathers problems. Lives for one load; never shared."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    @property
    def count(self) -> int:
        """How many problems were noted so far."""
        return len(self._problems)

    def add(self, span: Span, message: str, help: str = "") -> None:  # noqa: A002 - the problem's word
        """Note one problem."""
        self._problems.append(Problem(message, span, help))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note several problems."""
        self._problems.extend(problems)

    def raise_if_any(self) -> None:
        """Raise `InputError` with every problem noted, each once, by file and place; else do nothing."""
        if self._problems:
            raise InputError(sorted(dict.fromkeys(self._problems), key=_place))


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.span.file, problem.span.line, problem.span.column
