"""What each interface that a component may import can cause. Source: `specs/wit/plugin.wit`.

Names are exact, version included: `net@0.1.1` is another interface, whatever it is compatible with.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: The world that components are built for, the export by which the host calls their tools, and that by which
#: hooks would fire, which this version of the world does not have. Source: `specs/wit/plugin.wit`.
WORLD: Final = "capwright:plugin@0.1.0"
CALL_EXPORT: Final = "call-tool"
HOOK_EXPORT: Final[str | None] = None

INTERFACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "capwright:plugin/files@0.1.0": "fs.read",
        "capwright:plugin/env@0.1.0": "env.read",
        "capwright:plugin/net@0.1.0": "net.http",
    }
)


def action_of(interface: str) -> str | None:
    """The action that importing `interface` makes possible; None says that no action covers it (ambient)."""
    return INTERFACES.get(interface)
