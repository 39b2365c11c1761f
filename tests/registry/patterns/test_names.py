"""Patterns over names."""

from __future__ import annotations

import pytest

from capwright_registry.canonical import canonical
from capwright_registry.patterns import PatternError, matches, parse

MATCHES = [
    ("*", ["a", "a_b-c"], ["a.b", ".", "a:b", "a/b"]),
    ("**", ["a", "a.b", ".", "a:b/c", "//"], []),
    ("a.*", ["a.b"], ["a", "a.b.c", "a..", "a."]),
    (
        "project:acme.notes/*",
        ["project:acme.notes/search"],
        ["project:acme.notes/a.b", "project:acme.notesx/a"],
    ),
    (
        "project:acme.notes/**",
        ["project:acme.notes/a", "project:acme.notes/a.b/c:d"],
        ["project:acme.notes", "project:acme.notes/"],
    ),
    ("**:x", ["a:x", "a.b/c:x", "::x"], [":x", "x"]),
    ("shell.*", ["shell.run"], ["shell"]),
    ("a?", ["ab", "aé"], ["a", "a.", "a:"]),
    ("?", ["a"], [".", "/", ":"]),
    ("[!a]", ["b", "-"], ["a", ".", "/", ":"]),
    ("[!a-z]x", ["Ax"], ["ax", ".x"]),
    ("[!-a]", ["b", "!"], ["-", "a", ".", ":"]),
    ("[!--Z]", ["a", "+"], ["-", ".", "A", ":"]),
    ("[!+-Z^]", ["a", "*"], ["+", ",", "-", ".", "^"]),
    ("[ab]*", ["a", "bc"], ["c"]),
    ("**/b", ["a/b", "a.c/b", "//b"], ["/b", "b"]),
    ("*.**", ["a.b", "a.b.c"], ["a", ".b"]),
    ("mcp:a_?", ["mcp:a_b"], ["mcp:a_"]),
    ("[*]", ["*"], ["a"]),
    ("A", ["A"], ["a"]),
]

REFUSED = [
    ("a b", "space", "leave"),
    ("a\u200bb", "seen", "leave"),
    ("a**", "stands alone", "`*`"),
    ("**a", "stands alone", "`*`"),
    ("a[.b]", "class in a name", "outside"),
    ("a[--a]", "class in a name", "outside"),
    ("[a", "not closed", "`]`"),
    ("[]", "empty", "[abc]"),
    ("a\\", "backslash", "`[*]`"),
    ("[!\u0021-\U0010ffff]", "matches nothing", "class"),
]


@pytest.mark.parametrize(("text", "yes", "no"), MATCHES)
def test_matches(text: str, yes: list[str], no: list[str]) -> None:
    pattern = parse("name", text)
    assert [r for r in yes if not matches(pattern, canonical("name", r))] == []
    assert [r for r in no if matches(pattern, canonical("name", r))] == []
    again = parse("name", pattern.canonical)
    assert (again.elements, again.canonical) == (pattern.elements, pattern.canonical)


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_refused_with_what_was_probably_meant(text: str, message: str, hint: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse("name", text)
    assert message in caught.value.message
    assert hint in caught.value.help
