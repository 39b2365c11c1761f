"""Single changes of a proof: of its bytes, and of one value in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

Route = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutation:
    """What was changed: `kind`, `place` (`*` for numbers and names of the workspace) and the new body."""

    kind: str
    place: str
    body: dict[str, Any]


#: Objects whose keys are names of the workspace's own.
_NAMES = frozenset(
    {"rules", "tables", "plugins", "tools", "cases", "contexts", "input", "runtime", "properties"}
)


def routes(value: Any, above: Route = ()) -> Iterator[Route]:
    """The route to every value within, leaves and branches."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*above, key)
        yield from routes(part, (*above, key))


def place_of(route: Route) -> str:
    """The route without numbers, and without names below `_NAMES`."""
    shown = [
        "*" if isinstance(key, int) or (n and route[n - 1] in _NAMES) else key for n, key in enumerate(route)
    ]
    return ".".join(shown)


def mutate(body: Mapping[str, Any], random: Random, among: list[Route]) -> Mutation:
    """One change at one of the routes, which are those of `body`."""
    while True:
        route, kind = random.choice(among), random.choice(sorted(_KINDS))
        changed = copy.deepcopy(dict(body))
        holder: Any = changed
        for key in route[:-1]:
            holder = holder[key]
        if _KINDS[kind](holder, route[-1], random) and _text(changed) != _text(body):
            return Mutation(kind, place_of(route), changed)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _value(holder: Any, key: Any, random: Random) -> bool:
    old = holder[key]
    if isinstance(old, bool):
        holder[key] = not old
    elif isinstance(old, int):
        holder[key] = old + random.choice([-1, 1, 2])
    elif isinstance(old, str):
        at = random.randrange(len(old) + 1)
        holder[key] = random.choice([old[:at] + "x" + old[at:], old[:at] + old[at + 1 :], "", "zz"])
    elif old is None:
        holder[key] = random.choice([0, "x", [], False])
    else:
        return False
    return True


def _type(holder: Any, key: Any, random: Random) -> bool:
    holder[key] = random.choice([None, 0, 1, True, False, "", [], {}, [[]], "1"])
    return True


def _empty(holder: Any, key: Any, random: Random) -> bool:
    if not isinstance(holder[key], (dict, list)):
        return False
    holder[key] = type(holder[key])()
    return True


def _remove(holder: Any, key: Any, random: Random) -> bool:
    del holder[key]
    return True


def _add(holder: Any, key: Any, random: Random) -> bool:
    if isinstance(holder, list):
        holder.insert(random.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
    else:
        holder["extra"] = copy.deepcopy(holder[key])
    return True


def _swap(holder: Any, key: Any, random: Random) -> bool:
    if not isinstance(holder, list) or len(holder) < 2:
        return False
    other = random.randrange(len(holder))
    holder[key], holder[other] = holder[other], holder[key]
    return True


def _copy(holder: Any, key: Any, random: Random) -> bool:
    """The value of a sibling in its place."""
    keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
    holder[key] = copy.deepcopy(holder[random.choice(keys)])
    return True


_KINDS: Mapping[str, Callable[[Any, Any, Random], bool]] = {
    "value": _value,
    "type": _type,
    "emptied": _empty,
    "removed": _remove,
    "added": _add,
    "swapped": _swap,
    "copied": _copy,
}


def byte_changes(data: bytes, random: Random) -> Iterator[tuple[str, bytes]]:
    """Changes of the text, without end: each is another file than `data`."""
    text = data.decode()
    digit = [n for n, char in enumerate(text) if char.isdigit() and text[n - 1] in ":[,"]
    comma = [n for n, char in enumerate(text) if char == ","]
    quote = [n for n, char in enumerate(text) if text.startswith('{"', n)]
    while True:
        at = random.randrange(len(data))
        yield "flip", data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]
        yield "truncated", data[: random.randrange(len(data) - 1)]
        yield "dropped", data[:at] + data[at + 1 :]
        here = random.choice(comma)
        yield "whitespace", (text[:here] + random.choice([" ", "\n", "\t"]) + text[here:]).encode()
        here = random.choice(digit)
        for name, number in (("float", ".0"), ("exponent", "e0")):
            end = next(n for n in range(here, len(text)) if not text[n].isdigit())
            yield name, (text[:end] + number + text[end:]).encode()
        yield "leading zero", (text[:here] + "0" + text[here:]).encode()
        here = random.choice(quote)
        key = text[here + 1 : text.index(":", here)]
        yield "key twice", (text[: here + 1] + key + ":0," + text[here + 1 :]).encode()
        yield "appended", data + random.choice([b"\n", b" ", b"{}", b"\0"])
        yield "byte order mark", b"\xef\xbb\xbf" + data
        here = random.choice([n for n, char in enumerate(text) if char.isalpha() and char.isascii()])
        yield "escaped", (text[:here] + f"\\u{ord(text[here]):04x}" + text[here + 1 :]).encode()
