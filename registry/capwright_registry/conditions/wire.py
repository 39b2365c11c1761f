"""A reader for the protobuf wire format: just enough for the expressions that the CEL library hands out.

Source: https://protobuf.dev/programming-guides/encoding/. A protobuf runtime would cost ten times the import
time of this file, and its generated classes would be one more thing that must match the library's version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Field: TypeAlias = tuple[int, int | bytes]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """The bytes are not a protobuf message."""


def fields(data: bytes) -> Iterator[Field]:
    """Yield `(field number, value)` in order: an unsigned int for varints, else the raw bytes.

    Raises `WireError` where the bytes end early or hold a group (unused since proto3).
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise WireError(f"wire type {kind} is not used by the format")
        if at + size > len(data):
            raise WireError("the message ends inside a field")
        yield number, data[at : at + size]
        at += size


def signed(value: int) -> int:
    """The int64 that a varint stands for (two's complement)."""
    return value - 2**64 if value >= 2**63 else value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise WireError("the message ends inside a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise WireError("a number is longer than 64 bits")
