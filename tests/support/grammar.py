"""The grammars of `specs/`, run: whether they derive a text, and texts that they derive.

A grammar is a list of blocks, each with a title. A name means the production of the block at hand, else of
the first block, else of whichever block has it, and there it stays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hypothesis import strategies as st

from tests.support.ebnf import Block, Choice, Many, Name, Rule, Span, Text, Without

_MOST: Final = 3


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
