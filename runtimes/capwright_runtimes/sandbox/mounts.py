"""From a sandbox plan to the mounts that hold it on this file system, now.

The plan names paths without having seen them. Here each is looked at: a link could lead out of what was
granted, a hidden place that does not exist could be made, and one that lies in a writable folder could be
moved away by renaming the folder around it. Where a mount cannot hold what the plan says, less is given.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.patterns import build_trie, parse
from capwright_registry.trie import Trie
from capwright_runtimes.refusal import Refused

State: TypeAlias = Literal["write", "read", "mask"]
States: TypeAlias = dict[Path, State]
MAX_ENTRIES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Plan:
    """The sandbox table of a proof, with its shape checked. Paths are absolute; the longest one holds."""

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    mask: tuple[Path, ...] = ()
    files: frozenset[Path] = field(default=frozenset())
    mask_globs: tuple[str, ...] = ()
    network: bool = False

    @staticmethod
    def of(table: Mapping[str, object]) -> Plan:
        """Raises `Refused` (`bad-table`) for another shape: an unknown key could be a restriction."""
        known = {"read", "write", "mask", "files", "mask_globs", "network", "lost"}
        if not {"read", "write", "mask", "network"} <= table.keys() <= known:
            raise Refused("bad-table", "the sandbox table does not have the keys it should")
        network = table["network"]
        if not isinstance(network, bool):
            raise Refused("bad-table", "`network` in the sandbox table must be a boolean")
        read, write, mask = (_paths(table, key) for key in ("read", "write", "mask"))
        if len({*read, *write, *mask}) != len(read) + len(write) + len(mask):
            raise Refused("bad-table", "a path stands twice in the sandbox table")
        files = frozenset(_paths(table, "files"))
        return Plan(read, write, mask, files, _texts(table, "mask_globs"), network)


def resolve(plan: Plan, programs: Iterable[Path] = ()) -> States:
    """What is mounted where, over the plan as the file system is now. The longest path holds.

    `programs` are bound read-only whatever the plan grants, also within a writable folder (a server does not
    rewrite itself), but not where it hides them. Raises `Refused`: `linked-path` for a granted place that is
    reached through a symbolic link, `too-many-files` when more than `MAX_ENTRIES` would have to be looked at
    for exceptions with wildcards.
    """
    states = _granted(plan)
    for path in [*plan.mask, *_matching(plan.mask_globs, [*states])]:
        around = _nearest(states, path)
        if _is_plain(path) and around != "mask":
            states[path] = "mask"
        elif around == "write":
            states[_existing(path.parent)] = "read"
    hidden = frozenset(path for path, state in states.items() if state == "mask")
    states.update({path: "read" for path in programs if hidden.isdisjoint((path, *path.parents))})
    for path in [path for path, state in states.items() if state != "write"]:
        _hold_in_place(path, states)
    return states


def _granted(plan: Plan) -> States:
    """The places that are there. One that is missing is left out: it could be made as a link later."""
    found: States = {}
    wanted: list[tuple[Path, State]] = [
        *((p, "write") for p in plan.write),
        *((p, "read") for p in plan.read),
    ]
    for path, state in sorted(wanted):
        if not os.path.exists(path):  # noqa: PTH110 - false where nobody may look, and no error
            # Read-only within a writable folder, and not there: nobody may make it.
            if _nearest(found, path) == "write":
                found[_existing(path.parent)] = "read"
            continue
        if not _is_plain(path):
            raise Refused(
                "linked-path", "a granted path leads through a symbolic link; grant where it leads", str(path)
            )
        if path not in plan.files or path.is_file():
            found[path] = state
    return found


def _matching(globs: Iterable[str], roots: Iterable[Path]) -> Iterator[Path]:
    """The places from the roots down that a pattern names, that have no name to match, or that are closed."""
    trie = Trie(build_trie([parse("path", glob) for glob in globs]))
    places, left = [*roots] if globs else [], MAX_ENTRIES
    while places:
        place, left = places.pop(), left - 1
        if left < 0:
            raise Refused(
                "too-many-files", "too many files to look for the excepted ones; grant fewer folders"
            )
        within = None if _is_named(trie, str(place)) else _entries(place)
        if within is None:
            yield place
        else:
            places.extend(within)


def _entries(place: Path) -> list[Path] | None:
    """What is in a folder; nothing for a file, a link, or what has gone; None where nobody may look."""
    try:
        if not stat.S_ISDIR(place.lstat().st_mode):
            return []
        return [place / name for name in os.listdir(place)]  # noqa: PTH208 - names alone, so that one `lstat` decides
    except PermissionError:
        return None
    except OSError:
        return []


def _is_named(trie: Trie, path: str) -> bool:
    try:
        text = canonical("path", path)
        return text != path or bool(trie.walk(segments("path", text)))
    except (ResourceError, UnicodeError):
        return True


def _hold_in_place(path: Path, states: States) -> None:
    """Make the folders around a place mounts of their own, for a mount cannot be renamed."""
    between: list[Path] = []
    for parent in path.parents:
        if parent in states:
            if states[parent] == "write":
                states.update(dict.fromkeys(between, "write"))
            return
        between.append(parent)


def _is_plain(path: Path) -> bool:
    return os.path.lexists(path) and os.path.realpath(path) == str(path)


def _existing(path: Path) -> Path:
    """The nearest place that is there under its plain name, going up."""
    return next(place for place in (path, *path.parents) if _is_plain(place))


def _nearest(states: States, path: Path) -> State:
    return next((states[place] for place in (path, *path.parents) if place in states), "mask")


def _paths(table: Mapping[str, object], key: str) -> tuple[Path, ...]:
    texts = _texts(table, key)
    for text in texts:
        if not text.startswith("/") or os.path.normpath(text) != text or text == "/" or text.startswith("//"):
            raise Refused("bad-table", f"`{key}` in the sandbox table must hold plain absolute paths", text)
    return tuple(Path(text) for text in texts)


def _texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, ())
    if not isinstance(value, (list, tuple)) or not all(
        isinstance(item, str) and "\0" not in item for item in value
    ):
        raise Refused("bad-table", f"`{key}` in the sandbox table must be a list of texts")
    return tuple(value)
