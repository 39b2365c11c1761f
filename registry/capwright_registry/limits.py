"""The limits of a plugin's run: how they are written, what holds where a manifest is silent, and bounds.

No import but the standard library: the gate reads manifests by it, without the models of the documents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

BYTES: Final = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
MILLISECONDS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
#: What the units of a limit are; `fuel` is a plain number.
UNITS: Final[Mapping[str, Mapping[str, int]]] = {"memory": BYTES, "output": BYTES, "wall": MILLISECONDS}

#: By runtime kind. A declarative plugin cannot set its own: there is no code to limit, only its messages.
DEFAULTS: Final[Mapping[str, Mapping[str, int]]] = {
    "wasm": {"fuel": 50_000_000, "memory": 64 * BYTES["MiB"], "wall": 2_000, "output": 64 * BYTES["KiB"]},
    "mcp": {"wall": 30_000, "output": 64 * BYTES["KiB"]},
    "declarative": {"wall": 2_000, "output": 64 * BYTES["KiB"]},
}
#: The least and the most that a manifest may say.
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "fuel": (1, 10**12),
    "memory": (64 * BYTES["KiB"], 4 * BYTES["GiB"]),
    "wall": (1, 24 * MILLISECONDS["h"]),
    "output": (1, 64 * BYTES["GiB"]),
}

_QUANTITY = re.compile(r"([0-9]{1,15})([A-Za-z]{1,3})")


def quantity(value: object, units: Mapping[str, int]) -> int | None:
    """The whole number that a text like `64KiB` or `2s` says; `None` where it is no such text."""
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return None if match is None or match[2] not in units else int(match[1]) * units[match[2]]
