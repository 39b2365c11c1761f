"""The notation of the grammars in `specs/`: productions, read out of the documents.

Notation: `name = expression`; `"text"` or `'text'`; `[ x ]` once or not at all; `{ x }` any number of times;
`( x )`; `x | y`; `"a" .. "z"` and `U+0020 .. U+007E` ranges of characters; `x - "c"` an x other than c, for
single characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TOKEN: Final = re.compile(
    r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|U\+(?P<code>[0-9A-F]{4,6})|(?P<name>[a-z]\w*)"""
    r"""|(?P<sign>\.\.|[][{}()|-]))""",
    re.ASCII,
)
_BLOCK: Final = re.compile(r"^##+ (?P<title>[^\n]+)\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_FENCE: Final = re.compile(r"^```ebnf\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Text:
    """Exactly this text; in a grammar of tokens, exactly this token."""

    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """One character from `low` to `high`."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Name:
    """What the production of that name derives."""

    name: str


@dataclass(frozen=True, slots=True)
class Many:
    """Each of `parts` in turn, `least` to `most` times (`most` 1 or without end)."""

    parts: tuple[Rule, ...]
    least: int = 1
    endless: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of `parts`."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """One character of `rule` that `taken` does not derive."""

    rule: Rule
    taken: Rule


Rule = Text | Span | Name | Many | Choice | Without
Block = Mapping[str, Rule]


def read(path: Path) -> dict[str, Block]:
    """The productions of a document by the heading that they stand under."""
    found: dict[str, Block] = {}
    for section in _BLOCK.finditer(path.read_text(encoding="utf-8")):
        productions = {
            n: rule for block in _FENCE.findall(section["text"]) for n, rule in _productions(block)
        }
        if productions:
            found[section["title"]] = productions
    return found


def _productions(block: str) -> Iterator[tuple[str, Rule]]:
    for statement in re.split(r"\n(?=\S)", block.strip()):
        name, _, body = statement.partition("=")
        tokens = list(_tokens(body))
        rule = _choice(tokens)
        if tokens:
            raise ValueError(f"`{name.strip()}` goes on after its end: {tokens[0]}")
        yield name.strip(), rule


def _tokens(body: str) -> Iterator[Rule | str]:
    place = 0
    while body[place:].strip():
        match = _TOKEN.match(body, place)
        if match is None:
            raise ValueError(f"not in the notation: {body[place:]}")
        place = match.end()
        if match["sign"]:
            yield match["sign"]
        elif match["name"]:
            yield Name(match["name"])
        else:
            yield Text(
                chr(int(match["code"], 16)) if match["code"] else match["double"] or match["single"] or ""
            )


def _choice(tokens: list[Rule | str]) -> Rule:
    options = [_sequence(tokens)]
    while tokens[:1] == ["|"]:
        tokens.pop(0)
        options.append(_sequence(tokens))
    return options[0] if len(options) == 1 else Choice(tuple(options))


def _sequence(tokens: list[Rule | str]) -> Rule:
    parts: list[Rule] = []
    while tokens and tokens[0] not in ("|", ")", "]", "}"):
        parts.append(_item(tokens))
    return parts[0] if len(parts) == 1 else Many(tuple(parts))


def _item(tokens: list[Rule | str]) -> Rule:
    rule = _atom(tokens)
    while tokens[:1] == ["-"]:
        tokens.pop(0)
        rule = Without(rule, _atom(tokens))
    return rule


def _atom(tokens: list[Rule | str]) -> Rule:
    first = tokens.pop(0)
    if not isinstance(first, str):
        if tokens[:1] == [".."] and isinstance(first, Text):
            high = tokens.pop(1)
            tokens.pop(0)
            assert isinstance(high, Text)
            return Span(first.text, high.text)
        return first
    inside = _choice(tokens)
    if tokens.pop(0) != {"(": ")", "[": "]", "{": "}"}[first]:
        raise ValueError(f"`{first}` is not closed")
    return inside if first == "(" else Many((inside,), 0, first == "{")
