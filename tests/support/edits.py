"""Edits of findings, applied to the files of a workspace."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from capwright_policy.findings import Edit


def apply_edits(root: Path, edits: Iterable[Edit]) -> None:
    """Apply edits to the workspace at `root`; their spans refer to the files as they were before."""
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(edit.span.file, []).append(edit)
    for name, own in by_file.items():
        path = root / name
        path.write_text(edited(path.read_text(encoding="utf-8"), own), encoding="utf-8")


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with its edits; of two inserts at one place the earlier comes first. Overlaps are refused."""
    places = sorted(
        (
            (
                _offset(text, e.span.line, e.span.column),
                _offset(text, e.span.end_line, e.span.end_column),
                e.text,
            )
        )
        for e in edits
    )
    result, done = "", 0
    for start, end, new in places:
        assert done <= start <= end, "edits overlap"
        result += text[done:start] + new
        done = end
    return result + text[done:]


def _offset(text: str, line: int, column: int) -> int:
    """The offset of a place, in characters."""
    lines = text.split("\n")
    assert 1 <= line <= len(lines), "the line is not in the file"
    assert 1 <= column <= len(lines[line - 1]) + 1, "the column is not in the line"
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1
