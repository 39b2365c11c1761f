"""The two error roots, by who is at fault.

`InputError` is the input's fault and carries every problem found, each with its place; `InternalError` is
ours. Nothing else may reach a user.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from capwright_registry.spans import Span


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input: what, where, and what to do about it.

    `message` and `help` are lower case, end without a period and put names in backticks.
    """

    message: str
    span: Span
    help: str = ""


class CapwrightError(Exception):
    """The root of every error that Capwright raises on purpose."""


class InputError(CapwrightError):
    """The input is at fault. `problems` holds at least one `Problem`, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.span}: {p.message}" for p in self.problems))


class InternalError(CapwrightError):
    """We are at fault: an invariant of Capwright itself does not hold. Nothing may be admitted after it."""
