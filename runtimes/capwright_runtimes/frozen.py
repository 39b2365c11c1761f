"""Deep read-only views of JSON values, so that what was admitted cannot be edited afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def freeze(value: object) -> object:
    """A read-only copy: objects become read-only mappings, arrays tuples; scalars stay."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: object) -> object:
    """A fresh, plain JSON value (dicts and lists) with the content of a frozen one."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [thaw(item) for item in value]
    return value


def freeze_mapping(value: Mapping[str, object]) -> Mapping[str, object]:
    """`freeze` for a value known to be an object."""
    return MappingProxyType({key: freeze(item) for key, item in value.items()})
