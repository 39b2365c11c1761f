"""Versions and version ranges, as PEP 440 has them."""

from __future__ import annotations

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from capwright_registry.documents.locate import Route
from capwright_registry.resolve.reading import Reading
from capwright_registry.suggest import clip


def read_version(reading: Reading, text: str, route: Route) -> str:
    """The version at `route`, in its normal form."""
    try:
        return str(Version(text))
    except InvalidVersion:
        reading.problem(route, f"`{clip(text)}` is not a version", "write a version like `1.2.0`")
        return text


def read_range(reading: Reading, text: str, route: Route) -> SpecifierSet:
    """The range at `route`; the empty text means every version."""
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        reading.problem(route, f"`{clip(text)}` is not a version range", "write a range like `>=1.2,<2`")
        return SpecifierSet()
