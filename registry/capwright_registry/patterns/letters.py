"""One more character: where it leads, on the side that must match and on the sides that must not or may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from capwright_registry.patterns.automaton import Places
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.charset import EVERY, CharSet, both, is_single, rank, readable, union
from capwright_registry.patterns.forest import Forest
from capwright_registry.patterns.frontier import Standing
from capwright_registry.patterns.intervals import sweep
from capwright_registry.patterns.universe import Universe


class _Piece(NamedTuple):
    chars: CharSet
    row: int
    against: Places
    back: Places


class Letters:
    """Moves within texts; what was worked out once is kept."""

    def __init__(self, forest: Forest, budget: Budget) -> None:
        self._forest = forest
        self._budget = budget
        self._ways: dict[tuple[int, ...], list[tuple[CharSet, tuple[int, ...]]]] = {}
        self._known: dict[tuple[int, int, Places, Places], list[_Piece]] = {}

    def moves(self, universe: Universe, here: Standing) -> Iterator[tuple[str, Standing]]:
        """The characters that the needed side takes, one for each place that they lead to."""
        for chars, needed in self._needed(here.needed):
            if is_single(chars):
                code = chars[0][0]
                row = universe.after(here.row, code)
                if row is not None:
                    against, back = (self._forest.after(side, code) for side in (here.against, here.back))
                    yield chr(code), Standing(row, needed, against, back)
                continue
            pieces = self._pieces(universe, here)
            self._budget.spend(len(pieces) * len(chars) // 16)
            for piece in _least(pieces) if chars == EVERY else pieces:
                shared = both(chars, piece.chars)
                if shared:
                    yield readable(shared), Standing(piece.row, needed, piece.against, piece.back)

    def _needed(self, twigs: tuple[int, ...]) -> list[tuple[CharSet, tuple[int, ...]]]:
        """The characters that all of these twigs take, and where to."""
        known = self._ways.get(twigs)
        if known is None:
            known = [(EVERY, ())]
            for twig in twigs:
                known = [
                    (shared, (*before, there))
                    for chars, before in known
                    for more, there in self._forest.moves(twig)
                    if (shared := both(chars, more))
                ]
            self._budget.spend(len(known))
            self._ways[twigs] = known
        return known

    def _pieces(self, universe: Universe, here: Standing) -> list[_Piece]:
        """All characters of the universe by where they lead, those with the least against them first."""
        key = id(universe), here.row, here.against, here.back
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._cut(universe, here)
        return known

    def _cut(self, universe: Universe, here: Standing) -> list[_Piece]:
        edges = [(low, high, ~to) for chars, to in universe.rows[here.row] for low, high in chars]
        sides = [self._edges(side) for side in (here.against, here.back)]
        places = [{there for _, _, there in side} for side in sides]
        self._budget.spend(sum(map(len, sides)))
        groups: dict[tuple[int, Places, Places], list[tuple[int, int]]] = {}
        for low, high, tags in sweep([*edges, *sides[0], *sides[1]]):
            row = min(tags)
            if row < 0:
                against, back = (tags & side for side in places)
                groups.setdefault((~row, against, back), []).append((low, high))
                self._budget.spend(len(tags))
        pieces = [_Piece(union(intervals), *there) for there, intervals in groups.items()]
        return sorted(pieces, key=lambda p: (len(p.against) - len(p.back), rank(readable(p.chars))))

    def _edges(self, twigs: Iterable[int]) -> list[tuple[int, int, int]]:
        return [
            (low, high, there)
            for twig in twigs
            for chars, there in self._forest.moves(twig)
            for low, high in chars
        ]


def _least(pieces: list[_Piece]) -> list[_Piece]:
    """Those pieces that no other one before them makes needless."""
    found: list[_Piece] = []
    for piece in pieces:
        if not any(
            other.row == piece.row and other.against <= piece.against and other.back >= piece.back
            for other in found
        ):
            found.append(piece)
    return found
