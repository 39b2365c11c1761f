"""Places in source files, as findings and problems point at them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file: 1-based line and column (in characters), end exclusive.

    `file` is the path as a user would type it (relative to the workspace where it lies inside).
    `line == 0` means the whole file.
    """

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
