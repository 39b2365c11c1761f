"""The `output-bound` mediator: nothing reaches a reader unbounded, or with characters that hide or act.

Control characters (escape sequences with them), bidirectional controls, tag and other format characters, line
and paragraph separators, surrogates, private-use characters and all others that leave no mark (variation
selectors, fillers) are shown as `\\u{...}`: what a person reviews is what a model reads.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from capwright_registry.canonical import UNSEEN

_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
_KEPT = frozenset("\n\t")
#: What no category tells: letters, marks and symbols that are drawn as nothing. A space is seen as a gap.
_UNSEEN = re.compile(f"[{UNSEEN}\u2800]")


@dataclass(frozen=True, slots=True)
class Bounded:
    """Text fit to be read:

    `cut_bytes` of the escaped form are missing at its end, `escaped` were replaced.
    """

    text: str
    cut_bytes: int
    escaped: int


def escape(text: str) -> tuple[str, int]:
    """The text with every hidden character shown as `\\u{...}`, and how many there were."""
    if text.isascii() and text.isprintable():
        return text, 0
    counts = Counter(text)
    hidden = [character for character in counts if not _plain(character)]
    table = {ord(character): f"\\u{{{ord(character):x}}}" for character in hidden}
    return text.translate(table), sum(counts[character] for character in hidden)


def bound(text: str, limit: int) -> Bounded:
    """At most `limit` bytes (UTF-8) of the escaped text, cut between characters, and a note of what was cut.

    The note stands after the limit, on a line of its own, so that a cut text is never mistaken for a whole
    one.
    """
    shown, escaped = escape(text)
    raw = shown.encode()
    if len(raw) <= limit:
        return Bounded(shown, 0, escaped)
    kept = raw[: max(limit, 0)].decode(errors="ignore")
    cut = len(raw) - len(kept.encode())
    return Bounded(f"{kept}\n[{cut} of {len(raw)} bytes cut]", cut, escaped)


def _plain(character: str) -> bool:
    category = unicodedata.category(character)
    unmarked = category != "Zs" and _UNSEEN.match(character) is not None
    return character in _KEPT or not (category in _HIDDEN or unmarked)
