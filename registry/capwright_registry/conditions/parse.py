"""From the text of a `when` to a `Condition`."""

from __future__ import annotations

from collections.abc import Mapping
from unicodedata import category

from capwright_registry.conditions import library, refusals
from capwright_registry.conditions.check import Checker
from capwright_registry.conditions.model import MAX_CHARACTERS, Condition, Variable
from capwright_registry.conditions.wire import WireError
from capwright_registry.errors import InternalError

# Control, format (bidi, zero width), surrogate, line and paragraph separators; a space other than U+0020.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_PLAIN = frozenset(" \t\n\r")


def parse_condition(text: str, declared: Mapping[str, Variable]) -> Condition:
    """Parse and type-check `text` against the declared variables (keyed by name).

    The result is total: on every context that gives its variables values of their types, it is true or false.
    Raises `ConditionError` for anything outside the subset of `specs/conditions.md`, at the first offence.
    """
    _check_characters(text)
    environment = library.environment(declared.values())
    try:
        tree = library.parse(environment, text)
    except WireError as error:
        raise InternalError(f"the CEL library's syntax tree could not be read: {error}") from error
    checker = Checker(text, declared)
    ast = checker.condition(tree)
    # A second opinion: what we take for well-typed must be so for the library, too.
    library.confirm(environment, text)
    return Condition(text, ast, frozenset(checker.names))


def _check_characters(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise refusals.too_long(len(text))
    for offset, character in enumerate(text):
        if character not in _PLAIN and category(character) in _HIDDEN:
            raise refusals.hidden_character(ord(character), offset)
    if not text.strip():
        raise refusals.empty()
