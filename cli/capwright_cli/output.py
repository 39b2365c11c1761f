"""Where what a command says goes: plain text, with colour only on a terminal.

`shown` values are either a `rich.text.Text` (styled, for people) or a `str` (for programs). Nothing here
reads markup, and every text is escaped by whoever builds it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeAlias

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    Shown: TypeAlias = Text | str


def emit(shown: Shown, *, error: bool = False) -> None:
    """Write `shown` and a line end to standard output, or to standard error. Honours `NO_COLOR`."""
    stream = sys.stderr if error else sys.stdout
    if isinstance(shown, str):
        stream.write(f"{shown}\n")
    elif stream.isatty():
        _console(stream).print(shown, soft_wrap=True)
    else:
        stream.write(f"{shown.plain}\n")


Tell: TypeAlias = Callable[[str, int, int], None]
"""Says what is being done, and how much of how much is done."""


@contextmanager
def working(what: str) -> Iterator[Tell]:
    """Show a bar beside `what` while the block runs, where a person can see it; else do nothing.

    The block is given what tells it how far it is.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=_console(sys.stderr), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda what, done, of: progress.update(task, description=what, completed=done, total=of)


def _console(stream: TextIO) -> Console:
    from rich.console import Console  # here: most runs have no terminal, and its import is felt

    return Console(file=stream, highlight=False, markup=False, emoji=False)
