"""Where whole texts and whole globs lead from a node of a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from capwright_registry.patterns.automaton import Node, entered
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.charset import is_single
from capwright_registry.patterns.forest import Forest
from capwright_registry.patterns.glob import STAR, parse_glob


class Reader:
    """Reads one segment at a time. Any method may raise `TooComplex`."""

    def __init__(self, nodes: Sequence[Node], forest: Forest, budget: Budget) -> None:
        self._nodes = nodes
        self._forest = forest
        self._budget = budget

    def read(self, node: int, text: str) -> set[int]:
        """The nodes of the table that `text` leads to from `node`."""
        here = self._nodes[node]
        found = self.always(node)
        if text in here.lit:
            found |= entered(self._nodes, (here.lit[text],))
        twigs: Collection[int] = self._forest.root(node, literals=False)
        for char in text:
            self._budget.spend(1 + len(twigs) // 8)
            twigs = self._forest.after(twigs, ord(char))
        return found.union(*(self._forest.twigs[twig].ends for twig in twigs))

    def read_glob(self, node: int, glob: str) -> set[int]:
        """Nodes that every text of the glob leads to from `node`; others may, which this does not see."""
        twigs: Collection[int] = self._forest.root(node, literals=False)
        for item in parse_glob(glob):
            self._budget.spend(1 + len(twigs) // 8)
            if item == STAR:
                twigs = [index for index in twigs if self._forest.twigs[index].loop]
            elif is_single(item):
                twigs = self._forest.after(twigs, item[0][0])
            else:
                twigs = self._forest.after_all(twigs, item)
        return set().union(*(self._forest.twigs[twig].ends for twig in twigs))

    def always(self, node: int) -> set[int]:
        """The nodes of the table that any text leads to from `node`."""
        here = self._nodes[node]
        found = {node} if here.loop else set()
        return found if here.one is None else found | entered(self._nodes, (here.one,))
