"""The texts that the nodes of a table read, character by character: one tree a node, equal parts shared."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from capwright_registry.patterns.automaton import Node, Places, entered
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.charset import EVERY, CharSet, holds, is_single, is_within
from capwright_registry.patterns.glob import STAR, Item, parse_glob

Twigs = tuple[int, ...]
_ANY: Final[tuple[Item, ...]] = (STAR,)


@dataclass(frozen=True, slots=True)
class Twig:
    """A place within a text. `ends` are the nodes of the table that are entered where the text ends here.

    `codes`, sorted, lead each to its `after`, and `wide` on any of a set of characters; a twig that loops
    also stays on every one. `reach`: the labels that can follow.
    """

    codes: tuple[int, ...]
    after: tuple[Twigs, ...]
    wide: tuple[tuple[CharSet, Twigs], ...]
    loop: bool
    ends: Places
    reach: int


@dataclass(slots=True)
class _Draft:
    steps: dict[CharSet, int] = field(default_factory=dict)
    run: int | None = None
    loop: bool = False
    ends: set[int] = field(default_factory=set)


class Forest:
    """Twigs for the nodes of an automaton, grown when they are first asked for. May raise `TooComplex`."""

    def __init__(self, nodes: Sequence[Node], budget: Budget) -> None:
        self.twigs: list[Twig] = []
        self._budget = budget
        self._nodes = nodes
        self._known: dict[Twig, int] = {}
        self._roots: dict[tuple[int, bool], Twigs] = {}

    def root(self, node: int, literals: bool = True) -> Twigs:
        """Where the reading of a text starts at `node`, with or without its literals."""
        found = self._roots.get((node, literals))
        if found is None:
            found = self._roots[node, literals] = self._grown(node, literals)
        return found

    def after(self, twigs: Iterable[int], code: int) -> Places:
        """The twigs that one more character leads to."""
        found: set[int] = set()
        for index in twigs:
            twig = self.twigs[index]
            place = bisect_left(twig.codes, code)
            if place < len(twig.codes) and twig.codes[place] == code:
                found.update(twig.after[place])
            if twig.loop:
                found.add(index)
            for chars, there in twig.wide:
                if holds(chars, code):
                    found.update(there)
        return frozenset(found)

    def after_all(self, twigs: Iterable[int], chars: CharSet) -> Places:
        """The twigs that each of several characters leads to."""
        found: set[int] = set()
        for index in twigs:
            twig = self.twigs[index]
            if twig.loop:
                found.add(index)
            for wide, there in twig.wide:
                if is_within(chars, wide):
                    found.update(there)
        return frozenset(found)

    def moves(self, index: int) -> Iterator[tuple[CharSet, int]]:
        """The characters that lead on from a twig, and where to, one place at a time."""
        twig = self.twigs[index]
        singles = ((((code, code),), there) for code, there in zip(twig.codes, twig.after, strict=True))
        for chars, places in chain(singles, twig.wide):
            for there in places:
                yield chars, there
        if twig.loop:
            yield EVERY, index

    def _grown(self, node: int, literals: bool) -> Twigs:
        here = self._nodes[node]
        drafts = [_Draft()]

        def draw(items: Collection[Item], *targets: int) -> None:
            self._budget.spend(len(items))
            _draw(drafts, items, entered(self._nodes, targets))

        if literals:
            for text, target in here.lit.items():
                draw([((ord(char), ord(char)),) for char in text], target)
        for text, target in here.globs:
            draw(parse_glob(text), target)
        if here.one is not None:
            draw(_ANY, here.one)
        if here.loop:
            draw(_ANY, node)
        return self._merged(drafts)

    def _merged(self, drafts: list[_Draft]) -> Twigs:
        """The place of the first draft, equal ones made one; a draft's children always come after it."""
        places: dict[int, Twigs] = {}
        for index in reversed(range(len(drafts))):
            draft = drafts[index]
            run = places[draft.run] if draft.run is not None else ()
            here = self._place(draft, places)
            places[index] = run if here is None else (*run, here)
        return places[0]

    def _place(self, draft: _Draft, places: Mapping[int, Twigs]) -> int | None:
        """The twig that a draft makes, without the `*` that starts there; None where that is all there is."""
        if not draft.steps and not draft.loop and not draft.ends:
            return None
        steps = [(chars, places[there]) for chars, there in draft.steps.items()]
        steps.sort()
        reach = 0
        for _, twigs in steps:
            for twig in twigs:
                reach |= self.twigs[twig].reach
        for node in draft.ends:
            reach |= self._nodes[node].reach
        single = [(chars[0][0], there) for chars, there in steps if is_single(chars)]
        codes, after = zip(*single, strict=True) if single else ((), ())
        wide = () if len(single) == len(steps) else tuple(s for s in steps if not is_single(s[0]))
        made = Twig(codes, after, wide, draft.loop, frozenset(draft.ends), reach)
        known = self._known.setdefault(made, len(self.twigs))
        if known == len(self.twigs):
            self.twigs.append(made)
        return known


def _draw(drafts: list[_Draft], items: Iterable[Item], ends: Iterable[int]) -> None:
    here = 0
    for item in items:
        draft = drafts[here]
        there = draft.run if item == STAR else draft.steps.get(item)
        if there is None:
            there = len(drafts)
            drafts.append(_Draft(loop=item == STAR))
            if item == STAR:
                draft.run = there
            else:
                draft.steps[item] = there
        here = there
    drafts[here].ends.update(ends)
