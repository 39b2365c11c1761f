"""Bind paths for bubblewrap out of the layers of `fs.read`, `fs.write` and `fs.delete`.

A mount shows a whole subtree, always, for everybody in the sandbox. What a rule says beyond that is not given
(the stricter side), and `lost` says so. A folder is given where every layer covers it, and for writing only
where reading and deleting are covered too, because a writable mount allows both. Where something below a
folder is excepted, the runtime shows a copy of it, with what of it can be mounted: a mount over what is
excepted would come off as soon as somebody replaced that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal, TypeAlias

from capwright_policy.emit.subtrees import NOTHING, Path, Subtrees, covers, meet, minus, subtree, union
from capwright_registry.patterns import matches, parse
from capwright_registry.system_folders import SYSTEM_FOLDERS

State: TypeAlias = Literal["write", "read", "mask"]
_WILD: Final = frozenset("*?[")
# What the sandbox makes afresh: the host's own would show other processes, devices and kernel settings.
_KERNEL: Final = ("dev", "proc", "sys")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a layer: canonical path patterns, and whether a condition or an end date narrows it."""

    on: tuple[str, ...]
    except_: tuple[str, ...] = ()
    conditional: bool = False


Layers: TypeAlias = Sequence[Sequence[Rule]]


def plan(
    read: Layers, write: Layers, delete: Layers = (), net: Layers = (), roots: Sequence[str] = ()
) -> dict[str, object]:
    """The sandbox table: `read`, `write`, `mask`, `files`, `mask_globs`, `network`, `lost`.

    Paths are absolute; where they nest, the longest one holds. `files` are those of `read` and `write` that
    must be single files. `mask_globs` are patterns of what is hidden, whenever it is made. An action with no
    layers, or with a layer that says nothing of it, is not granted. `network` is always false: mounts cannot
    tell one host from another. Of `roots`, the folders that documents name, those in a folder that every
    sandbox shows are in `mask` unless they are given.
    """
    lost: set[str] = set()
    readable = _without_kernel(_meet("fs.read", read, lost), lost)
    written, deleted = _meet("fs.write", write, lost), _meet("fs.delete", delete, lost)
    writable = meet(readable, meet(written, deleted))
    if meet(readable, written) != writable:
        lost.add("`fs.write` is not given where `fs.delete` is not: a writable folder lets files be deleted")
    wild = _wild_exceptions(read)
    states = _states(readable, _without_wild(writable, wild, lost))
    files = _files(read, write, states, lost)
    globs = sorted(glob for glob in wild if _concerns(glob, states))
    lost.update(_copied(states, globs))
    if _is_granted(net):
        lost.add("hosts are not told apart here, so the network is not given at all")
    places = {**_hidden_roots(roots, states), **states, **files}
    return {
        **{wanted: [_text(p) for p in sorted(places) if places[p] == wanted] for wanted in _LISTS},
        "files": [_text(path) for path in sorted(files)],
        "mask_globs": globs,
        "network": False,
        "lost": sorted(lost),
    }


_LISTS: Final[tuple[State, ...]] = ("read", "write", "mask")


def _is_granted(layers: Layers) -> bool:
    return bool(layers) and all(layers)


def _meet(action: str, layers: Layers, lost: set[str]) -> Subtrees:
    """What every layer covers. Nothing is lost of an action that some layer does not give at all."""
    if not _is_granted(layers):
        return NOTHING
    trees = [union(_trees(action, rule, lost) for rule in layer) for layer in layers]
    return reduce(meet, trees)


def _trees(action: str, rule: Rule, lost: set[str]) -> Subtrees:
    if rule.conditional:
        lost.update(f"`{action}` on `{on}` holds only at times, so it is not bound" for on in rule.on)
        return NOTHING
    wild = [pattern for pattern in rule.except_ if _place(pattern) is None]
    if wild and action != "fs.read":
        names = ", ".join(f"`{pattern}`" for pattern in sorted(wild))
        lost.add(
            f"`{action}` is not given on folders where these are excepted, which could be made anew: {names}"
        )
        return NOTHING
    lost.update(
        f"`{action}` on `{on}` is no folder with all that is in it, so it is not bound"
        for on in rule.on
        if _place(on) is None
    )
    return minus(union(subtree(path) for path, deep in _places(rule.on) if deep), _hidden(rule, lost))


def _hidden(rule: Rule, lost: set[str]) -> Subtrees:
    places = _places(rule.except_)
    lost.update(
        f"`{_text(path)}` is excepted with all that may be in it" for path, deep in places if not deep
    )
    return union(subtree(path) for path, _ in places)


def _places(patterns: Sequence[str]) -> list[tuple[Path, bool]]:
    return [place for place in map(_place, patterns) if place is not None]


def _wild_exceptions(layers: Layers) -> set[str]:
    rules = [rule for layer in layers for rule in layer if not rule.conditional]
    return {pattern for rule in rules for pattern in rule.except_ if _place(pattern) is None}


