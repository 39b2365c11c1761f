"""One entry for every domain's patterns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.patterns.argv import parse_argv
from capwright_registry.patterns.bounds import MAX_SPELT_OUT, check_text
from capwright_registry.patterns.charset import readable
from capwright_registry.patterns.elements import (
    Element,
    Glob,
    One,
    Pattern,
    PatternError,
    Range,
    Region,
    TooComplex,
    Word,
)
from capwright_registry.patterns.glob import STAR, parse_glob
from capwright_registry.patterns.hosts import parse_host
from capwright_registry.patterns.names import parse_name
from capwright_registry.patterns.paths import parse_path
from capwright_registry.patterns.regions import is_empty
from capwright_registry.patterns.space import text_of
from capwright_registry.patterns.tables import build_trie
from capwright_registry.patterns.urls import parse_url
from capwright_registry.trie import Trie

_NO_ROOTS: Final[Mapping[str, str]] = MappingProxyType({})
_PARSERS: Final[Mapping[str, Callable[[str, Mapping[str, str]], Pattern]]] = MappingProxyType(
    {
        "path": parse_path,
        "host": lambda text, _: parse_host(text),
        "url": lambda text, _: parse_url(text),
        "name": lambda text, _: parse_name(text),
        "argv": lambda text, _: parse_argv(text),
    }
)


def parse(domain: str, text: str, roots: Mapping[str, str] = _NO_ROOTS) -> Pattern:
    """The pattern that `text` says in `domain`; `roots` are the folders that `${name}` stands for in paths.

    Every pattern matches something. Raises `PatternError`, whose `help` says what was probably meant.
    Grammar: `specs/patterns.md`.
    """
    root = text[2 : text.find("}")] if text.startswith("${") else ""
    try:
        return _parsed(domain, text, ((root, roots[root]),) if root in roots else ())
    except PatternError:
        return _parse(domain, text, roots)  # the message may name any of the roots


@lru_cache(maxsize=32768)
def _parsed(domain: str, text: str, roots: tuple[tuple[str, str], ...]) -> Pattern:
    # Documents name the same pattern over and over; `roots` is the one that it begins with.
    return _parse(domain, text, dict(roots))


def _parse(domain: str, text: str, roots: Mapping[str, str]) -> Pattern:
    check_text(text)
    parser = _PARSERS.get(domain)
    if parser is None:
        raise PatternError(f"there is no domain `{domain}`", f"write one of {', '.join(_PARSERS)}")
    pattern = parser(text, roots)
    _check_size(pattern)
    if any(isinstance(element, Glob) for alternative in pattern.elements for element in alternative):
        _check_matches_something(pattern)
    return pattern


def _check_size(pattern: Pattern) -> None:
    """A short text may say many alternatives of a long path; a table has each of their segments."""
    size = sum(map(len, pattern.elements))
    if len(pattern.elements) > 1 and size > MAX_SPELT_OUT:
        raise PatternError(
            f"the pattern stands for {len(pattern.elements)} alternatives with {size} segments together, "
            f"more than {MAX_SPELT_OUT}",
            "split it into patterns of fewer methods, or write `*` for any method",
        )


def _check_matches_something(pattern: Pattern) -> None:
    if any(_is_resource(pattern, filler) for filler in ("", "a")):
        return  # for most patterns the first guess is a resource; of the others the algebra knows
    try:
        empty = is_empty(Region((pattern,)))
    except TooComplex:
        raise PatternError("the pattern is too complex", "write it with fewer wildcards") from None
    if empty:
        raise PatternError("the pattern matches nothing", "look for a class that leaves no character over")


def _is_resource(pattern: Pattern, filler: str) -> bool:
    """Whether the pattern, with `filler` for each `*` within a segment, spells out a resource."""
    sample = tuple(part for element in pattern.elements[0] for part in _sample(element, filler))
    text = text_of(pattern.domain, sample)
    try:
        return segments(pattern.domain, canonical(pattern.domain, text)) == sample
    except ResourceError:
        return False


def _sample(element: Element, filler: str) -> tuple[str | int, ...]:
    """Some segments that the element matches, were every text a segment."""
    match element:
        case Word(text):
            return (text,)
        case Glob(text):
            return ("".join(filler if item == STAR else readable(item) for item in parse_glob(text)),)
        case One():
            return ("a",)
        case Range(low):
            return (low,)
        case _:
            return ()


def matches(pattern: Pattern, canonical_resource: str) -> bool:
    """Whether the canonical resource of the pattern's domain is in the pattern."""
    return bool(_table(pattern).walk(segments(pattern.domain, canonical_resource)))


@lru_cache(maxsize=4096)
def _table(pattern: Pattern) -> Trie:
    """The pattern's own table. Building one costs fifty times what a walk does, and patterns come again."""
    return Trie(build_trie([pattern]))
