"""Runtime adapters, one module or package for each runtime kind, found by name.

An adapter is `adapters/<kind>.py` with `load(admission) -> Session` (see `base.py`). A new kind is a new
file; there is no list to extend here.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import cast

from capwright_registry.vocabulary import RUNTIME_KINDS
from capwright_runtimes.adapters.base import Adapter
from capwright_runtimes.refusal import Refused


def adapter_for(kind: str) -> Adapter:
    """The adapter module of a runtime kind; imports it, and with it the engine, only now.

    Raises `Refused` (`no-adapter`) when the kind is not in the vocabulary or has no adapter here.
    """
    name = f"{__name__}.{kind}"
    if kind not in RUNTIME_KINDS or importlib.util.find_spec(name) is None:
        raise Refused("no-adapter", "no adapter loads this runtime kind", kind)
    module = importlib.import_module(name)
    if not callable(getattr(module, "load", None)):
        raise Refused("no-adapter", "the adapter of this runtime kind has no `load`", kind)
    return cast(Adapter, module)
