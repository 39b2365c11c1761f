"""Where in a TOML text each value stands: from a route (`("tool", 0, "name")`) to byte points.

tree-sitter only locates; what a document means is `tomllib`'s alone, which has accepted the text before. A
table that has no header of its own (`[a.b]` makes `a`) is located at its first descendant.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TypeAlias

import tree_sitter
import tree_sitter_toml

Route: TypeAlias = tuple[str | int, ...]
Points: TypeAlias = tuple[int, int, int, int]
"""Row and column of the start and of the end: 0-based, columns in bytes, end exclusive."""

_VALUES = 2  # a pair's children are key, `=`, value


@dataclass(frozen=True, slots=True)
class Index:
    """Points of every value, and of every key, by route."""

    values: dict[Route, Points]
    keys: dict[Route, Points]


def build_index(source: bytes) -> Index:
    """The index of a text that `tomllib` accepts. Total: what the grammar cannot read is left out."""
    index = Index({}, {})
    counts: dict[Route, int] = {}
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    for node in parser.parse(source).root_node.children:
        if node.type == "pair":
            _add_pair(index, (), node)
        elif node.type in ("table", "table_array_element"):
            _add_table(index, counts, node)
    return index


def _add_table(index: Index, counts: dict[Route, int], node: tree_sitter.Node) -> None:
    children = node.children
    closing = next((i for i, child in enumerate(children) if child.type in ("]", "]]")), 0)
    if closing < _VALUES:
        return
    header = (*_start(node), *_end(children[closing]))
    route: Route = ()
    for name, points in _key_parts(children[1]):
        if route in counts:  # a header below an array of tables means its last table
            route = (*route, counts[route] - 1)
        route = (*route, name)
        index.values.setdefault(route, header)
        index.keys.setdefault(route, points)
    if node.type == "table_array_element":
        number = counts.get(route, 0)
        counts[route] = number + 1
        route = (*route, number)
        index.keys[route] = index.keys[route[:-1]] if number == 0 else header
    index.values[route] = header
    for child in children[closing + 1 :]:
        if child.type == "pair":
            _add_pair(index, route, child)


def _add_pair(index: Index, base: Route, node: tree_sitter.Node) -> None:
    children = node.children
    if len(children) <= _VALUES:
        return
    route = base
    for name, points in _key_parts(children[0]):
        route = (*route, name)
        index.values.setdefault(route, points)
        index.keys.setdefault(route, points)
    _add_value(index, route, children[_VALUES])


def _add_value(index: Index, route: Route, node: tree_sitter.Node) -> None:
    index.values[route] = (*_start(node), *_end(node))
    if node.type == "inline_table":
        for child in node.named_children:
            if child.type == "pair":
                _add_pair(index, route, child)
    elif node.type == "array":
        items = (child for child in node.named_children if child.type not in ("comment", "ERROR"))
        for number, child in enumerate(items):
            _add_value(index, (*route, number), child)


def _key_parts(node: tree_sitter.Node) -> list[tuple[str, Points]]:
    if node.type == "dotted_key":
        return [part for child in node.named_children for part in _key_parts(child)]
    text = (node.text or b"").decode()
    name = next(iter(tomllib.loads(f"{text} = 0"))) if node.type == "quoted_key" else text
    return [(name, (*_start(node), *_end(node)))]


def _start(node: tree_sitter.Node) -> tuple[int, int]:
    point = node.start_point
    return point.row, point.column


def _end(node: tree_sitter.Node) -> tuple[int, int]:
    point = node.end_point
    return point.row, point.column
