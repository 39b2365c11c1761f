r"""Untrusted text made fit to be shown: whatever cannot be seen, or acts on a terminal, becomes `\u{...}`.

Names and patterns come out of manifests that somebody else wrote; an escape sequence in one could rewrite the
verdict above it, and a bidirectional control could make one path read as another.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from capwright_registry.canonical import UNSEEN

# Controls, formats (bidi, tags, zero width), separators of lines, private use, surrogates, unassigned.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cs", "Cn"})
_UNSEEN: Final = re.compile(f"[{UNSEEN}]")


def escape(text: str) -> str:
    """One line: every hidden character is spelled out, line feeds and tabs too; only U+0020 is a space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def escape_lines(text: str) -> str:
    """Like `escape`, but line feeds and tabs stay: for texts that are shown as a block."""
    return "".join(c if c in "\n\t" else _shown(c) for c in text)


def _shown(character: str) -> str:
    hidden = unicodedata.category(character) in _HIDDEN
    if character != " " and (hidden or _UNSEEN.match(character)):
        return f"\\u{{{ord(character):x}}}"
    return character
