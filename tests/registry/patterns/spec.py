"""The grammars of `specs/patterns.md`, read out of the document."""

from __future__ import annotations

from typing import Final

from tests.support.ebnf import read
from tests.support.grammar import Grammar
from tests.support.promises import SPECS

#: Under which heading each domain's grammar stands; its first production has the domain's name.
TITLES: Final = {
    "path": "Path patterns",
    "host": "Host patterns",
    "url": "URL patterns",
    "name": "Name patterns",
    "argv": "Command patterns",
}
GRAMMAR: Final = Grammar(read(SPECS / "patterns.md"))
