"""The search for one resource in some patterns and not in others, exact and without going over all cases.

Inclusion by antichains (De Wulf, Doyen, Henzinger and Raskin, CAV 2006). What a find must be in is followed
one pattern at a time; what it must not be in as a set of places. A set that another one is part of, at the
same place, cannot find more than that one, so it is left out. Hence what the patterns against a find share
(a `**` in front, a `*` on both sides) is gone through once, and not once for each way in which they overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Final

from capwright_registry.canonical import Segments
from capwright_registry.patterns.automaton import Node, Places, entered
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.forest import Forest
from capwright_registry.patterns.frontier import AT_END, Cost, Frontier, Standing, Step, path_of
from capwright_registry.patterns.goal import Goal
from capwright_registry.patterns.letters import Letters
from capwright_registry.patterns.reading import Reader
from capwright_registry.patterns.space import Numbers, Space, Texts

_NOWHERE: Final[Places] = frozenset()
_EMPTY_TEXT: Final = 2  # characters, for that is how many it has in a command: `''`


@dataclass(frozen=True, slots=True)
class Question:
    """Where the walks start: for each region to be in, for what speaks against, for what gives back."""

    nodes: Sequence[Node]
    needed: Sequence[Places]
    against: Places
    back: Places
    goal: Goal


class Search:
    """One search; never used again."""

    def __init__(self, question: Question, space: Space, budget: Budget) -> None:
        self._nodes = question.nodes
        self._question = question
        self._space = space
        self._frontier = Frontier(budget)
        self._forest = Forest(question.nodes, budget)
        self._reader = Reader(question.nodes, self._forest, budget)
        self._letters = Letters(self._forest, budget)
        self._budget = budget

    def found(self) -> Segments | None:
        """The segments of a resource as asked for, as few and as short as can be. Raises `TooComplex`."""
        asked = self._question
        self._enter(0, product(*asked.needed), (asked.against, asked.back), (0, 0), None, None)
        while step := self._frontier.next():
            if step.within:
                self._go_on(step)
            elif self._is_found(step):
                return path_of(step)
            else:
                self._go_on_from_end(step)
        return None

    def _is_found(self, step: Step) -> bool:
        if not self._space[step.state].accepts or not all(self._nodes[n].end for n in step.here.needed):
            return False
        label = 0
        for node in step.here.against | step.here.back:
            label |= self._nodes[node].end
        return self._question.goal.holds(label)

    def _enter(
        self,
        state: int,
        needed: Iterable[tuple[int, ...]],
        sides: tuple[Places, Places],
        cost: Cost,
        letter: str | int | None,
        origin: Step | None,
    ) -> None:
        """Come to the end of a segment, unless nothing can be found from there."""
        self._budget.spend(1 + len(sides[0]) + len(sides[1]))
        kept = self._kept(state, *sides)
        if kept is not None:
            for nodes in needed:
                self._frontier.add(Step(state, 0, Standing(AT_END, nodes, *kept), cost, letter, origin))

    def _kept(self, state: int, against: Places, back: Places) -> tuple[Places, Places] | None:
        """The places that still matter; None where nothing can be found."""
        certain = possible = 0
        open_ = self._space[state].open
        for index in against | back:
            node = self._nodes[index]
            possible |= node.reach
            if open_ and node.loop:
                certain |= node.end
        relevant = self._question.goal.relevant(certain, possible)
        if relevant is None:
            return None

        def matters(index: int) -> bool:
            node = self._nodes[index]
            settled = certain if not (open_ and node.loop and node.end) else 0
            return bool(node.reach & relevant & ~settled)

        return frozenset(filter(matters, against)), frozenset(filter(matters, back))

    def _go_on_from_end(self, step: Step) -> None:
        for number, option in enumerate(self._space[step.state].options):
            if isinstance(option, Numbers):
                self._read_number(step, option)
            else:
                self._read_literals(step, option)
                self._start_text(step, number)

    def _read_number(self, step: Step, option: Numbers) -> None:
        sides = [[n] for n in step.here.needed] + [list(step.here.against), list(step.here.back)]
        ranges = [[edge for node in side for edge in self._nodes[node].ranges] for side in sides]
        if not all(ranges[:-2]):
            return
        targets = [{there for _, _, there in edges} for edges in ranges]
        for number, found in option.told_apart(chain.from_iterable(ranges), self._budget):
            ways = [entered(self._nodes, found & there) for there in targets]
            if all(ways[:-2]):
                cost = step.cost[0] + 1, step.cost[1] + len(str(number))
                self._enter(option.after, product(*ways[:-2]), (ways[-2], ways[-1]), cost, number, step)

    def _read_literals(self, step: Step, option: Texts) -> None:
        """The texts that a region to be in spells out; `_start_text` goes through all the others."""
        here = step.here
        for text in dict.fromkeys(text for node in here.needed for text in self._nodes[node].lit):
            ways = self._spelt(here.needed, text)
            if all(ways) and option.universe.holds(text):
                cost = step.cost[0] + 1, step.cost[1] + (len(text) or _EMPTY_TEXT)
                sides = self._read(here.against, text), self._read(here.back, text)
                self._enter(option.after, product(*ways), sides, cost, text, step)

    def _spelt(self, needed: tuple[int, ...], text: str) -> list[Places]:
        """Where a literal leads on the needed side; with one region, by the literal and nothing else."""
        if len(needed) == 1:
            return [entered(self._nodes, [self._nodes[needed[0]].lit[text]])]
        return [self._read([node], text) for node in needed]

    def _read(self, nodes: Collection[int], text: str) -> Places:
        self._budget.spend(len(nodes))
        return _NOWHERE.union(*(self._reader.read(node, text) for node in nodes))

    def _start_text(self, step: Step, option: int) -> None:
        here = step.here
        starts = [self._forest.root(node, literals=False) for node in here.needed]
        if all(starts):
            against, back = self._roots(here.against), self._roots(here.back)
            for needed in product(*starts):
                standing = Standing(0, needed, against, back)
                self._frontier.add(Step(step.state, option, standing, step.cost, "", step))

    def _roots(self, nodes: Places) -> Places:
        return _NOWHERE.union(*(self._forest.root(node) for node in nodes))

    def _go_on(self, step: Step) -> None:
        """The end of a text, and one more character."""
        option = self._space[step.state].options[step.option]
        assert isinstance(option, Texts)  # noqa: S101 - only texts have rows
        if step.here.row in option.universe.accept:
            self._end_text(step, option)
        if not self._is_hopeless(step.here, option):
            cost = step.cost[0], step.cost[1] + 1
            for char, there in self._letters.moves(option.universe, step.here):
                self._frontier.add(Step(step.state, step.option, there, cost, char, step))

    def _end_text(self, step: Step, option: Texts) -> None:
        here, twigs = step.here, self._forest.twigs
        ways = [twigs[twig].ends for twig in here.needed]
        if all(ways):
            cost = step.cost[0] + 1, step.cost[1] + (_EMPTY_TEXT if here.row == 0 else 0)
            against, back = (
                _NOWHERE.union(*(twigs[twig].ends for twig in side)) for side in (here.against, here.back)
            )
            self._enter(option.after, product(*ways), (against, back), cost, None, step)

    def _is_hopeless(self, here: Standing, option: Texts) -> bool:
        """Whether nothing can be found, however the text goes on."""
        if not self._space[option.after].open:
            return False
        certain = possible = 0
        for index in here.against | here.back:
            twig = self._forest.twigs[index]
            possible |= twig.reach
            if twig.loop:
                for node in twig.ends:
                    certain |= self._nodes[node].end if self._nodes[node].loop else 0
        return bool(certain) and self._question.goal.relevant(certain, possible) is None
