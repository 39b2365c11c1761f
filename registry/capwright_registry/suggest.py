"""What a reader probably meant: the one sentence of help after a name that is not known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

_SHOWN = 12
_COMPARED = 64
_CLIPPED = 60
_ALIKE = 0.6
_PARTS = re.compile(r"[^:/.\s_-]*[^\W\d_][^:/.\s_-]*")  # with a letter: what follows is a version


def clip(text: str) -> str:
    """`text`, at most 60 characters of it, with `...` for what is left out."""
    return text if len(text) <= _CLIPPED else text[: _CLIPPED - 3] + "..."


def suggest(word: str, known: Collection[str]) -> str:
    """``did you mean `x`?`` for the nearest name, else the known names if they are few, else nothing."""
    near = nearest(word, known)
    if near is not None:
        return f"did you mean `{near}`?"
    if 0 < len(known) <= _SHOWN:
        names = ", ".join(f"`{name}`" for name in sorted(known))
        return f"the known names are {names}" if len(known) > 1 else f"the only known name is {names}"
    return ""


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known name that `word` is most likely meant as, None if there is none.

    It is alike as a whole and in its last part, which tells names apart that share most of the others:
    `project:acme.notes` is no slip for `project:acme.git`. A last part alone will do where one name has it.
    """
    word = word[:_COMPARED]
    alike = difflib.get_close_matches(word, list(known), n=_SHOWN, cutoff=_ALIKE)
    last = _last(word)
    near = next((name for name in alike if _alike(last, _last(name))), None)
    ending = [name for name in known if _last(name) == last and name != last]
    return near or (ending[0] if len(ending) == 1 and last == word else None)


def _last(name: str) -> str:
    return next(reversed(_PARTS.findall(name)), name)


def _alike(one: str, other: str) -> bool:
    return one == other or difflib.SequenceMatcher(None, other, one).ratio() >= _ALIKE
