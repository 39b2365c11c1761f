"""Answers as JSON values: the pieces that several of them share. `specs/output.md` states the schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from capwright_cli.contexts import written
from capwright_registry.conditions import Variable
from capwright_registry.errors import Problem
from capwright_registry.spans import Span

if TYPE_CHECKING:
    from capwright_policy.findings import Edit

Json = dict[str, Any]


def dumped(value: Json) -> str:
    """The text of an answer: ASCII, so that nothing in it acts on a terminal; keys in the schema's order."""
    return json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False)


def span_of(span: Span) -> Json:
    """A place: line and column from 1, in characters, end exclusive; all zero for a whole file."""
    return {
        "file": span.file,
        "start_line": span.line,
        "start_column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def problem_of(problem: Problem) -> Json:
    """One problem of the input."""
    return {"message": problem.message, "span": span_of(problem.span), "help": problem.help}


def context_of(context: Mapping[str, object], variables: Mapping[str, Variable]) -> dict[str, str]:
    """A context, each value in the text form that `--context NAME=VALUE` takes."""
    return {name: written(value, variables.get(name)) for name, value in sorted(context.items())}


def edit_of(edit: Edit) -> Json:
    """Replace what stands at the place by `text`; an empty place inserts."""
    return {**span_of(edit.span), "text": edit.text}
