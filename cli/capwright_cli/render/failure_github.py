"""Problems as annotations of a pull request."""

from __future__ import annotations

from capwright_cli.failures import Failure
from capwright_cli.render.annotations import annotation


def render(failure: Failure) -> str:
    """An error for each problem."""
    return "\n".join(
        annotation(
            "error",
            problem.span,
            failure.code or failure.kind,
            [problem.message, *([f"help: {problem.help}"] if problem.help else [])],
            failure.sources.root,
        )
        for problem in failure.problems
    )
