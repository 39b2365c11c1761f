"""Which sequences of segments are resources: one small automaton a domain, and the way back to text."""

from __future__ import annotations

import ipaddress
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from capwright_registry.patterns import universe
from capwright_registry.patterns.budget import Budget
from capwright_registry.patterns.charset import CharSet
from capwright_registry.patterns.intervals import sweep
from capwright_registry.patterns.universe import Universe

_PORTS: Final[CharSet] = ((1, 65535),)
_MAPPED: Final = 0xFFFF << 32  # the first IPv4-mapped address: `[::ffff:10.0.0.1]` is `10.0.0.1`
_IPV6: Final[CharSet] = ((0, _MAPPED - 1), (_MAPPED + 2**32, 2**128 - 1))


@dataclass(frozen=True, slots=True)
class Texts:
    """A text of the universe, and the state after it. The options of one state are disjoint."""

    universe: Universe
    after: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number in one of the intervals; `preferred` are the ones that read well in a counterexample."""

    intervals: CharSet
    after: int
    preferred: tuple[int, ...]

    def told_apart(
        self, ranges: Iterable[tuple[int, int, int]], budget: Budget
    ) -> Iterator[tuple[int, frozenset[int]]]:
        """Every set of targets that some number here has among `ranges` (low, high, target), with one."""
        found: dict[frozenset[int], list[tuple[int, int]]] = {}
        for low, high, tags in sweep([*((low, high, -1) for low, high in self.intervals), *ranges]):
            budget.spend(len(tags))
            if -1 in tags:
                found.setdefault(tags - {-1}, []).append((low, high))
        for targets, intervals in found.items():
            preferred = (n for n in self.preferred if any(low <= n <= high for low, high in intervals))
            yield next(preferred, intervals[0][0]), targets


@dataclass(frozen=True, slots=True)
class State:
    """Where a sequence may stand. `open`: only texts can follow, so a trailing `**` takes them all."""

    options: tuple[Texts | Numbers, ...]
    accepts: bool = False
    open: bool = False


Space = tuple[State, ...]


def _port(after: int) -> Numbers:
    return Numbers(_PORTS, after, (443, 80, 8080))


def _host(start: int, after: int) -> list[State]:
    """A host from state `start`, five states long, and on to `after`."""
    name, ipv4, ipv6, labels, port = range(start + 1, start + 6)
    last = Texts(universe.LAST_LABEL, labels)
    return [
        State(
            (
                Texts(universe.words("name"), name),
                Texts(universe.words("ipv4"), ipv4),
                Texts(universe.words("ipv6"), ipv6),
            )
        ),
        State((last,)),
        State((Numbers(((0, 2**32 - 1),), port, (0xC0000201, 0x0A000001)),)),
        State((Numbers(_IPV6, port, (0x20010DB8 << 96 | 1, 1)),)),
        State((Texts(universe.LABEL, labels), _port(after))),
        State((_port(after),)),
    ]


def _texts_for_ever(kind: Universe, at: int) -> State:
    return State((Texts(kind, at),), accepts=True, open=True)


SPACES: Final[Mapping[str, Space]] = MappingProxyType(
    {
        "path": (_texts_for_ever(universe.FILE, 0),),
        "host": (*_host(0, 6), State((), accepts=True, open=True)),
        "url": (
            State((Texts(universe.METHOD, 1),)),
            State((Texts(universe.words("http", "https"), 2),)),
            *_host(2, 8),
            _texts_for_ever(universe.URL_SEGMENT, 8),
        ),
        # Two pieces never meet: what stands between two separators is one piece.
        "name": (
            State((Texts(universe.PIECE, 1), Texts(universe.SEPARATOR, 2)), open=True),
            State((Texts(universe.SEPARATOR, 2),), accepts=True, open=True),
            State((Texts(universe.PIECE, 1), Texts(universe.SEPARATOR, 2)), accepts=True, open=True),
        ),
        "argv": (
            State((Texts(universe.ARGUMENT, 1),), open=True),
            _texts_for_ever(universe.ARGUMENT, 1),
        ),
    }
)


def text_of(domain: str, segments: Sequence[str | int]) -> str:
    """The canonical resource of these segments: the inverse of `capwright_registry.canonical.segments`."""
    if domain == "path":
        return "/" + "/".join(map(str, segments))
    if domain == "name":
        return "".join(map(str, segments))
    if domain == "argv":
        return shlex.join(map(str, segments))
    if domain == "host":
        return _host_text(segments)
    port = next(place for place, part in enumerate(segments[4:], 4) if isinstance(part, int))
    host, path = segments[2 : port + 1], segments[port + 1 :]
    return f"{segments[0]} {segments[1]}://{_host_text(host)}/{'/'.join(map(str, path))}"


def _host_text(segments: Sequence[str | int]) -> str:
    kind, *address, port = segments
    if kind == "name":
        return f"{'.'.join(str(label) for label in reversed(address))}:{port}"
    if kind == "ipv4":
        return f"{ipaddress.IPv4Address(address[0])}:{port}"
    return f"[{ipaddress.IPv6Address(address[0])}]:{port}"
