"""Copies of the folders that a server may not see whole, with what it may see of them, kept up to date.

The server has no way to the folders themselves: whatever anybody makes, renames or replaces in one, only what
is read by a name that is granted ever comes into its copy. Folders, plain files and links are copied (a link
leads where its text leads in there); sockets, pipes and devices are not.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.copying import Round
from capwright_runtimes.sandbox.mounts import Mounts
from capwright_runtimes.sandbox.plan import Rules
from capwright_runtimes.sandbox.shelf import Shelf
from capwright_runtimes.sandbox.source import Facts


class Copies:
    """The copied folders of one server. `renew` brings them up to date, `close` removes them.

    Each file changes as a whole. Making and renewing them raises `Refused`: `too-many-files` beyond the
    bounds of `copying`, `no-copy` where they cannot be written.
    """

    def __init__(self, rules: Rules, mounts: Mounts) -> None:
        self._rules = rules
        self._mounted = {path: root for path in mounts if (root := _copied_around(path, mounts)) is not None}
        self._held = {on for path, root in self._mounted.items() for on in (path, *_between(root, path))}
        self._known: Mapping[Path, Facts] = {}
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None
        #: By copied folder, where its copy is.
        self.places: Mapping[Path, Path] = {}
        roots = [path for path, mount in mounts.items() if mount == "copy"]
        if roots:
            self._begin(roots)

    def renew(self) -> None:
        """Bring every copy up to date with what is there now; nothing once they are closed."""
        with self._lock:
            if self._shelf is None:
                return
            new = self._shelf.folder / "file"
            one = Round(self._rules, self._mounted.keys(), self._held, self._known, new)
            try:
                for root, copy in self.places.items():
                    one.copy(root, copy)
            except OSError as error:
                raise _refused(error) from error
            self._known = one.seen

    def close(self) -> None:
        """Remove the copies. May be called more than once."""
        with self._lock:
            if self._shelf is not None:
                self._shelf.close()
            self._shelf = None

    def _begin(self, roots: list[Path]) -> None:
        try:
            self._shelf = Shelf()
            self.places = {root: self._shelf.folder / str(n) for n, root in enumerate(roots)}
            self._make_places()
            self.renew()
        except OSError as error:
            self.close()
            raise _refused(error) from error
        except BaseException:
            self.close()
            raise

    def _make_places(self) -> None:
        """The copies, empty, and in them what is mounted on: nobody can make it once they are read-only."""
        for copy in self.places.values():
            copy.mkdir()
        for path, root in self._mounted.items():
            place = self.places[root] / path.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.mkdir(exist_ok=True) if path.is_dir() else place.touch()


def _copied_around(path: Path, mounts: Mounts) -> Path | None:
    """The copied folder that a mount lies on, if it lies on one."""
    around = next((parent for parent in path.parents if parent in mounts), None)
    return around if around is not None and mounts[around] == "copy" else None


def _between(root: Path, path: Path) -> list[Path]:
    return [parent for parent in path.parents if root in parent.parents]


def _refused(error: OSError) -> Refused:
    return Refused("no-copy", "the folders that a server is shown cannot be copied", str(error))
