"""Globs as one tree of their items: common beginnings are shared, and common endings with one label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from capwright_registry.patterns.charset import CharSet
from capwright_registry.patterns.glob import STAR, Item, parse_glob


@dataclass(frozen=True, slots=True)
class GlobNode:
    """A place within globs. `run` is the node where a `*` that starts here loops.

    `end` is the label of the globs that end here, `reach` of all that can still match from here.
    """

    edges: tuple[tuple[CharSet, int], ...]
    run: int | None
    loop: bool
    end: int
    reach: int


@dataclass(slots=True)
class _Draft:
    steps: dict[Item, int] = field(default_factory=dict)
    loop: bool = False
    end: int = 0


def glob_tree(globs: Iterable[tuple[str, int]]) -> tuple[tuple[GlobNode, ...], int]:
    """The nodes of the globs with their labels, and which of them is the root; raises `PatternError`."""
    drafts = [_Draft()]
    for text, label in globs:
        here = 0
        for item in parse_glob(text):
            if item not in drafts[here].steps:
                drafts[here].steps[item] = len(drafts)
                drafts.append(_Draft(loop=item == STAR))
            here = drafts[here].steps[item]
        drafts[here].end |= label
    return _merged(drafts)


def _merged(drafts: list[_Draft]) -> tuple[tuple[GlobNode, ...], int]:
    """Equal nodes made one, from the leaves up; a draft's children always come after it."""
    nodes: list[GlobNode] = []
    known: dict[GlobNode, int] = {}
    place: dict[int, int] = {}
    for index in reversed(range(len(drafts))):
        draft = drafts[index]
        steps = {item: place[there] for item, there in draft.steps.items()}
        reach = draft.end
        for there in steps.values():
            reach |= nodes[there].reach
        edges = tuple(sorted((item, there) for item, there in steps.items() if item != STAR))
        node = GlobNode(edges, steps.get(STAR), draft.loop, draft.end, reach)
        place[index] = known.setdefault(node, len(nodes))
        if place[index] == len(nodes):
            nodes.append(node)
    return tuple(nodes), place[0]
