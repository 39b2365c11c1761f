"""The oracle itself: it must find what is there, find nothing where nothing is, and know every character.

An oracle that can find nothing agrees with every proof of emptiness; Z3 has been that, for a range up to the
last code point.
"""

from __future__ import annotations

import re
from itertools import pairwise, product

import pytest
import z3

from capwright_registry.canonical import ResourceError, canonical
from tests.support.pattern_cases.matching import compiled, resource_of
from tests.support.pattern_cases.questions import questions
from tests.support.pattern_cases.vocabulary import DOMAINS
from tests.support.pattern_oracle.alphabets import EVERY, FINITE, FOREIGN
from tests.support.pattern_oracle.expression import Chars, Text, any_case, python, quoted, smt
from tests.support.pattern_oracle.numbers import number, value, within
from tests.support.pattern_oracle.places import LABELS
from tests.support.pattern_oracle.reading import read
from tests.support.pattern_oracle.solver import Set, ask, solve
from tests.support.pattern_oracle.universe import is_resource
from tests.support.pattern_oracle.words import read_word, write_text

RESOURCES = {
    "path": ["/", "/a/b.txt", "/...", "/a b/\u00e9", "/\udc80"],
    "host": ["a.b-c:443", "xn--a_:1", "10.0.0.1:65535", "[::1]:80", "[2001:db8::ffff:0]:80", "0x.a:1"],
    "url": [
        "GET https://h:443/",
        "X-Y http://10.0.0.1:80/a/%20b;c",
        "GET https://[::]:1/...",
        "GET http://a:1/.a",
    ],
    "name": ["a", ".", "project:acme.notes/search", "\u00e9"],
    "argv": ["git", "git commit -m 'a b'", "''", "a '' 'it'\"'\"'s'", "'a\n'", "\udc80"],
}
NO_RESOURCES = {
    "path": ["a", "/a/", "//", "/.", "/a/../b", "/\n"],
    "host": [
        "na-:\U00010001",
        "na..b:\U00010001",
        "na.1:\U00010001",
        "na.0xf:\U00010001",
        "na:\U00010000",
        "na",
    ],
    "url": [
        "GET ftp na:\U00010001",
        "get http na:\U00010001",
        "GET http na:\U00010001/..;x",
        "GET http na:\U00010001/%2F",
    ],
    "name": ["", "a b", "\u200b", "\u00ad"],
    "argv": ["", "a", "\ud800\0"],
}
#: A set, what is taken away from it, and a resource that is left over, or None.
KNOWN = [
    ("path", "/a/*", "/**", None),
    ("path", "/a/*", "/a/? | /a/??*", None),
    ("path", "/a/*", "/a/?", "/a/xx"),
    ("path", "/a/**", "/a/*", "/a"),
    ("path", "/**/a", "/*/a | /*/*/** | /a", None),
    ("host", "*.com:443", "*:*", None),
    ("host", "*:443", "*.com:1-500 | [::/0]:* | 0.0.0.0/0:*", "com:443"),
    ("host", "10.0.0.0/8:1", "10.0.0.0/9:1 | 10.128.0.0/9:1", None),
    ("host", "[::/0]:1", "[::/1]:1", "[8000::]:1"),
    ("host", "[::fffe:0:0/95]:1", "[::fffe:0:0/96]:1", None),
    ("url", "GET,PUT https://h/v1/**", "GET https://*/** | PUT https://h/**", None),
    ("url", "* https://h/v1/**", "GET https://*/**", "PUT https://h:443/v1"),
    ("name", "a.**", "**", None),
    ("name", "**", "*", "."),
    ("argv", "git ...", "git | git * ...", None),
    ("argv", "git ...", "git push ...", "git"),
]


@pytest.mark.parametrize(("domain", "on", "taken", "left"), KNOWN)
def test_z3_says_what_is_known(domain: str, on: str, taken: str, left: str | None) -> None:
    patterns, others = tuple(on.split(" | ")), tuple(taken.split(" | "))
    answer = ask(domain, [Set(patterns)], [Set(others)])
    assert answer.verdict == ("unsat" if left is None else "sat")
    if left is not None:
        for word in (answer.word, read_word(domain, left)):
            assert is_resource(domain, word)
            assert any(compiled(domain, pattern).fullmatch(word) for pattern in patterns)
            assert not any(compiled(domain, other).fullmatch(word) for other in others)


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_interval_holds_its_ends_and_not_their_neighbours(domain: str) -> None:
    for low, high in FINITE[domain].intervals:
        held = smt(Chars(((low, high),)))
        for code, expected in ((low, "sat"), (high, "sat"), (low - 1, "unsat"), (high + 1, "unsat")):
            if 0 <= code <= 0x2FFFF:
                answer = solve(f"(re.inter {held} {smt(Text(chr(code)))})")
                assert (answer.verdict, answer.word) == (expected, chr(code) if expected == "sat" else "")


