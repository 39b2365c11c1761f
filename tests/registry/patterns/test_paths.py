"""Patterns over paths."""

from __future__ import annotations

import pytest

from capwright_registry.canonical import canonical
from capwright_registry.patterns import PatternError, matches, parse

ROOTS = {"workspace": "/repo", "home": "/home/a b/[x]*"}

MATCHES = [
    ("/", ["/"], ["/a"]),
    ("/a", ["/a", "/a/", "//a", "/b/../a"], ["/", "/ab", "/a/b"]),
    ("/secret/**", ["/secret", "/secret/", "/secret/a/b"], ["/secrets", "/", "/a/secret"]),
    ("/a/*", ["/a/b", "/a/.b"], ["/a", "/a/b/c"]),
    ("/a/**/b*", ["/a/b", "/a/x/y/bc"], ["/a", "/a/b/c", "/b"]),
    ("/a/**/**/b", ["/a/b", "/a/x/b"], ["/a"]),
    ("**/.env", ["/.env", "/a/b/.env"], ["/a/.envrc", "/.env/a"]),
    ("**", ["/", "/a/b"], []),
    ("/**", ["/", "/a/b"], []),
    ("**/secret/**", ["/secret", "/a/secret/b"], ["/a"]),
    ("${workspace}", ["/repo"], ["/repo/a", "/"]),
    ("${workspace}/**", ["/repo", "/repo/a"], ["/repository"]),
    ("${home}/*", ["/home/a b/[x]*/c"], ["/home/a b/xy/c"]),
    ("/a?c", ["/abc", "/a.c", "/a\udc80c"], ["/ac", "/abbc"]),
    ("/[a-c]x", ["/ax", "/cx"], ["/dx"]),
    ("/[!a-c]x", ["/dx", "/éx"], ["/ax"]),
    ("/[*]", ["/*"], ["/a"]),
    ("/[\\]", ["/\\"], ["/a"]),
    ("/[$]{x}", ["/${x}"], []),
    ("/é", ["/é"], ["/e\u0301", "/e"]),
    ("/A", ["/A"], ["/a"]),
    ("/a b", ["/a b"], []),
]

REFUSED = [
    ("", "empty", "leave"),
    ("a/b", "relative", "`${workspace}/a/b`, or `**/a/b`"),
    ("./a", "relative", "`${workspace}/a`"),
    ("~/a", "relative", "`~` is not expanded"),
    ("$HOME/a", "relative", "not expanded"),
    ("/a/../b", "`..`", "folder"),
    ("/a/./b", "`.`", "leave"),
    ("/[.][.]/b", "`..`", "folder"),
    ("/a//b", "empty segment", "`/a/b`"),
    ("/a/", "empty segment", "`/a/**`"),
    ("/foo**bar", "stands alone", "`*`"),
    ("/a/***", "stands alone", "`*`"),
    ("/[ab", "not closed", "`]`"),
    ("/[a/b]", "not closed", "`]`"),
    ("/[]", "empty", "[abc]"),
    ("/[!]", "empty", "[!abc]"),
    ("/[^a]", "negate", "[!a]"),
    ("/[z-a]", "range", "a-z"),
    ("/[a-c-e]", "ambiguous", "first or last"),
    ("/[\\d]", "backslash", "as they are"),
    ("/a\\b", "backslash", "`[*]`"),
    ("C:\\x", "relative", "`**/"),
    ("${worksapce}/x", "no root `worksapce`", "`${workspace}`"),
    ("${nowhere}/x", "no root", "`home`, `workspace`"),
    ("${workspace}x", "whole segment", "${name}/"),
    ("${workspace", "whole segment", "${name}/"),
    ("/a/${workspace}", "only at the start", "[$]{"),
    ("/a\nb", "control", "?"),
    ("/\ud800", "surrogate", "?"),
    ("/" + "a" * 4096, "4097 characters", "split"),
    ("/" + "*a" * 65, "65 wildcards", "split"),
]


@pytest.mark.parametrize(("text", "yes", "no"), MATCHES)
def test_matches(text: str, yes: list[str], no: list[str]) -> None:
    pattern = parse("path", text, ROOTS)
    assert [r for r in yes if not matches(pattern, canonical("path", r))] == []
    assert [r for r in no if matches(pattern, canonical("path", r))] == []
    assert pattern.text == text
    again = parse("path", pattern.canonical)
    assert (again.elements, again.canonical) == (pattern.elements, pattern.canonical)


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_refused_with_what_was_probably_meant(text: str, message: str, hint: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse("path", text, ROOTS)
    assert message in caught.value.message
    assert hint in caught.value.help


@pytest.mark.parametrize("place", ["relative", "", "/a\n", "/\udc80"])
def test_a_root_that_is_no_plain_path_is_refused(place: str) -> None:
    with pytest.raises(PatternError, match="root"):
        parse("path", "${x}/a", {"x": place})


def test_without_roots_the_help_names_none() -> None:
    with pytest.raises(PatternError) as caught:
        parse("path", "a")
    assert "`/a`" in caught.value.help
    with pytest.raises(PatternError, match="none"):
        parse("path", "${x}")


def test_an_unknown_domain_is_refused() -> None:
    with pytest.raises(PatternError, match="no domain"):
        parse("shape", "a")
