"""Resources made to be dear, and globs that a naive matcher goes through in exponentially many ways.

Work is counted, never timed (`tests/support/counting.py`). Regular expressions run outside of what can be
counted; of them it is their form that is held to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.matching import glob_matcher
from capwright_registry.patterns import build_trie, matches, parse
from capwright_registry.trie import Trie
from tests.support.counting import grows_linearly

MILLION = 10**6

#: Domain, and a resource of so many characters.
NAMED: list[tuple[str, Callable[[int], str]]] = [
    ("path", lambda n: "/" + "a" * n),
    ("path", lambda n: "/a" * (n // 2)),
    ("path", lambda n: "/.." * (n // 3)),
    ("path", lambda n: "/" * n),
    ("path", lambda n: "/" + "\u0301" * n),
    ("path", lambda n: "/" + "\udc80" * n),
    ("host", lambda n: "a" * n + ":443"),
    ("host", lambda n: "a." * (n // 2) + "a:443"),
    ("host", lambda n: "a" + "-" * n + "a:443"),
    ("url", lambda n: "GET https://h/" + "a/" * (n // 2)),
    ("url", lambda n: "GET https://h/" + "%41" * (n // 3)),
    ("url", lambda n: "GET https://h/" + "a/../" * (n // 5)),
    ("url", lambda n: "GET https://" + "a." * (n // 2) + "a/"),
    ("url", lambda n: "G" * n + " https://h/"),
    ("url", lambda n: "GET https://h/?" + "#" * n),
    ("name", lambda n: "a" * n),
    ("name", lambda n: "a.:/" * (n // 4)),
    ("argv", lambda n: "a" * n),
    ("argv", lambda n: "a " * (n // 2)),
    ("argv", lambda n: "a'b'" * (n // 4)),
    ("argv", lambda n: "\\a" * (n // 2)),
    ("argv", lambda n: '"' + '\\"' * (n // 2) + '"'),
    ("argv", lambda n: "'" * (2 * (n // 2))),
]
REFUSED: list[tuple[str, Callable[[int], str]]] = [
    ("path", lambda n: "a" * n),
    ("path", lambda n: "/" + "\ud800" * n),
    ("path", lambda n: "/" + "a" * n + "\x00"),
    ("host", lambda n: ":" * n),
    ("host", lambda n: "[" + "1:" * n + "]:443"),
    ("host", lambda n: "a:" + "1" * n),
    ("host", lambda n: "1" * n + ":443"),
    ("host", lambda n: "1." * n + "1:443"),
    ("host", lambda n: "a" + "-" * n + ":443"),
    ("host", lambda n: "a.0x" + "f" * n + ":443"),
    ("url", lambda n: "a" * n),
    ("url", lambda n: "GET https://" + "[" * n),
    ("url", lambda n: "GET https://" + "@" * n),
    ("url", lambda n: "GET https://h/" + "%" * n),
    ("url", lambda n: "GET https://h/" + "/" * n),
    ("name", lambda n: "a" * n + "\u200b"),
    ("argv", lambda n: "a'" + "a" * n),
    ("argv", lambda n: "'a' " * n + '"'),
    ("argv", lambda n: '"' + "\\" * (2 * n + 1)),
    ("argv", lambda n: " " * n),
]


def _tried(domain: str, text: str) -> str:
    try:
        segments(domain, canonical(domain, text))
    except ResourceError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("case", [*NAMED, *REFUSED], ids=range(len(NAMED) + len(REFUSED)))
def test_a_resource_costs_in_proportion_to_its_length(case: tuple[str, Callable[[int], str]]) -> None:
    domain, text = case
    assert grows_linearly(lambda size: partial(_tried, domain, text(size)), 5000)


@pytest.mark.parametrize("case", NAMED, ids=range(len(NAMED)))
def test_a_megabyte_is_a_resource_like_any_other(case: tuple[str, Callable[[int], str]]) -> None:
    domain, text = case
    assert _tried(domain, text(MILLION)) == ""


@pytest.mark.parametrize("case", REFUSED, ids=range(len(REFUSED)))
def test_a_megabyte_is_refused_in_words_that_do_not_repeat_it(
    case: tuple[str, Callable[[int], str]],
) -> None:
    domain, text = case
    assert 0 < len(_tried(domain, text(MILLION))) < 120


#: Globs with many ways to take one text.
TANGLED = [
    "*a" * 63 + "*b",
    "*a*b" * 16 + "*c",
    "*" + "[ab]" * 70 + "*" + "[ab]" * 80 + "*c",
    "*" + "?" * 60 + "*b",
    "[!b]" * 900 + "*b",
    "*?" * 31 + "*b",
]


@pytest.mark.parametrize("glob", TANGLED)
@pytest.mark.parametrize("text", ["a", "ab", "aab", "[ab]"])
def test_a_long_segment_ends_in_linear_work(glob: str, text: str) -> None:
    matcher = glob_matcher(glob)
    assert not matcher(text * 100_000 + "!")
    assert grows_linearly(lambda size: partial(matcher, text * size + "!"), 1000)


def _open_repeats(parsed: Any) -> Iterator[str]:
    """Repeats of a regular expression that may be gone back into."""
    for name, value in parsed:
        if str(name) in ("MAX_REPEAT", "MIN_REPEAT"):
            yield str(name)
        elif str(name) == "SUBPATTERN":
            yield from _open_repeats(value[-1])


@pytest.mark.parametrize("glob", [*TANGLED, "*a*", "a*b*c", "*.*.?", "[!a]*[a-z]*b"])
def test_no_part_of_a_glob_goes_back_into_another(glob: str) -> None:
    """Each `*` but the last is in an atomic group: the ways to divide a text are not gone through."""
    matcher = glob_matcher(glob)
    if isinstance(matcher, partial):
        return  # a bit for each unit: no regular expression
    expression: re.Pattern[str] = matcher.__self__  # type: ignore[attr-defined]
    assert len(list(_open_repeats(re._parser.parse(expression.pattern)))) <= 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("domain", "pattern", "unit"),
    [
        ("path", "/" + "**/x/" * 31 + "b", "/x"),
        ("path", "/**/*a*b", "/ab/ba"),
        ("host", "*.?*.a:443", "a.b."),
        ("name", "**.x." * 20 + "b", "x."),
        ("argv", "*a* *b* ...", "a b "),
    ],
)
def test_many_segments_are_walked_in_linear_work(domain: str, pattern: str, unit: str) -> None:
    ends = {"path": "/y", "host": "z:443", "name": "y", "argv": "y"}
    parsed = parse(domain, pattern)

    def walk(size: int) -> Callable[[], object]:
        return partial(matches, parsed, canonical(domain, unit * size + ends[domain]))

    assert grows_linearly(walk, 1000)
    assert walk(100_000)() in (True, False)


def test_ten_thousand_patterns_make_a_table_in_linear_work() -> None:
    def built(count: int) -> Callable[[], object]:
        listed = [parse("path", f"/**/a{number}/*b{number}*c") for number in range(count)]
        return lambda: Trie(build_trie(listed))

    assert grows_linearly(built, 300)
    whole = Trie(build_trie([parse("path", f"/**/a{number}/*b{number}*c") for number in range(10_000)]))
    assert whole.walk(("x", "a77", "xb77c")) == {77}


def test_ports_and_networks_that_overlap_are_not_written_out() -> None:
    """Each range lies within the one before: written out, 1,000 of them would be a million places."""

    def built(count: int) -> Callable[[], object]:
        listed = [parse("host", f"*:{number + 1}-{65_000 - number}") for number in range(count)]
        return lambda: Trie(build_trie(listed))

    assert grows_linearly(built, 500)
