"""Problems, refusals and faults for programs."""

from __future__ import annotations

from capwright_cli.failures import Failure
from capwright_cli.render.structure import dumped, problem_of

SCHEMA = "capwright.failure/1"


def render(failure: Failure) -> str:
    """The failure as a JSON object."""
    return dumped(
        {
            "schema": SCHEMA,
            "kind": failure.kind,
            "code": failure.code,
            "problems": [problem_of(problem) for problem in failure.problems],
            "left_out": sum(failure.left_out.values()),
        }
    )
