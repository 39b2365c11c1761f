"""Step 10, of sandboxes: what a plan shows is within the layers, decided from their patterns alone.

Whoever forges a plan writes the proof's cases too, so none is looked at. A folder that is bound needs, in
each layer, a rule that always holds on a whole subtree at or above it. What that rule excepts in there must
be out of sight: below another place of the plan (which is hidden, or decided by itself), among the patterns
that are hidden when the server starts, or allowed by another rule of the layer. Patterns hide nothing from
writing: it could be made anew. Where that cannot be told, the plan is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Final, TypeAlias

from capwright_registry.patterns import parse
from capwright_registry.system_folders import SYSTEM_FOLDERS
from capwright_registry.written import written_elements
from capwright_runtimes.checker import Json, ProofRefused, Segments, World

Pieces: TypeAlias = tuple[str, ...]

_STEP: Final = 10
_NEEDS: Final = {"read": ("fs.read",), "write": ("fs.read", "fs.write", "fs.delete")}
# A file that is a mount of its own cannot be deleted.
_FILE_NEEDS: Final = {"read": ("fs.read",), "write": ("fs.read", "fs.write")}
_KERNEL: Final = ("dev", "proc", "sys")


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a sandbox plan, each with its state; `files` are those that are single files.

    The state of a path is that of the longest place at or above it, a file being no place above another.
    """

    states: Mapping[Pieces, str]
    files: frozenset[Pieces]

    @staticmethod
    def of(plan: Json) -> Places:
        """Raises `ProofRefused` for a place that stands twice or is no plain path, and for a loose file."""
        states = {_place(text): word for word in ("read", "write", "mask") for text in plan[word]}
        files = frozenset(map(_place, plan["files"]))
        _require(len(states) == sum(len(plan[w]) for w in ("read", "write", "mask")), "a path is bound twice")
        _require(all(states.get(place) in _NEEDS for place in files), "a file is bound in no way")
        return Places(states, files)

    def state(self, path: Segments) -> str:
        """`read`, `write`, or `mask`: hidden, as is all that the plan does not name."""
        for size in range(len(path), -1, -1):
            place = path[:size]
            if place in self.states and (place not in self.files or size == len(path)):
                return self.states[place]
        return "mask"

    def bound(self) -> Iterator[tuple[Pieces, bool, tuple[str, ...]]]:
        """Each place that is not hidden, whether it is a single file, and the actions that it needs."""
        for place, word in self.states.items():
            if word != "mask":
                single = place in self.files
                yield place, single, (_FILE_NEEDS if single else _NEEDS)[word]


def check_plan(world: World, subject: str, plan: Json) -> None:
    """Raises `ProofRefused` (step 10) for a plan that shows more than its holder's layers always allow."""
    meant = world.proof["host"]["sandbox"]
    _require(plan["backend"] == meant, f"the sandbox of `{subject}` is not `{meant}`")
    _require(plan["network"] is False, f"the sandbox of `{subject}` has the network")
    places, layers = Places.of(plan), world.holders[subject]["layers"]
    hidden = _hidden(world, layers, plan["mask_globs"])
    for place, single, needs in places.bound():
        shown = f"`{subject}` sees more than it may: `/{'/'.join(place)}`"
        _require(place and place[0] not in _KERNEL, shown)
        for action in needs:
            if single:
                _require(world.within(layers, action, place, _always), shown)
            else:
                covers = (_Layer(world, places, hidden, n, action).covers(place) for n in layers)
                _require(all(covers), shown)


def shown_root(plan: Json, roots: Iterable[str]) -> str | None:
    """The first of the roots that a plan would show only for lying in a folder that every sandbox shows."""
    states = Places.of(plan).states
    for root in roots:
        pieces = tuple(part for part in root.split("/") if part)
        named = any(pieces[:size] in states for size in range(2, len(pieces) + 1))
        if len(pieces) > 1 and f"/{pieces[0]}" in SYSTEM_FOLDERS and not named:
            return root
    return None


def _require(holds: object, reason: str) -> None:
    if not holds:
        raise ProofRefused(_STEP, reason)


def _place(text: str) -> Pieces:
    """A path in its plain form: another could name a place by a name that no pattern knows."""
    pieces = tuple(part for part in text.split("/") if part)
    plain = text == "/" + "/".join(pieces) and not {".", ".."} & set(pieces) and "\0" not in text
    _require(plain, f"`{text}` is no plain path")
    return pieces


def _always(rule: Json) -> bool:
    return rule["when"] is None and rule["until"] is None


def _hidden(world: World, layers: Sequence[int], globs: Sequence[str]) -> frozenset[int]:
    """The patterns excepted from reading that are hidden when the server starts.

    Read from the text that the launch will read them from, whatever else the proof says of that text.
    """
    rules = [rule for n in layers for rule in world.layers[n]["rules"].get("fs.read", ())]
    excepted = {n for rule in rules for n in rule["except"]}
    found: set[int] = set()
    for text in globs:
        meant = written_elements(parse("path", text))
        same = {n for n in excepted if world.patterns[n] == meant}
        _require(same, f"`{text}` is hidden and excepted by nothing")
        found |= same
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one layer always allows of one action, where a plan is in force."""

    world: World
    places: Places
    hidden: frozenset[int]
    number: int
    action: str
    known: dict[Pieces, bool] = field(default_factory=dict)  # so that what is asked again costs nothing

    def covers(self, place: Pieces) -> bool:
        """Whether all that the plan shows at and below a place, not counting its inner places, is allowed."""
        if place not in self.known:
            rules = self.world.layers[self.number]["rules"].get(self.action, ())
            self.known[place] = any(_always(rule) and self._covered(rule, place) for rule in rules)
        return self.known[place]

    def _covered(self, rule: Json, place: Pieces) -> bool:
        ways = (way for n in rule["on"] for way in self.world.patterns[n])
        return any(_is_subtree_over(way, place) for way in ways) and all(
            self._out_of_sight(n, way, place) for n in rule["except"] for way in self.world.patterns[n]
        )

    def _out_of_sight(self, number: int, way: Sequence[Any], place: Pieces) -> bool:
        """Whether nothing that an exception leaves out at or below a place is shown by that place."""
        words = _words(way)
        rest = way[len(words) :]
        inside = words[: len(place)] == place
        if not inside and (not rest or words != place[: len(words)]):
            return True  # it leaves out nothing in there
        if self.action == "fs.read" and number in self.hidden:
            return True
        if words == place or not inside:
            return False
        return self._is_decided_below(words, place, single=not rest) or self.covers(words)

    def _is_decided_below(self, words: Pieces, place: Pieces, *, single: bool) -> bool:
        """Whether another place says what is so of these words and of all that is below them."""
        for size in range(len(place) + 1, len(words) + 1):
            inner = words[:size]
            if inner in self.places.states and inner not in self.places.files:
                return True
        needs = _FILE_NEEDS.get(self.places.states.get(words, "mask"), ())
        return single and words in self.places.files and self.action in needs


def _words(way: Sequence[Any]) -> Pieces:
    """The literal segments that a pattern begins with."""
    return tuple(text for _, text in takewhile(lambda element: element[0] == "word", way))


def _is_subtree_over(way: Sequence[Any], place: Pieces) -> bool:
    """Whether a pattern is of a literal folder with all that is in it, at or above a place."""
    words = _words(way)
    return list(way[len(words) :]) == [["deep"]] and words == place[: len(words)]
