"""A second reading of patterns, slow and plain, that the tables and the algebra are held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.patterns import Pattern, Region, parse
from capwright_registry.patterns.elements import Deep, Element, Glob, One, Range, Word


def glob_matches(glob: str, text: str) -> bool:
    """By recursion over the glob's characters."""
    if not glob:
        return not text
    if glob[0] == "*":
        return glob_matches(glob[1:], text) or bool(text and glob_matches(glob, text[1:]))
    if not text:
        return False
    if glob[0] == "?":
        return glob_matches(glob[1:], text[1:])
    if glob[0] == "[":
        end = glob.index("]")
        return _in_class(glob[1:end], text[0]) and glob_matches(glob[end + 1 :], text[1:])
    return glob[0] == text[0] and glob_matches(glob[1:], text[1:])


def _in_class(body: str, char: str) -> bool:
    if body.startswith("!"):
        return not _in_class(body[1:], char)
    if not body:
        return False
    if len(body) > 2 and body[1] == "-":
        return body[0] <= char <= body[2] or _in_class(body[3:], char)
    return body[0] == char or _in_class(body[1:], char)


def sequence_matches(elements: Sequence[Element], parts: Sequence[str | int]) -> bool:
    """By recursion over the elements."""
    if not elements:
        return not parts
    first, rest = elements[0], elements[1:]
    if isinstance(first, Deep):
        return sequence_matches(rest, parts) or (
            bool(parts) and isinstance(parts[0], str) and sequence_matches(elements, parts[1:])
        )
    return bool(parts) and _element_matches(first, parts[0]) and sequence_matches(rest, parts[1:])


def _element_matches(element: Element, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(element, Range) and element.low <= part <= element.high
    match element:
        case Word(text):
            return text == part
        case Glob(text):
            return glob_matches(text, part)
        case One():
            return True
        case _:
            return False


def reads(pattern: Pattern, resource: str) -> bool:
    """Whether the canonical resource is in the pattern."""
    parts = segments(pattern.domain, resource)
    return any(sequence_matches(alternative, parts) for alternative in pattern.elements)


def within(region: Region, resource: str) -> bool:
    """Whether the canonical resource is in the region."""
    return any(reads(p, resource) for p in region.on) and not any(reads(p, resource) for p in region.except_)


def canonical_texts(domain: str, texts: Iterable[str]) -> list[str]:
    """Those texts that are resources, in canonical form, each once."""
    found: dict[str, None] = {}
    for text in texts:
        try:
            found[canonical(domain, text)] = None
        except ResourceError:
            continue
    return list(found)


def strings(alphabet: str, longest: int) -> list[str]:
    """Every string over the alphabet, up to a length."""
    return ["".join(chars) for length in range(longest + 1) for chars in product(alphabet, repeat=length)]


def patterns(domain: str, *texts: str) -> tuple[Pattern, ...]:
    """The patterns that the texts say."""
    return tuple(parse(domain, text) for text in texts)
