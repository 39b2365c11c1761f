"""Renderers, found by name: `render/SUBJECT_FORMAT.py` shows one kind of answer in one format.

Each defines `render(answer)`, which gives a `rich.text.Text` for people or a `str` for programs. A new format
is a new file.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from capwright_cli.output import Shown


def render(subject: str, format_: str, answer: object) -> Shown:
    """The answer in a format, which the command's options have already checked to be one of its own."""
    module = importlib.import_module(f"{__name__}.{subject}_{format_}")
    return cast("Shown", module.render(answer))
