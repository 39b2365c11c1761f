"""Strategies for patterns over tiny alphabets, and every small resource of each domain."""

from __future__ import annotations

from itertools import product
from typing import Final

from hypothesis import strategies as st

from capwright_registry.patterns import Pattern, PatternError, Region, parse
from tests.registry.patterns.reference import canonical_texts, strings

_UNITS: Final = st.sampled_from(["a", "b", ".", "?", "*", "[ab]", "[!a]", "[b-d]", "aa"])
_GLOB: Final = st.lists(_UNITS, min_size=1, max_size=3).map("".join)
_PATH: Final = st.lists(
    st.one_of(st.just("**"), st.sampled_from(["a", "b", "ab"]), _GLOB), min_size=0, max_size=3
)
_LABEL: Final = st.sampled_from(["a", "b", "a-b", "a*", "?", "?*", "*b", "[!a]", "b?"])
_PORT: Final = st.sampled_from(["1", "2", "1-2", "2-9", "*"])
_HOST: Final = st.one_of(
    st.lists(_LABEL, min_size=1, max_size=2).map(".".join),
    st.lists(_LABEL, min_size=1, max_size=2).map(lambda labels: ".".join(["*", *labels])),
    st.sampled_from(["*", "0.0.0.1", "0.0.0.0/30", "0.0.0.0/0", "[::1]", "[::/126]", "[::/0]"]),
)
_PIECE: Final = st.one_of(st.just("**"), st.sampled_from(["a", "b", "*", "?", "a*", "*b", "[!a]", "[ab]?"]))
_NAME: Final = st.lists(st.tuples(_PIECE, st.sampled_from(".:")), min_size=1, max_size=3).map(
    lambda parts: "".join(piece + separator for piece, separator in parts)[:-1]
)
_ARGUMENT: Final = st.sampled_from(["a", "b", "''", "*", "?", "a*", "*b", "[!a]", "'a b'"])
_ARGV: Final = st.builds(
    lambda words, rest: " ".join([*words, *rest]),
    st.lists(_ARGUMENT, min_size=1, max_size=2),
    st.sampled_from([[], ["..."]]),
)
_URL: Final = st.builds(
    lambda method, scheme, host, port, path: f"{method} {scheme}://{host}:{port}/{'/'.join(path)}",
    st.sampled_from(["GET", "*", "GET,PUT"]),
    st.sampled_from(["http", "https"]),
    st.sampled_from(["a", "*", "*.a", "?", "0.0.0.1"]),
    _PORT,
    st.lists(st.sampled_from(["**", "a", "b", "a*", "*b", "[!a]"]), max_size=2),
)
TEXTS: Final = {
    "path": _PATH.map(lambda parts: "/" + "/".join(parts)),
    "host": st.builds("{}:{}".format, _HOST, _PORT),
    "url": _URL,
    "name": _NAME,
    "argv": _ARGV,
}


def _resources() -> dict[str, list[str]]:
    parts = strings("abc.", 2)
    hosts = [
        "a",
        "b",
        "c",
        "ab",
        "a.a",
        "b.a",
        "a.b",
        "c.b.a",
        "a-b",
        "a-b.a",
        "0.0.0.1",
        "0.0.0.9",
        "[::1]",
        "[::9]",
    ]
    ports = ("1", "2", "3", "443")
    places = [f"{host}:{port}" for host, port in product(hosts, ports)]
    found = {
        "path": ["/" + "/".join(path) for depth in (1, 2) for path in product(parts, repeat=depth)]
        + ["/" + "/".join(path) for path in product("abc", repeat=3)]
        + ["/aaa", "/aab", "/a/aba", "/bbb/c"],
        "host": places,
        "url": [
            f"{method} {scheme}://{place}/{path}"
            for method, scheme, place in product(("GET", "PUT", "X"), ("http", "https"), places[::3])
            for path in ("", "a", "b", "ab", "a/b", "c", "c/a/b")
        ],
        "name": [*strings("ab.:", 4), "c", "c.a", "ccc"],
        "argv": [
            " ".join(words)
            for n in (1, 2, 3)
            for words in product(("a", "b", "''", "'a b'", "ab", "c"), repeat=n)
        ],
    }
    return {domain: canonical_texts(domain, texts) for domain, texts in found.items()}


RESOURCES: Final = _resources()


@st.composite
def pattern(draw: st.DrawFn, domain: str) -> Pattern:
    """A small pattern of the domain; texts that are no pattern are left out."""
    while True:
        try:
            return parse(domain, draw(TEXTS[domain]))
        except PatternError:
            continue


@st.composite
def regions(draw: st.DrawFn, domain: str) -> list[Region]:
    """One to four regions out of a few patterns that they share, so that they often meet."""
    pool = st.sampled_from(draw(st.lists(pattern(domain), min_size=2, max_size=5)))
    one = st.builds(
        lambda on, except_: Region(tuple(on), tuple(except_)),
        st.lists(pool, min_size=1, max_size=2),
        st.lists(pool, max_size=2),
    )
    return draw(st.lists(one, min_size=1, max_size=4))