def test_a_range_to_the_last_code_point_is_the_trap_that_no_alphabet_falls_into() -> None:
    solver = z3.Solver()
    solver.add(z3.InRe(z3.String("word"), z3.Range(chr(0), chr(0x10FFFF))))
    assert solver.check() == z3.unsat  # it should be satisfiable
    assert all(high <= 0x2FFFF for chars in FINITE.values() for _, high in chars.intervals)


@pytest.mark.parametrize("domain", DOMAINS)
def test_z3_has_one_character_of_each_kind(domain: str) -> None:
    """The cases name ASCII and `FOREIGN` alone: what lies between two of them is alike to every pattern."""
    borders = [chr(code) for code in range(0x80)] + sorted(FOREIGN) + [chr(0x10FFFF)]
    for before, after in pairwise(borders):
        between = ((ord(before) + 1, ord(after) - 1),)
        assert _meets(FINITE[domain], between) == _meets(EVERY[domain], between), (before, after)
    for char in borders[:-1]:
        assert _has(FINITE[domain], ord(char)) == _has(EVERY[domain], ord(char))


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_cases_name_ascii_and_foreign_alone(domain: str) -> None:
    named = {chr(code) for code in range(0x80)}.union(FOREIGN, *(LABELS if domain in ("host", "url") else ()))
    for seed in range(200):
        for question in questions(domain, f"{seed}"):
            for one in (*question.within, *question.without):
                assert named.issuperset("".join((*one.on, *one.except_)))


def _has(chars: Chars, code: int) -> bool:
    return _meets(chars, ((code, code),))


def _meets(chars: Chars, others: tuple[tuple[int, int], ...]) -> bool:
    return any(a <= d and c <= b for a, b in chars.intervals for c, d in others)


@pytest.mark.parametrize(
    ("domain", "before", "after"), [("path", "/", ""), ("name", "", ""), ("argv", "'", "'")]
)
def test_every_character_is_one_that_canonical_takes(domain: str, before: str, after: str) -> None:
    near = {
        code + step for low, high in EVERY[domain].intervals for code in (low, high) for step in (-1, 0, 1)
    }
    for code in sorted(near.union(range(0x3000), range(0x3000, 0x110000, 251))):
        if 0 <= code <= 0x10FFFF and chr(code) not in "/.'":
            try:
                taken = bool(canonical(domain, f"{before}{chr(code)}{after}"))
            except ResourceError:
                taken = False
            assert taken == _has(EVERY[domain], code), hex(code)


@pytest.mark.parametrize("domain", DOMAINS)
def test_resources_and_their_words(domain: str) -> None:
    for text in RESOURCES[domain]:
        word = read_word(domain, canonical(domain, text))
        assert is_resource(domain, word), text
        assert (
            resource_of(domain, word)
            == canonical(domain, write_text(domain, word))
            == canonical(domain, text)
        )
    for word in NO_RESOURCES[domain]:
        assert not is_resource(domain, word), word
        assert resource_of(domain, word) is None


def test_any_case_is_every_spelling_of_some_member() -> None:
    expression = read("path", "/[!a]b[Y-[]", EVERY["path"])
    exact, folded = (re.compile(python(one)) for one in (expression, any_case(expression)))
    for word in map("".join, product("/", "aAbB", "bBcC", "yYzZxX[{\u212a")):
        spelled = {
            "".join(chars) for chars in product(*({c, c.swapcase()} if c.isascii() else c for c in word))
        }
        assert (folded.fullmatch(word) is not None) == any(map(exact.fullmatch, spelled)), word


def test_strings_come_back_from_z3_as_they_went() -> None:
    for char in ("\\", '"', "u{41}", "\\u{41}", "\0", "\udc80", "\U0001f600", "é", "\U0002ffff", ""):
        assert solve(f"(str.to_re {quoted(char)})").word == char


def test_numbers() -> None:
    assert value(number(2**128 - 2, 8)) == 2**128 - 2
    for low, high in ((0, 0), (1, 65535), (65535, 65537), (0x1FFFF, 0x50001), (7, 2**32 - 1), (0, 2**32 - 1)):
        expression = smt(within(low, high, 2))
        for probe in {0, low - 1, low, low + 1, 0x2FFFF, high - 1, high, high + 1, 2**32 - 1}:
            if 0 <= probe < 2**32:
                verdict = solve(f"(re.inter {expression} (str.to_re {quoted(number(probe, 2))}))").verdict
                assert verdict == ("sat" if low <= probe <= high else "unsat"), (low, high, probe)


def test_an_answer_beyond_the_limit_is_unknown_each_time() -> None:
    hard = Set(("/*a*b*c*",)), Set(("/*b*c*d*",))
    first, second = (ask("path", hard, [Set(("/*d*c*b*a*",))], limit=2_000) for _ in range(2))
    assert first == second
    assert first.verdict == "unknown"
