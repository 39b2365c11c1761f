"""What to write instead of a value of another type: one sentence for each pair of wanted and given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capwright_registry.documents.document import Source
from capwright_registry.documents.locate import Route
from capwright_registry.suggest import clip

STRING, INTEGER, BOOLEAN, TABLE, ARRAY = "a string", "an integer", "a boolean", "a table", "an array"


@dataclass(frozen=True)
class Misfit:
    """A value where another type is wanted.

    `keys` are those that a wanted table, or each in a wanted list of tables, needs at least.
    """

    source: Source
    route: Route
    value: object
    wanted: str
    keys: Sequence[str] = ()

    @property
    def is_entry(self) -> bool:
        """Whether it is an entry of an array, which has no key of its own."""
        return isinstance(self.route[-1], int)

    @property
    def name(self) -> str:
        """The key."""
        return clip(str(self.route[-1]))

    @property
    def header(self) -> str:
        """The name that the value's own header would have: `tool.input`."""
        return clip(".".join(step for step in self.route if isinstance(step, str)))

    @property
    def has_header(self) -> bool:
        """Whether it is written as a header, and not after a `=`."""
        span = self.source.span(*self.route)
        line = self.source.line_text(span)
        return line.lstrip().startswith("[") and not line[: span.column - 1].strip()


def instead(misfit: Misfit) -> str:
    """The help for the misfit."""
    if misfit.wanted == TABLE:
        return _table(misfit)
    if misfit.wanted == ARRAY:
        return _array(misfit)
    if misfit.wanted == STRING:
        return _string(misfit)
    quoted = ", without quotes" if isinstance(misfit.value, str) else ""
    return f"write {'`true` or `false`' if misfit.wanted == BOOLEAN else 'a whole number'}{quoted}"


def _string(misfit: Misfit) -> str:
    if isinstance(misfit.value, list | dict):
        return "write one text in quotes"
    text = misfit.source.text(*misfit.route)
    said = f'"{clip(text)}"' if misfit.is_entry else f'{misfit.name} = "{clip(text)}"'
    return f"put it in quotes: `{said}`" if text else "put it in quotes"


def _array(misfit: Misfit) -> str:
    name, value = misfit.name, misfit.value
    if isinstance(value, dict) and misfit.has_header:
        return f"write `[[{misfit.header}]]`, with two brackets on each side"
    if misfit.keys:
        return f"write a list of tables: `{name} = [{{ {_inner(misfit)} }}]`"
    if name == "command" and isinstance(value, str):  # one text would be one program with spaces in its name
        words = ", ".join(f'"{word}"' for word in value.split()[:8])
        return f"write a list of the program and its arguments: `{clip(f'{name} = [{words}')}]`"
    text = misfit.source.text(*misfit.route)
    return f"put it in brackets: `{clip(f'{name} = [{text}')}]`" if text else "put it in brackets"


def _table(misfit: Misfit) -> str:
    if misfit.is_entry:
        return f"write a table in braces, like `{{ {_inner(misfit)} }}`"
    if isinstance(misfit.value, list) and misfit.has_header:
        return f"write `[{misfit.header}]` once, with one bracket on each side"
    if len(misfit.route) == 1:
        keys = f" with {', '.join(f'`{key}`' for key in misfit.keys)}" if misfit.keys else " with its keys"
        return f"write `[{misfit.header}]` on a line of its own,{keys} below it"
    return f"write a table in braces: `{misfit.name} = {{ {_inner(misfit)} }}`"


def _inner(misfit: Misfit) -> str:
    return ", ".join(f"{key} = ..." for key in misfit.keys) or "..."
