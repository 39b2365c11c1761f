"""What looks on while a verification runs: the bar on a terminal, and the folder of SMT-LIB scripts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

from capwright_cli.atomic import write_beneath
from capwright_cli.output import Tell
from capwright_policy.smtlib import Export
from capwright_policy.watch import Several, Watch
from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span


class _Bar(Watch):
    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def begins(self, check: str, number: int, of: int) -> None:
        self._tell(check, number, of)


def watching(tell: Tell, dump: Path | None) -> Watch:
    """A watch that tells how far the run is, and writes scripts below `dump` where one is named.

    Raises `InputError` for a folder that is not empty: what an older run left there would be taken for this
    one's.
    """
    return _Bar(tell) if dump is None else Several(_Bar(tell), Export(_into(dump)))


def _into(folder: Path) -> Callable[[str, str], None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError as error:
        raise _refused(folder, f"cannot be made: {(error.strerror or 'no reason given').lower()}") from error
    if used:
        raise _refused(folder, "is not empty")
    return partial(_write, folder.resolve())


def _write(base: Path, name: str, text: str) -> None:
    write_beneath(base, PurePosixPath(name), text.encode())


def _refused(folder: Path, why: str) -> InputError:
    return InputError([Problem(f"`{folder}` {why}", Span(""), "name a new folder for the scripts")])
