"""The checks, one file each. A module here that defines `CHECK` is a check; there is no list to keep."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from capwright_policy.checks.base import Check


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, by id."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "base")
    found = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return tuple(sorted((m.CHECK for m in found if hasattr(m, "CHECK")), key=lambda c: c.id))
