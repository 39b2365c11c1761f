"""Warnings, one file each. A module here that defines `WARNING` is one; there is no list to keep.

A warning is a note: it changes no verdict, stands in no proof, and nothing that checks a proof knows of it.
What cannot be decided is not warned of.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import z3

from capwright_policy.checks.base import Run
from capwright_policy.findings import Note
from capwright_policy.warnings.base import Warner
from capwright_registry.patterns import TooComplex


@cache
def all_warnings() -> tuple[Warner, ...]:
    """Every warning, by code."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__))
    found = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return tuple(sorted((m.WARNING for m in found if hasattr(m, "WARNING")), key=lambda w: w.code))


def warned(run: Run) -> Iterator[Note]:
    """Every warning of a setting, by code. Whoever watches the checks' questions does not hear of these."""
    quiet = replace(run, solver=run.solver.unwatched())
    for warner in all_warnings():
        yield from _of(warner, quiet)


def _of(warner: Warner, run: Run) -> Iterator[Note]:
    try:
        yield from warner.found(run)
    except (z3.Z3Exception, TooComplex):
        return  # what came before it was decided, and is told
