"""Sets of paths that are made of whole subtrees, with exact union, meet and difference.

A set is a mapping from a path to whether its subtree belongs; the longest path that is a prefix decides. The
root is always there, and no entry repeats what the place above it says, so equal sets are equal mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str, ...]
Subtrees: TypeAlias = Mapping[Path, bool]

NOTHING: Final[Subtrees] = {(): False}


def subtree(path: Path) -> Subtrees:
    """The place itself and all that is beneath it."""
    return {(): True} if not path else {(): False, path: True}


def covers(trees: Subtrees, path: Path) -> bool:
    """Whether the path belongs to the set."""
    for length in range(len(path), 0, -1):
        value = trees.get(path[:length])
        if value is not None:
            return value
    return trees[()]


def union(many: Iterable[Subtrees]) -> Subtrees:
    """What lies in any of them."""
    whole = NOTHING
    for trees in many:
        whole = _combine(whole, trees, lambda a, b: a or b)
    return whole


def meet(one: Subtrees, other: Subtrees) -> Subtrees:
    """What lies in both."""
    return _combine(one, other, lambda a, b: a and b)


def minus(one: Subtrees, other: Subtrees) -> Subtrees:
    """What lies in the first and not in the second."""
    return _combine(one, other, lambda a, b: a and not b)


def _combine(one: Subtrees, other: Subtrees, of: Callable[[bool, bool], bool]) -> Subtrees:
    found: dict[Path, bool] = {}
    for path in sorted(one.keys() | other.keys(), key=len):
        value = of(covers(one, path), covers(other, path))
        if not path or value != covers(found, path):
            found[path] = value
    return found
