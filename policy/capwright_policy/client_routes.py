"""What other clients load in the workspace's folder: ways to effects that no gate of ours sees.

Every entry of a key that a client loads from is one, whatever it is: also one that is switched off, since
whoever switches it on changes nothing that a proof is bound to, and one of a shape that the client may not
take.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from capwright_registry.clients.places import Key, Kind
from capwright_registry.clients.reading import ClientFile
from capwright_registry.suggest import clip

#: What of a digest stands in a subject: enough that nobody finds another entry with the same.
_DIGITS = 12
Route = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ClientRoute:
    """One thing that a client loads: `route` is where in the file it stands, empty for the file itself.

    `subject` ends in a digest of what it is, so that an accept is of exactly this.
    """

    file: ClientFile
    kind: Kind
    route: Route
    digest: str

    @property
    def name(self) -> str:
        """What it is called: its key, the text itself in a list of texts, or its file."""
        last = self.route[-1] if self.route else self.file.file
        return shown(last if isinstance(last, str) else str(value_at(self.file, self.route)))

    @property
    def subject(self) -> str:
        """`.mcp.json#mcpServers.github@0123456789ab`."""
        place = "#" + ".".join(shown(str(part)) for part in self.route) if self.route else ""
        return f"{shown(self.file.file)}{place}@{self.digest[:_DIGITS]}"


def client_routes(file: ClientFile) -> Iterator[ClientRoute]:
    """Everything that the file has its client load, in the file's order."""
    if file.content is None:
        yield ClientRoute(file, file.place.kind, (), file.sha256)
        return
    for key in file.place.keys:
        for route, value in _entries(file, key):
            yield ClientRoute(file, key.kind, route, _digest(route, value))


def shown(name: str) -> str:
    """A name as a proof and a finding hold it: bounded, and without halves of characters."""
    return clip(name).encode("utf-8", "backslashreplace").decode()


def value_at(file: ClientFile, route: Route) -> object:
    """What stands there; None where nothing does."""
    value: object = file.content
    for part in route:
        if isinstance(value, Mapping):
            value = value.get(str(part))
        else:
            value = value[part] if isinstance(value, list) and isinstance(part, int) else None
    return value


def _entries(file: ClientFile, key: Key) -> Iterator[tuple[Route, object]]:
    value = value_at(file, key.path)
    if not key.path:
        named = {other.path[0] for other in file.place.keys if other.path}
        found = (value if isinstance(value, Mapping) else {}).items()
        yield from (((name,), item) for name, item in found if name not in named and isinstance(item, dict))
    elif key.whole or not isinstance(value, dict | list):
        if _loads(key, value):
            yield key.path, value
    else:
        members = value.items() if isinstance(value, dict) else enumerate(value)
        yield from (((*key.path, name), item) for name, item in members if _loads(key, item))


def _loads(key: Key, item: object) -> bool:
    """Whether it is a thing to load, and no empty one, and no number or word that says how to."""
    if key.kind == "subagent":
        return isinstance(item, dict)
    return (isinstance(item, str | list | dict) and bool(item)) or (key.kind == "plugin" and item is True)


def _digest(route: Route, value: object) -> str:
    text = json.dumps([route, value], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
