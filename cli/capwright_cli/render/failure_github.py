"""Problems as annotations of a pull request."""

from __future__ import annotations

from capwright_cli.failures import Failure
from capwright_cli.render.annotations import annotation
from capwright_registry.errors import Problem
from capwright_registry.spans import Span


def render(failure: Failure) -> str:
    """An error for each problem, and one for those of a file that are left out."""
    title, root = failure.code or failure.kind, failure.sources.root
    found = [annotation("error", p.span, title, _lines(p), root) for p in failure.problems]
    left_out = [
        annotation("error", Span(file), title, [f"... and {number} more"], root)
        for file, number in failure.left_out.items()
    ]
    return "\n".join([*found, *left_out])


def _lines(problem: Problem) -> list[str]:
    return [problem.message, *([f"help: {problem.help}"] if problem.help else [])]
