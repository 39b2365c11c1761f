"""From a sandbox plan to the mounts that hold it on this file system, now and later.

A mount that hides something lies on what was there when it was made: an editor that saves a file by renaming
a new one over it, in any other process, takes the mount away with the old file. So nothing is ever hidden
that way. A folder of the host is bound only if nothing below it is given less, whatever is made or renamed
there; any other is shown as a copy (`copies`), on which the folders and files that can be bound lie.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, TypeAlias

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.plan import Rules, State

Mount: TypeAlias = Literal["write", "read", "copy"]
Mounts: TypeAlias = dict[Path, Mount]
MAX_MOUNTS: Final = 500
MAX_ENTRIES: Final = 50_000


def resolve(rules: Rules, programs: Iterable[Path] = ()) -> Mounts:
    """What is mounted where, outer places first. What no mount shows is not there.

    `programs` are bound read-only whatever the plan grants, also within a writable folder (a server does not
    rewrite itself), but not where it hides them. Raises `Refused`: `linked-path` for a granted place that is
    reached through a symbolic link, `no-program` where something within a program's folders is hidden,
    `too-many-files` beyond `MAX_MOUNTS` places to bind or `MAX_ENTRIES` to look at.
    """
    mounts: Mounts = {}
    for place, state in rules.granted():
        # A place that is missing is left out: it could be made as a link later.
        if _is_there(place) and (place.is_file() or (place.is_dir() and not rules.is_file(place))):
            mounts.update(_given(rules, place, state))
    for program in programs:
        if not rules.hides(program):
            if rules.hides_below(program):
                reason = "something in the installation of the program is excepted; move one of them"
                raise Refused("no-program", reason, str(program))
            mounts[program] = "read"
            _hold_in_place(program, mounts)
    if len(mounts) > MAX_MOUNTS:
        raise Refused("too-many-files", f"more than {MAX_MOUNTS} places to bind; grant fewer of them")
    return dict(sorted(mounts.items()))


def _given(rules: Rules, place: Path, state: State) -> Mounts:
    """The place bound as it is, or a copy and what is bound on it."""
    if not place.is_dir():
        return {place: _bound(state)}
    if rules.is_whole(place, state):
        return {place: _bound(state)}
    return {place: "copy", **dict(_on_copy(rules, place, state))}


def _on_copy(rules: Rules, folder: Path, state: State) -> Iterator[tuple[Path, Mount]]:
    """What of a copied folder is bound: folders that are whole; to be written, single files as well.

    A mount in a copied folder stays: nobody else renames there. Places of the plan are their own business.
    """
    places, left = [folder], MAX_ENTRIES
    while places:
        place = places.pop()
        if rules.reach(place) == "everything":
            continue  # so no folder in it is whole; and who writes files there could name them so
        for entry in _entries(place):
            path, left = Path(entry.path), left - 1
            if left < 0:
                raise Refused("too-many-files", "too many files around those excepted; grant fewer folders")
            if rules.is_place(path) or rules.child(path, state) == "mask":
                continue
            if entry.is_dir(follow_symlinks=False):
                if rules.is_whole(path, state):
                    yield path, _bound(state)
                else:
                    places.append(path)
            elif state == "write" and entry.is_file(follow_symlinks=False):
                yield path, "write"


def _bound(state: State) -> Mount:
    return "write" if state == "write" else "read"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in the folder, sorted; nothing where nobody may look."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _hold_in_place(path: Path, mounts: Mounts) -> None:
    """Make the writable folders around a program mounts of their own, for a mount cannot be renamed."""
    between: list[Path] = []
    for parent in path.parents:
        if parent in mounts:
            if mounts[parent] == "write":
                mounts.update(dict.fromkeys(between, "write"))
            return
        between.append(parent)


def _is_there(path: Path) -> bool:
    if not os.path.exists(path):  # noqa: PTH110 - false where nobody may look, and no error
        return False
    if os.path.realpath(path) != str(path):
        raise Refused(
            "linked-path", "a granted path leads through a symbolic link; grant where it leads", str(path)
        )
    return True
