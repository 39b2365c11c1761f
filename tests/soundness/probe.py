"""A deliberate bug: what it breaks, how it is put in, and what has to notice it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias

import pytest

from tests.soundness import probes as area
from tests.soundness.judging import Judge, by_vectors

#: Where the bug is: in what documents, pins and artifacts are read as; in who and what is looked at, over any
#: number of hops; in what the solver is asked and how its answer is read; in the enforcement tables; in the
#: rest of the proof; in the reference semantics.
Where = Literal["loading", "closure", "encoding", "tables", "certificate", "reference"]
Patch: TypeAlias = pytest.MonkeyPatch
Bug: TypeAlias = Callable[[Patch], None]


@dataclass(frozen=True, slots=True)
class Probe:
    """One bug. `checks` are those that it weakens, `broken` says in a sentence what is wrong with it in.

    `bug` puts it in; `caught` raises `AssertionError` unless something notices it, and nothing but for it.
    """

    id: str
    where: Where
    checks: tuple[str, ...]
    broken: str
    bug: Bug
    caught: Judge


def probe(where: Where, *checks: str, caught: Judge = by_vectors) -> Callable[[Bug], Probe]:
    """Makes a probe of the function below it, which is named and described for what it breaks."""

    def made(bug: Bug) -> Probe:
        name, told = bug.__name__.replace("_", "-"), " ".join((inspect.getdoc(bug) or "").split())
        return Probe(name, where, checks, told, bug, caught)

    return made


def original(module: ModuleType, name: str) -> Any:
    """What a module has under a name that it imports, to be called by what is put in its place."""
    return getattr(module, name)


@cache
def all_probes() -> tuple[Probe, ...]:
    """Every probe of every file under `tests/soundness/probes`, in the order of files and of their lines."""
    found: list[Probe] = []
    for module in pkgutil.iter_modules([str(Path(area.__file__).parent)]):
        names = vars(importlib.import_module(f"{area.__name__}.{module.name}"))
        found += [value for value in names.values() if isinstance(value, Probe)]
    return tuple(found)
