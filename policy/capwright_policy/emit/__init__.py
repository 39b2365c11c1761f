"""Emitters: from proved layers to what a target enforces. Each says what its target cannot express.

A module here that defines `TARGET` is a target of `capwright stubs`; there is no list to keep.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from capwright_policy.emit.target import Target


@cache
def targets() -> Mapping[str, Target]:
    """Every target, by name."""
    modules = (importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__))
    found = (module.TARGET for module in modules if isinstance(getattr(module, "TARGET", None), Target))
    return MappingProxyType({target.name: target for target in found})
