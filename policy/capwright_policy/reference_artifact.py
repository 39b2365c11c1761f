"""The reference semantics of artifacts: the bytes themselves, without the engine that later runs them.

As `reference`, apart from what the checks use: the names that a component exports are read out of its last
sections, as the component model's `Binary.md` has them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from capwright_policy.setting import Setting, find_holder
from capwright_registry.capability import Plugin
from capwright_registry.errors import InternalError

_EXPORTS = 11  # the number of a section


def has_another_digest(setting: Setting, agent: str, plugin: str | None, digest: str) -> bool:
    """G7: an agent loads an artifact of this digest, and its manifest names another one."""
    owner = find_holder(setting, agent, plugin).plugin
    named = owner.document.model.runtime.model_dump().get("sha256")
    return named is not None and named != digest == hashlib.sha256(_bytes(setting, owner)).hexdigest()


def cannot_be_reached(setting: Setting, agent: str, plugin: str | None, kind: str) -> bool:
    """G7: an agent loads a component with tools or hooks, which exports nothing that the host would call.

    The world `capwright:plugin@0.1.0` has `call-tool` for tools, and nothing for hooks.
    """
    owner = find_holder(setting, agent, plugin).plugin
    if kind == "hook":
        return owner.kind == "wasm" and len(owner.hooks) > 0
    return len(owner.tools) > 0 and "call-tool" not in exported(_bytes(setting, owner))


def _bytes(setting: Setting, owner: Plugin) -> bytes:
    if owner.artifact is None:
        raise InternalError(f"`{owner.identity}` has no artifact")
    return (setting.workspace.root / owner.artifact.path).read_bytes()


def exported(component: bytes) -> list[str]:
    """The names that a component exports, in its order."""
    reader = _Reader(component, 8)
    found: list[str] = []
    while reader.at < len(component):
        section, size = reader.byte(), reader.number()
        if section == _EXPORTS:
            found += _names(_Reader(component, reader.at))
        reader.at += size
    return found


@dataclass
class _Reader:
    data: bytes
    at: int

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        """An unsigned LEB128 number."""
        low = self.byte()
        return low if low < 0x80 else (low & 0x7F) | self.number() << 7

    def text(self) -> str:
        size = self.number()
        self.at += size
        return self.data[self.at - size : self.at].decode()


def _names(reader: _Reader) -> Iterator[str]:
    for _ in range(reader.number()):
        form = reader.byte()  # 0 and 1 say the same; 2 has something more, which is not read here
        if form > 1:
            raise InternalError("a name of an export is of another form")
        yield reader.text()
        if reader.byte() == 0:  # what is exported: a core thing has a sort of its own
            reader.byte()
        reader.number()
        if reader.byte() == 1:  # and its type, where it is told
            _skip_type(reader)


def _skip_type(reader: _Reader) -> None:
    kind = reader.byte()
    if kind in (0, 2):  # a core module, a value: one byte more
        reader.byte()
    elif kind == 3 and reader.byte() == 1:  # a resource
        return
    reader.number()
