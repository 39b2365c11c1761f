"""The algebra's view of what a segment can be is the canonical form's."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from capwright_registry.canonical import UNSEEN, ResourceError, canonical, segments
from capwright_registry.patterns import universe
from capwright_registry.patterns.charset import complement, holds, union
from capwright_registry.patterns.universe import Universe
from tests.registry.patterns.reference import strings

# The universe, its domain, a resource with a hole for the segment, something that fits, which segment it is,
# an alphabet with every kind of character, and the length of the longest text.
HOLES: dict[str, tuple[Universe, str, str, str, int, str, int]] = {
    "file": (universe.FILE, "path", "/x/{}", "a", -1, "./a\n\x7f\x80\xa0é\udc80\udbff", 3),
    "label": (universe.LABEL, "host", "{}.com:1", "a", -2, "a0x-_.A:é", 4),
    "last label": (universe.LAST_LABEL, "host", "a.{}:1", "a", 1, "a0xg-_.", 5),
    "only label": (universe.LAST_LABEL, "host", "{}:1", "a", 1, "f9x0-", 5),
    "method": (universe.METHOD, "url", "{} https://h:1/", "A", 0, "AZ-a_ ", 4),
    "url segment": (universe.URL_SEGMENT, "url", "GET https://h:1/x/{}", "a", -1, "%.;aE2F0", 5),
    "odd url segment": (universe.URL_SEGMENT, "url", "GET https://h:1/x/{}", "a", -1, "%25CF7;~|é*?#/\\", 3),
    "piece": (universe.PIECE, "name", "x:{}", "a", -1, "a.:/ \u200bé\n\U000e0041\ud800", 3),
    "separator": (universe.SEPARATOR, "name", "x{}x", ".", 1, "./:a", 2),
    "argument": (universe.ARGUMENT, "argv", "x '{}'", "a", -1, "a \n\x00\udc80\udbff*", 3),
}


@pytest.mark.parametrize("name", sorted(HOLES))
def test_a_text_is_in_the_universe_iff_it_can_be_a_segment(name: str) -> None:
    """Exhaustively, over every text up to a length."""
    kind, domain, hole, fitting, place, alphabet, longest = HOLES[name]
    size = len(segments(domain, canonical(domain, hole.format(fitting))))
    accepted = 0
    for text in strings(alphabet, longest):
        if name == "piece" and universe.SEPARATOR.holds(text):
            continue  # a segment too, but of the other universe
        assert kind.holds(text) == _is_segment(domain, hole.format(text), size, place, text), text
        accepted += kind.holds(text)
    assert accepted


def _is_segment(domain: str, resource: str, size: int, place: int, text: str) -> bool:
    try:
        if canonical(domain, resource) != resource and domain != "argv":
            return False
        parts = segments(domain, canonical(domain, resource))
    except ResourceError:
        return False
    return len(parts) == size and parts[place] == text


def test_words_are_exactly_the_words() -> None:
    kind = universe.words("http", "https")
    assert [text for text in ("", "h", "http", "https", "httpss", "x") if kind.holds(text)] == [
        "http",
        "https",
    ]


def test_the_unseen_characters_of_names_are_the_same_set() -> None:
    pattern = re.compile(f"[{UNSEEN}]")
    unseen = complement(union([*universe.PIECE.rows[0][0][0], (ord("."), ord("/")), (ord(":"), ord(":"))]))
    for code in [*range(0x3200), *range(0xD700, 0x10000), *range(0x11000, 0x11100), *range(0xE0000, 0xE1001)]:
        assert holds(unseen, code) == bool(pattern.match(chr(code))), hex(code)


@pytest.mark.parametrize(
    "kind",
    [getattr(universe, name) for name in dir(universe) if isinstance(getattr(universe, name), Universe)],
)
def test_the_moves_of_one_row_are_disjoint(kind: Universe) -> None:
    for row in kind.rows:
        intervals = sorted(interval for chars, _ in row for interval in chars)
        assert all(left[1] < right[0] for left, right in pairwise(intervals))
