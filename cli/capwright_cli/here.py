"""The current folder, which may be gone: another process can delete it at any time."""

from __future__ import annotations

from pathlib import Path


def here_or_none() -> Path | None:
    """The current folder; None where there is none any more."""
    try:
        return Path.cwd()
    except OSError:
        return None
