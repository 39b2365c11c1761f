"""Patterns over resources and the exact algebra of what they denote; grammar in `specs/patterns.md`."""

from __future__ import annotations

from capwright_registry.patterns.elements import Pattern, PatternError, TooComplex
from capwright_registry.patterns.parsing import matches, parse
from capwright_registry.patterns.regions import (
    Atom,
    Region,
    atoms,
    classes,
    equivalent,
    is_empty,
    outside,
    overlap,
)
from capwright_registry.patterns.tables import build_trie

__all__ = [
    "Atom",
    "Pattern",
    "PatternError",
    "Region",
    "TooComplex",
    "atoms",
    "build_trie",
    "classes",
    "equivalent",
    "is_empty",
    "matches",
    "outside",
    "overlap",
    "parse",
]
