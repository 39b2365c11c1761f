"""The sandbox table of a proof, and what it says of a path by its name alone: nothing here looks at files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.matching import glob_matcher
from capwright_registry.patterns import build_trie, parse
from capwright_registry.trie import Trie
from capwright_runtimes.refusal import Refused

State: TypeAlias = Literal["write", "read", "mask"]
Reach: TypeAlias = Literal["nothing", "names", "everything"]
_RANK: Final[Mapping[State, int]] = {"mask": 0, "read": 1, "write": 2}


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

    @property
    def places(self) -> dict[Path, State]:
        """What the plan says of each place that it names, outer ones first."""
        said: dict[Path, State] = {
            **dict.fromkeys(self.read, "read"),
            **dict.fromkeys(self.write, "write"),
            **dict.fromkeys(self.mask, "mask"),
        }
        return dict(sorted(said.items()))

    def hiding(self, glob: str) -> Plan:
        """The same plan with one more pattern that hides what it matches."""
        return replace(self, mask_globs=(*self.mask_globs, glob))


class Rules:
    """A plan, compiled. What is given of a path never depends on what lies there."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._places = plan.places
        patterns = [parse("path", glob) for glob in plan.mask_globs]
        self._trie = Trie(build_trie(patterns)) if patterns else None
        self._globs = [tuple(pattern.canonical.split("/")[1:]) for pattern in patterns]

    def granted(self) -> Iterator[tuple[Path, State]]:
        """The places that the plan names and gives, outer ones first."""
        for place in self._places:
            if (state := self.child(place, "mask")) != "mask":
                yield place, state

    def is_place(self, path: Path) -> bool:
        """Whether the plan names the path itself."""
        return path in self._places

    def is_file(self, path: Path) -> bool:
        """Whether the path is given only as a single file."""
        return path in self._plan.files

    def child(self, path: Path, around: State) -> State:
        """What is given of a path, where `around` is given of the folder that holds it."""
        return "mask" if self._is_named(path) else self._places.get(path, around)

    def hides(self, path: Path) -> bool:
        """Whether the path, or a folder around it, is excepted from something that is given."""
        for place in (path, *path.parents):
            said = self._places.get(place)
            if self._is_named(place) or said == "mask":
                return any(self._places.get(outer, "mask") != "mask" for outer in (place, *place.parents))
            if said is not None:
                return False
        return False

    def hides_below(self, path: Path) -> bool:
        """Whether a place below the path is excepted from something that is given."""
        masked = (place for place, said in self._places.items() if said == "mask")
        return any(path in place.parents and self.hides(place) for place in masked)

    def is_whole(self, path: Path, state: State) -> bool:
        """Whether nothing below the path is given less than `state`, whatever is made or renamed there."""
        below = (said for place, said in self._places.items() if path in place.parents)
        return all(_RANK[said] >= _RANK[state] for said in below) and self.reach(path) == "nothing"

    def reach(self, path: Path) -> Reach:
        """What the wildcards may hide below the path: nothing, some names on the way down, or anything."""
        found = [_reach(glob, path.parts[1:]) for glob in self._globs]
        return "everything" if "everything" in found else "names" if "names" in found else "nothing"

    def _is_named(self, path: Path) -> bool:
        """Whether a wildcard names the path; so it is taken where the path has no name to compare."""
        if self._trie is None:
            return False
        try:
            text = canonical("path", str(path))
            return text != str(path) or bool(self._trie.walk(segments("path", text)))
        except (ResourceError, UnicodeError):
            return True


def _reach(glob: tuple[str, ...], path: tuple[str, ...]) -> Reach:
    for place, part in enumerate(glob):
        if part == "**":
            return "everything"
        if place == len(path):
            return "names"
        if not glob_matcher(part)(path[place]):
            return "nothing"
    return "nothing"  # as long as the pattern or longer, and there is no `**` in it


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
