"""Pattern tables and the one walk that decides which patterns match a resource.

Standard library and `matching` only: emitted stubs carry this source as it is. Node 0 is the root.
A node is `{"lit": {segment: node}, "glob": [[text, node]], "any": node, "deep": node, "loop": true,
"range": [[low, high, node]], "end": [pattern ids]}`; keys without content are left out. The bounds of a range
are decimal strings, for an IPv6 address is more than a JSON number holds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from capwright_registry.matching import Matcher, glob_matcher

_Places = frozenset[int]
_Node = tuple[dict[str, _Places], _Places, tuple[tuple[Matcher, _Places], ...]]
_Span = tuple[int, int, _Places]
_NOWHERE: Final[_Places] = frozenset()
_ROOM: Final = 64  # so many times as many places as ranges may be kept for looking numbers up
_CROWD: Final = 8  # with more places alive than this, steps are kept
_MEMBERS: Final = 1_000_000  # of all sets of places that are kept at a time
_STEM: Final = 32  # of the literal segments that a pattern begins with, so many serve a message


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
        self._numbers = tuple(_Ranges(node.get("range", ()), enter) for node in nodes)
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
        crowds: _Crowds | None = None
        for segment in segs:
            if len(here) > _CROWD:
                crowds = crowds or _Crowds(self._step)
                here = crowds.after(here, segment)
            else:
                here = self._step(here, segment)
            if not here:
                return _NOWHERE
        return _NOWHERE.union(*[self._ends[index] for index in here])

    def stems(self) -> dict[int, list[tuple[str, ...]]]:
        """For each pattern, the first few literal segments that it begins with, once for each alternative."""
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
                longer = (*stem, text) if literal and len(stem) < _STEM else stem
                waiting += [(node, longer, literal) for node in after]
            beyond = always.union(*[after for _, after in globs], self._numbers[index].every)
            waiting += [(node, stem, False) for node in beyond]
        return found

    def _step(self, here: Collection[int], segment: str | int) -> Collection[int]:
        return self._on_text(here, segment) if isinstance(segment, str) else self._on_number(here, segment)

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
            there.update(self._numbers[index].at(number))
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
        for length in range(min(len(segs), _STEM), -1, -1):
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


class _Crowds:
    """Steps from many places at once, kept: a long resource comes back to the same ones over and over."""

    __slots__ = ("_kept", "_room", "_same", "_step")

    def __init__(self, step: Callable[[Collection[int], str | int], Collection[int]]) -> None:
        self._step = step
        self._forget()

    def after(self, here: Collection[int], segment: str | int) -> _Places:
        """Where the segment leads from all of these places."""
        key = self._one(frozenset(here)), segment
        there = self._kept.get(key)
        if there is None:
            there = self._kept[key] = self._one(frozenset(self._step(here, segment)))
            self._room -= len(there)
            if self._room < 0:
                self._forget()
        return there

    def _one(self, places: _Places) -> _Places:
        """The same object for equal sets, which then take no time to compare."""
        return self._same.setdefault(places, places)

    def _forget(self) -> None:
        self._kept: dict[tuple[_Places, str | int], _Places] = {}
        self._same: dict[_Places, _Places] = {}
        self._room = _MEMBERS


def _targets(node: Mapping[str, Any]) -> Iterator[int]:
    """Every node that the edges of this one lead to."""
    yield from node.get("lit", {}).values()
    yield from (edge[-1] for key in ("glob", "range") for edge in node.get(key, ()))
    yield from (node[key] for key in ("any", "deep") if key in node)


def _entered(nodes: Sequence[Mapping[str, Any]], index: int) -> frozenset[int]:
    """Where a walk stands once it has reached `index`: there, and in the `**` that starts there."""
    deep = nodes[index].get("deep")
    return frozenset([index] if deep is None else [index, deep])


class _Ranges:
    """Where numbers lead, by ranges.

    Sorted bounds, and for each gap between them where the ranges that cover it lead. Ranges that overlap so
    much that this takes many times the room of the ranges themselves are gone through one by one instead.
    """

    __slots__ = ("_bounds", "_gaps", "_spans", "every")

    def __init__(self, ranges: Sequence[Sequence[Any]], enter: Sequence[_Places]) -> None:
        self._spans = [(int(low), int(high), enter[target]) for low, high, target in ranges]
        self.every = _NOWHERE.union(*[places for _, _, places in self._spans])
        self._bounds = sorted({bound for low, high, _ in self._spans for bound in (low, high + 1)})
        self._gaps = self._cut()

    def at(self, number: int) -> Iterable[int]:
        """Where this number leads."""
        if self._gaps is None:
            return _NOWHERE.union(*[there for low, high, there in self._spans if low <= number <= high])
        return self._gaps[bisect_right(self._bounds, number)]

    def _cut(self) -> list[_Places] | None:
        opened: dict[int, list[_Span]] = {}
        closed: dict[int, list[_Span]] = {}
        for span in self._spans:
            opened.setdefault(span[0], []).append(span)
            closed.setdefault(span[1] + 1, []).append(span)
        live: set[_Span] = set()
        gaps, room = [_NOWHERE], _ROOM * (1 + len(self._spans))
        for bound in self._bounds:
            live = live.difference(closed.get(bound, ())).union(opened.get(bound, ()))
            room -= len(live)
            if room < 0:
                return None
            gaps.append(_NOWHERE.union(*[there for _, _, there in live]))
        return gaps
