"""The reference semantics of other clients' files: whether one entry is really there, and really loaded.

As `reference`, apart from the checks: from the names of a counterexample alone, step by step.
"""

from __future__ import annotations

from collections.abc import Sequence

from capwright_policy.findings import Counterexample
from capwright_policy.setting import Setting
from capwright_registry.clients.places import Key
from capwright_registry.clients.reading import ClientFile


def loads(setting: Setting, found: Counterexample) -> bool:
    """G4 broken: the client reads the file, and what stands at the keys is something that it loads."""
    (_, client), (_, name), *keys = (element.partition(":")[::2] for element in found.chain)
    parts = [part for _, part in keys]
    files = [f for f in setting.workspace.clients if f.file == name and f.place.client == client]
    return any(_whole(setting, file) if not parts else _entry(file, parts) for file in files)


def _whole(setting: Setting, file: ClientFile) -> bool:
    """A file of a folder all of whose files are loaded."""
    inside = file.file.startswith(f"{file.place.path}/")
    return file.place.form == "folder" and inside and (setting.workspace.root / file.file).is_file()


def _entry(file: ClientFile, parts: Sequence[str]) -> bool:
    value: object = file.content
    for part in parts:
        if isinstance(value, list):
            value = dict(enumerate(value)).get(int(part)) if part.isdecimal() else None
        else:
            value = value.get(part) if hasattr(value, "get") else None
    something = value not in (None, False, "", [], {})
    return something and any(_meant(key, parts, value) for key in file.place.keys)


def _meant(key: Key, parts: Sequence[str], value: object) -> bool:
    """Something right below the key; the key itself, where it is one thing, or a text in place of many."""
    if tuple(parts[: len(key.path)]) != key.path:
        return False
    if len(parts) == len(key.path):
        return key.whole or isinstance(value, str)
    return not key.whole and len(parts) == len(key.path) + 1
