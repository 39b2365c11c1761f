"""Patterns over resources and the exact algebra of what they denote; grammar in `specs/patterns.md`."""

from __future__ import annotations

from capwright_registry.patterns.classes import Atom, atoms, classes
from capwright_registry.patterns.elements import Pattern, PatternError, Region, TooComplex
from capwright_registry.patterns.parsing import matches, parse
from capwright_registry.patterns.regions import (
    Area,
    equivalent,
    includes,
    is_empty,
    meet,
    minus,
    outside,
    overlap,
    witness,
)
from capwright_registry.patterns.tables import build_trie

__all__ = [
    "Area",
    "Atom",
    "Pattern",
    "PatternError",
    "Region",
    "TooComplex",
    "atoms",
    "build_trie",
    "classes",
    "equivalent",
    "includes",
    "is_empty",
    "matches",
    "meet",
    "minus",
    "outside",
    "overlap",
    "parse",
    "witness",
]
