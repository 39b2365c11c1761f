"""GitHub workflow commands: one line an annotation, on the file and line of a pull request.

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. The escapes are
those of the toolkit's `command.ts`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from capwright_cli.escape import escape
from capwright_cli.here import here_or_none
from capwright_registry.spans import Span


def annotation(level: str, span: Span, title: str, lines: Iterable[str], root: Path | None) -> str:
    """`::error file=...,line=...::message`; the texts are escaped here, line by line.

    GitHub takes paths from the top of the checkout, so that a workspace below it needs its prefix.
    """
    properties: dict[str, object] = {}
    if span.file:
        properties["file"] = _from_checkout(span.file, root)
    if span.line:
        properties |= {"line": span.line, "endLine": span.end_line}
        properties |= {"col": span.column} if span.line != span.end_line else _columns(span)
    properties["title"] = title
    message = "%0A".join(_data(escape(line)) for line in lines)
    return f"::{level} {_listed(properties)}::{message}"


def _columns(span: Span) -> dict[str, object]:
    return {"col": span.column, "endColumn": max(span.column, span.end_column - 1)}


def _listed(properties: Mapping[str, object]) -> str:
    return ",".join(f"{name}={_property(escape(str(value)))}" for name, value in properties.items())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _from_checkout(file: str, root: Path | None) -> str:
    if root is None or file.startswith("/"):
        return file
    whole = root / file
    for top in (os.environ.get("GITHUB_WORKSPACE", ""), str(here_or_none() or "")):
        if top and whole.is_relative_to(os.path.realpath(top)):
            return whole.relative_to(os.path.realpath(top)).as_posix()
    return str(whole)