def _place(pattern: str) -> tuple[Path, bool] | None:
    """A literal path and whether the pattern is all of its subtree; None for any other pattern."""
    deep = pattern.endswith("/**")
    literal = pattern[:-3] if deep else pattern
    if _WILD.intersection(literal):
        return None
    return tuple(part for part in literal.split("/") if part), deep


def _without_kernel(trees: Subtrees, lost: set[str]) -> Subtrees:
    if covers(trees, ()):
        lost.add("`/` as a whole is not bound; name the folders")
        return NOTHING
    kernel = union(subtree((name,)) for name in _KERNEL)
    if (kept := minus(trees, kernel)) != trees:
        lost.add("nothing of the host's `/dev`, `/proc` and `/sys` is bound")
    return kept


def _states(readable: Subtrees, writable: Subtrees) -> dict[Path, State]:
    """The state of each subtree whose state is not that of the place above it, the root being hidden."""
    found: dict[Path, State] = {}
    for path in sorted(readable.keys() | writable.keys(), key=len):
        state: State = "write" if covers(writable, path) else "read" if covers(readable, path) else "mask"
        if state != _state(found, path):
            found[path] = state
    return found


def _state(states: dict[Path, State], path: Path) -> State:
    """The state that the longest place at or above the path gives it."""
    return next((states[path[:n]] for n in range(len(path), -1, -1) if path[:n] in states), "mask")


def _files(read: Layers, write: Layers, states: dict[Path, State], lost: set[str]) -> dict[Path, State]:
    """Single files that a pattern names, decided one by one, where no subtree says the same of them.

    A file that is a mount of its own cannot be deleted, so writing it needs no `fs.delete`.
    """
    found: dict[Path, State] = {}
    for path in sorted({path for layers in (read, write) for path in _named(layers)}):
        if not _allows(read, path) or not path or path[0] in _KERNEL:
            continue
        state: State = "write" if _allows(write, path) else "read"
        if state != _state(states, path):
            found[path] = state
            lost.add(f"`{_text(path)}` is given only if a single file is there when the server starts")
    return found


def _named(layers: Layers) -> set[Path]:
    rules = [rule for layer in layers for rule in layer if not rule.conditional]
    return {path for rule in rules for path, deep in _places(rule.on) if not deep}


def _allows(layers: Layers, path: Path) -> bool:
    return _is_granted(layers) and all(
        any(_rule_allows(rule, _text(path)) for rule in layer) for layer in layers
    )


def _rule_allows(rule: Rule, path: str) -> bool:
    return (
        not rule.conditional
        and any(_matches(pattern, path) for pattern in rule.on)
        and not any(_matches(pattern, path) for pattern in rule.except_)
    )


def _without_wild(writable: Subtrees, wild: set[str], lost: set[str]) -> Subtrees:
    """What may be written where nothing is hidden by a name that could be made anew."""
    places = {glob: subtree(_fixed(glob)) for glob in sorted(wild)}
    lost.update(
        f"`fs.write` and `fs.delete` are not given on folders where reading excepts `{glob}`"
        for glob, place in places.items()
        if minus(writable, place) != writable
    )
    return minus(writable, union(places.values()))


def _copied(states: dict[Path, State], globs: Sequence[str]) -> Iterator[str]:
    """What is lost by showing copies: to reading what changes within a call, to writing what is new."""
    for path, state in states.items():
        below = {said for other, said in states.items() if other[: len(path)] == path}
        less = below - ({"write"} if state == "write" else {"write", "read"})
        if state == "mask" or not (less or any(_concerns(glob, {path: state}) for glob in globs)):
            continue
        word = "excepted" if "mask" in below or globs else "read-only"
        told = f"something in `{_text(path)}` is {word}"
        yield f"{told}, so `fs.read` has copies of the folders around it, as they were when the call began"
        if state == "write":
            yield f"{told}, so `fs.write` and `fs.delete` make and delete nothing in the folders around it"


def _hidden_roots(roots: Sequence[str], states: dict[Path, State]) -> dict[Path, State]:
    """The roots in a system folder, which would be seen with it, where they are not given as a whole."""
    paths = [tuple(part for part in root.split("/") if part) for root in roots]
    return {
        path: "mask"
        for path in paths
        if f"/{path[0] if path else ''}" in SYSTEM_FOLDERS
        and len(path) > 1
        and _state(states, path) == "mask"
    }


def _fixed(glob: str) -> Path:
    """The literal segments that a pattern begins with."""
    parts = glob.strip("/").split("/")
    return tuple(parts[: next(i for i, part in enumerate(parts) if _WILD.intersection(part))])


def _concerns(glob: str, states: dict[Path, State]) -> bool:
    """Whether the pattern may name something in a bound place."""
    fixed = _fixed(glob)
    bound = [path for path, state in states.items() if state != "mask"]
    return any(path[: len(fixed)] == fixed[: len(path)] for path in bound)


def _matches(glob: str, path: str) -> bool:
    return matches(parse("path", glob), path)


def _text(path: Path) -> str:
    return "/" + "/".join(path)
