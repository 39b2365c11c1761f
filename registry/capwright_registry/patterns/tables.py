"""From patterns to the table that `Trie` walks; see `capwright_registry.trie` for its form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from capwright_registry.patterns.elements import Deep, Element, Glob, One, Pattern, Range, Word

Node = dict[str, Any]


def build_trie(patterns: Sequence[Pattern]) -> list[dict[str, object]]:
    """The table in which pattern number i has the id i; the same list always gives the same table.

    Raises `ValueError` where the patterns are of more than one domain.
    """
    if len({pattern.domain for pattern in patterns}) > 1:
        raise ValueError("patterns of different domains cannot share a table")
    nodes: list[Node] = [{}]
    steps: dict[tuple[int, Element], int] = {}
    for number, pattern in enumerate(patterns):
        for alternative in pattern.elements:
            here = 0
            for element in alternative:
                here = _step(nodes, steps, here, element)
            ends = nodes[here].setdefault("end", [])
            if number not in ends[-1:]:
                ends.append(number)
    return nodes


def _step(nodes: list[Node], steps: dict[tuple[int, Element], int], here: int, element: Element) -> int:
    node, there = nodes[here], len(nodes)
    match element:
        case Word(text):  # most elements: their edges are found without a key made for them
            found: int = node.setdefault("lit", {}).setdefault(text, there)
        case One():
            found = node.setdefault("any", there)
        case Deep():
            found = node.setdefault("deep", there)
        case _:
            found = steps.setdefault((here, element), there)
    if found == there:
        nodes.append({"loop": True} if isinstance(element, Deep) else {})
        if isinstance(element, Glob):
            node.setdefault("glob", []).append([element.text, there])
        elif isinstance(element, Range):
            node.setdefault("range", []).append([str(element.low), str(element.high), there])
    return found
