"""What a reader probably meant: the one sentence of help after a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Collection

_SHOWN = 12
_COMPARED = 64
_CLIPPED = 60


def clip(text: str) -> str:
    """`text`, at most 60 characters of it, with `...` for what is left out."""
    return text if len(text) <= _CLIPPED else text[: _CLIPPED - 3] + "..."


def suggest(word: str, known: Collection[str]) -> str:
    """``did you mean `x`?`` for the nearest name, else the known names if they are few, else nothing."""
    near = difflib.get_close_matches(word[:_COMPARED], list(known), n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    if 0 < len(known) <= _SHOWN:
        names = ", ".join(f"`{name}`" for name in sorted(known))
        return f"the known names are {names}" if len(known) > 1 else f"the only known name is {names}"
    return ""
