"""Canonical JSON (RFC 8785), fast where the standard library writes the same bytes.

It does for ASCII, in which keys have one order, without fractions and without whole numbers of more than
fifteen digits. Whatever may be anything else is left to `rfc8785`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import rfc8785

#: What may be a number that the two write, or take, in different ways. It may as well stand in a string.
_UNSURE = re.compile(r"(?:\A|[:,\[])-?\d+(?:[.eE]|(?<=\d{16}))")


def canonical_json(value: Any, *, whole: bool = False) -> bytes:
    """The canonical form; raises `rfc8785.CanonicalizationError` for what has none.

    `whole`: the caller knows that all numbers are whole and have fifteen digits at most.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError):
        return rfc8785.dumps(value)
    if text.isascii() and (whole or not _UNSURE.search(text)):
        return text.encode("ascii")
    if isinstance(value, list):  # most of it may be plain
        return b"[" + b",".join(canonical_json(one, whole=whole) for one in value) + b"]"
    return rfc8785.dumps(value)
