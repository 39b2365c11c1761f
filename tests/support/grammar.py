"""The grammars of `specs/`, read out of the documents and run: what they derive, and texts that they derive.

Notation: `name = expression`; `"text"` or `'text'`; `[ x ]` once or not at all; `{ x }` any number of times;
`( x )`; `x | y`; `"a" .. "z"` and `U+0020 .. U+007E` ranges of characters; `x - "c"` an x other than c, for
single characters. A grammar is a list of blocks, each with a title. A name means the production of the block
at hand, else of the first block, else of whichever block has it, and there it stays.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

_TOKEN: Final = re.compile(
    r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|U\+(?P<code>[0-9A-F]{4,6})|(?P<name>[a-z]\w*)"""
    r"""|(?P<sign>\.\.|[][{}()|-]))""",
    re.ASCII,
)
_BLOCK: Final = re.compile(r"^##+ (?P<title>[^\n]+)\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_FENCE: Final = re.compile(r"^```ebnf\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MOST: Final = 3


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


@dataclass(frozen=True)
class Grammar:
    """Blocks by title, the first of them shared.

    A grammar of tokens says of each kind of token which texts are one (`token`), and gives some (`samples`).
    """

    blocks: Mapping[str, Block]
    token: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    samples: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def derives(self, title: str, name: str, text: Sequence[str]) -> bool:
        """Whether the production `name` of a block derives the text (or the list of tokens)."""
        return len(text) in self.ends(title, name, text, 0)

    def ends(self, title: str, name: str, text: Sequence[str], start: int) -> frozenset[int]:
        """Where what the production derives can end that begins at `start`."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 20_000))  # one level of brackets takes some fifty frames
        try:
            return _Walk(self, text).ends(title, Name(name), start)
        finally:
            sys.setrecursionlimit(limit)

    def texts(self, title: str, name: str, alphabet: str) -> st.SearchStrategy[str]:
        """Texts that the production derives, characters out of `alphabet` where there is a choice."""
        return st.composite(lambda draw: _Draw(self, draw, alphabet).text(title, Name(name), 12))()

    def resolve(self, title: str, name: str) -> tuple[str, Rule]:
        """The block that goes on, and the production that `name` means in the block `title`."""
        shared = next(iter(self.blocks))
        for block in (title, shared, *self.blocks):
            if name in self.blocks[block]:
                return title if block == shared else block, self.blocks[block][name]
        raise KeyError(f"no production `{name}`")


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


class _Walk:
    """Where each rule can end, for each place where it can begin."""

    def __init__(self, grammar: Grammar, text: Sequence[str]) -> None:
        self._grammar = grammar
        self._text = text
        self._known: dict[tuple[str, Rule, int], frozenset[int]] = {}

    def ends(self, title: str, rule: Rule, start: int) -> frozenset[int]:
        key = (title, rule, start)
        if key not in self._known:
            self._known[key] = frozenset(self._ends(title, rule, start))
        return self._known[key]

    def _ends(self, title: str, rule: Rule, start: int) -> set[int]:
        match rule:
            case Text(text):
                return self._text_ends(text, start)
            case Span(low, high):
                return {start + 1} if start < len(self._text) and low <= self._text[start] <= high else set()
            case Name(name):
                return self._name_ends(title, name, start)
            case Choice(parts):
                return {end for part in parts for end in self.ends(title, part, start)}
            case Without(inner, taken):
                return set(self.ends(title, inner, start) - self.ends(title, taken, start))
            case Many(parts, least, endless):
                return self._many_ends(title, parts, start, least, endless)

    def _text_ends(self, text: str, start: int) -> set[int]:
        if not isinstance(self._text, str):  # a list of tokens
            return {start + 1} if self._text[start : start + 1] == [text] else set()
        return {start + len(text)} if self._text.startswith(text, start) else set()

    def _name_ends(self, title: str, name: str, start: int) -> set[int]:
        if name in self._grammar.token and not isinstance(self._text, str):
            fits = start < len(self._text) and self._grammar.token[name](self._text[start])
            return {start + 1} if fits else set()
        block, rule = self._grammar.resolve(title, name)
        return set(self.ends(block, rule, start))

    def _many_ends(
        self, title: str, parts: tuple[Rule, ...], start: int, least: int, endless: bool
    ) -> set[int]:
        found, waiting = ({start} if least == 0 else set()), {start}
        while waiting:
            reached = waiting
            for part in parts:
                reached = {end for place in reached for end in self.ends(title, part, place)}
            waiting = reached - found if endless else set()
            found |= reached
        return found


class _Draw:
    """One random derivation: deep down the first of several alternatives, which must not lead back."""

    def __init__(self, grammar: Grammar, draw: st.DrawFn, alphabet: str) -> None:
        self._grammar = grammar
        self._draw = draw
        self._alphabet = alphabet

    def text(self, title: str, rule: Rule, depth: int) -> str:
        match rule:
            case Text(text):
                return text
            case Span() | Without():
                return self._draw(st.sampled_from(self._fitting(title, rule)))
            case Name(name) if name in self._grammar.samples:
                return self._draw(st.sampled_from(self._grammar.samples[name]))
            case Name(name):
                return self.text(*self._grammar.resolve(title, name), depth - 1)
            case Choice(parts):
                part = self._draw(st.sampled_from(parts)) if depth > 0 else parts[0]
                return self.text(title, part, depth - 1)
            case Many(parts, least, endless):
                most = least if depth <= 0 else _MOST if endless else 1
                times = self._draw(st.integers(least, most))
                gap = " " if self._grammar.samples else ""
                return gap.join(self.text(title, part, depth - 1) for _ in range(times) for part in parts)

    def _fitting(self, title: str, rule: Rule) -> list[str]:
        fitting = [c for c in self._alphabet if _Walk(self._grammar, c).ends(title, rule, 0)]
        return fitting or [rule.low if isinstance(rule, Span) else "?"]
