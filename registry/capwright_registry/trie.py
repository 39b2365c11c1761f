"""Pattern tables and the one walk that decides which patterns match a resource.

Standard library only and no import of ours: emitted stubs carry this source as it is. Node 0 is the root.
A node is `{"lit": {segment: node}, "glob": [[text, node]], "any": node, "deep": node, "loop": true,
"range": [[low, high, node]], "end": [pattern ids]}`; keys without content are left out. The bounds of a range
are decimal strings, for an IPv6 address is more than a JSON number holds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

Matcher = Callable[[str], object]
_Places = frozenset[int]
_Node = tuple[dict[str, _Places], _Places, tuple[tuple[Matcher, _Places], ...]]
_NOWHERE: Final[_Places] = frozenset()
_UNITS: Final = re.compile(r"\*|\[!?[^\]]+\]|.", re.DOTALL)
_CLASS_ITEMS: Final = re.compile(r"(.)-(.)|(.)", re.DOTALL)


class Trie:
    """A table of patterns, compiled once and never changed afterwards.

    `walk` takes time in proportion to the resource's length, however many patterns share their literals.
    """

    __slots__ = ("_ends", "_nodes", "_numbers", "_start")

    def __init__(self, nodes: Sequence[Mapping[str, Any]]) -> None:
        """Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` where `nodes` is no such table."""
        if not nodes or not all(0 < target < len(nodes) for node in nodes for target in _targets(node)):
            raise ValueError("an edge of the table leads nowhere")
        enter = tuple(_entered(nodes, index) for index in range(len(nodes)))
        globs = {text: glob_matcher(text) for node in nodes for text, _ in node.get("glob", ())}
        self._start = enter[0]
        self._ends = tuple(frozenset(node.get("end", ())) for node in nodes)
        self._numbers = tuple(_splits(node.get("range", ()), enter) for node in nodes)
        # For each node: where a literal leads, where every text leads, and where a glob leads.
        self._nodes: tuple[_Node, ...] = tuple(
            (
                {text: enter[target] for text, target in node.get("lit", {}).items()},
                _NOWHERE.union(
                    enter[node["any"]] if "any" in node else (), enter[index] if node.get("loop") else ()
                ),
                tuple((globs[text], enter[target]) for text, target in node.get("glob", ())),
            )
            for index, node in enumerate(nodes)
        )

    def walk(self, segs: Iterable[str | int]) -> frozenset[int]:
        """The ids of the patterns that match exactly these segments."""
        here: Collection[int] = self._start
        for segment in segs:
            if isinstance(segment, str):
                here = self._on_text(here, segment)
            else:
                here = self._on_number(here, segment)
            if not here:
                return _NOWHERE
        return _NOWHERE.union(*[self._ends[index] for index in here])

    def stems(self) -> dict[int, list[tuple[str, ...]]]:
        """For each pattern, the literal segments that it begins with; more than one where it says several."""
        found: dict[int, list[tuple[str, ...]]] = {}
        seen: set[int] = set()
        waiting: list[tuple[int, tuple[str, ...], bool]] = [(index, (), True) for index in self._start]
        while waiting:
            index, stem, literal = waiting.pop()
            if index in seen:  # a table of ours is a tree; one from elsewhere could lead round in circles
                continue
            seen.add(index)
            for number in self._ends[index]:
                found.setdefault(number, []).append(stem)
            literals, always, globs = self._nodes[index]
            literal = literal and index not in always  # below a `**` nothing is the beginning
            for text, after in literals.items():
                waiting += [(node, (*stem, text) if literal else stem, literal) for node in after]
            beyond = always.union(*[after for _, after in globs], *self._numbers[index][1])
            waiting += [(node, stem, False) for node in beyond]
        return found

    def _on_text(self, here: Collection[int], segment: str) -> Collection[int]:
        nodes = self._nodes
        if len(here) == 1:
            (index,) = here
            literals, always, globs = nodes[index]
            if not always and not globs:
                return literals.get(segment, _NOWHERE)
        there: set[int] = set()
        for index in here:
            literals, always, globs = nodes[index]
            there |= always
            if segment in literals:
                there |= literals[segment]
            for matches, after in globs:
                if matches(segment):
                    there |= after
        return there

    def _on_number(self, here: Collection[int], number: int) -> Collection[int]:
        there: set[int] = set()
        for index in here:
            bounds, targets = self._numbers[index]
            there |= targets[bisect_right(bounds, number)]
        return there


class Nearest:
    """Of labelled patterns, the label of one that has the most segments in common with a resource.

    `labelled` gives the patterns' ids with their labels, the preferred first. The index is made when it is
    first asked: it serves messages, and most processes never need one.
    """

    __slots__ = ("_found", "_labelled", "_trie")

    def __init__(self, trie: Trie, labelled: Callable[[], Iterable[tuple[Iterable[int], str]]]) -> None:
        self._trie = trie
        self._labelled = labelled
        self._found: dict[tuple[str | int, ...], str] | None = None

    def label(self, segs: tuple[str | int, ...]) -> str | None:
        """The label; the first where none has anything in common; None where there is none at all."""
        found = self._found
        if found is None:
            found = self._found = self._indexed()
        for length in range(len(segs), -1, -1):
            label = found.get(segs[:length])
            if label is not None:
                return label
        return None

    def _indexed(self) -> dict[tuple[str | int, ...], str]:
        found: dict[tuple[str | int, ...], str] = {}
        stems = self._trie.stems()
        for numbers, label in self._labelled():
            for stem in (stem for number in sorted(numbers) for stem in stems.get(number, ())):
                for length in range(len(stem) + 1):
                    found.setdefault(stem[:length], label)
        return found


def _targets(node: Mapping[str, Any]) -> Iterator[int]:
    """Every node that the edges of this one lead to."""
    yield from node.get("lit", {}).values()
    yield from (edge[-1] for key in ("glob", "range") for edge in node.get(key, ()))
    yield from (node[key] for key in ("any", "deep") if key in node)


def _entered(nodes: Sequence[Mapping[str, Any]], index: int) -> frozenset[int]:
    """Where a walk stands once it has reached `index`: there, and in the `**` that starts there."""
    deep = nodes[index].get("deep")
    return frozenset([index] if deep is None else [index, deep])


def _splits(
    ranges: Sequence[Sequence[Any]], enter: Sequence[frozenset[int]]
) -> tuple[list[int], list[frozenset[int]]]:
    """Sorted bounds, and for each gap between them where the ranges that cover it lead."""
    opened: dict[int, list[int]] = {}
    closed: dict[int, list[int]] = {}
    for place, (low, high, _) in enumerate(ranges):
        opened.setdefault(int(low), []).append(place)
        closed.setdefault(int(high) + 1, []).append(place)
    bounds = sorted({*opened, *closed})
    live: set[int] = set()
    targets = [_NOWHERE]
    for bound in bounds:
        live = live.difference(closed.get(bound, ())).union(opened.get(bound, ()))
        targets.append(_NOWHERE.union(*[enter[ranges[place][2]] for place in live]))
    return bounds, targets


def glob_matcher(text: str) -> Matcher:
    """A test, in linear time for one wildcard run, of whether a whole segment matches the glob `text`.

    `*` is any run of characters, `?` one, `[a-z]` one of a class, `[!a-z]` one outside it. `text` must be a
    glob that the pattern parser accepts.
    """
    prefix, star, suffix = text.partition("*")
    if star and not any(sign in prefix + suffix for sign in "*?["):
        return partial(_is_between, prefix, suffix)  # most globs: nothing to compile
    parts = "".join(_as_regex(unit) for unit in _UNITS.findall(text)).split("\0")
    if len(parts) == 1:
        return re.compile(parts[0] + r"\Z", re.DOTALL).match
    first, *middle, last = parts
    # Atomic groups: each run takes the first place that fits and never goes back, so that no text is slow.
    atoms = "".join(f"(?>.*?{part})" for part in middle)
    return re.compile(rf"{first}{atoms}.*{last}\Z", re.DOTALL).match


def _is_between(prefix: str, suffix: str, text: str) -> bool:
    return len(text) >= len(prefix) + len(suffix) and text.startswith(prefix) and text.endswith(suffix)


def _as_regex(unit: str) -> str:
    """One unit of a glob as a regular expression; NUL, which no glob holds, marks a `*`."""
    if unit == "*":
        return "\0"
    if unit == "?":
        return "."
    if len(unit) == 1:
        return re.escape(unit)
    negated = unit.startswith("[!") and len(unit) > 3
    body = unit[2:-1] if negated else unit[1:-1]
    items = "".join(
        f"{re.escape(low)}-{re.escape(high)}" if low else re.escape(one)
        for low, high, one in _CLASS_ITEMS.findall(body)
    )
    return f"[{'^' if negated else ''}{items}]"
