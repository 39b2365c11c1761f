"""The system folders as every program in the sandbox sees them: read-only, and without what a policy decides.

A workspace can lie in one of them (`/usr/src/app`). Then that folder is not shown whole: what lies beside the
workspace is bound one by one, so that there is no mount over it that could come off.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from capwright_registry.system_folders import SYSTEM_FOLDERS
from capwright_runtimes.refusal import Refused

MAX_BESIDE: Final = 500


def decided(places: Iterable[Path]) -> frozenset[Path]:
    """Those of the places that lie below a system folder, by their own name and where they really are."""
    found = {Path(form) for place in places for form in (str(place), os.path.realpath(place))}
    return frozenset(p for p in found if any(Path(folder) in p.parents for folder in SYSTEM_FOLDERS))


def shown(hidden: Collection[Path]) -> Iterator[str]:
    """Bubblewrap's options for the system folders without the `hidden` places and what is in them.

    Raises `Refused` (`too-many-files`) when more than `MAX_BESIDE` would have to be bound one by one.
    """
    options = [option for folder in SYSTEM_FOLDERS for option in _shown(Path(folder), hidden)]
    if options.count("--ro-bind") > MAX_BESIDE:
        reason = "too much lies beside it in a folder of the system; move the workspace elsewhere"
        raise Refused("too-many-files", reason, ", ".join(sorted(map(str, hidden))))
    yield from options


def _shown(path: Path, hidden: Collection[Path]) -> Iterator[str]:
    if path in hidden or not os.path.lexists(path):
        return
    if path.is_symlink():
        yield from ("--symlink", str(path.readlink()), str(path))
    elif not any(path in place.parents for place in hidden):
        yield from ("--ro-bind", str(path), str(path))
    else:
        yield from ("--dir", str(path))
        for name in sorted(_names(path)):
            yield from _shown(path / name, hidden)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names alone: each is looked at when it is shown
    except OSError:
        return []
