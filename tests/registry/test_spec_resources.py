"""The canonical form of resources, sentence by sentence of `specs/patterns.md`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from capwright_registry.canonical import ResourceError, Segments, canonical, segments
from capwright_registry.decide import ActionTable, PermissionTable, decide, decide_permission
from capwright_registry.patterns import Pattern, build_trie, matches, parse
from capwright_registry.patterns.elements import Range, Word
from tests.registry.test_canonical import SAME
from tests.support.quotes import quotes

# Sentence, domain, and what texts become; None where they are refused.
SENTENCES: list[tuple[str, str, dict[str, str | None]]] = [
    ("Paths are absolute.", "path", {"/a": "/a", "a": None, "./secret": None, "~/a": None, "": None}),
    (
        "Empty segments, `.` and a trailing slash go.",
        "path",
        {"//secret": "/secret", "/secret/": "/secret", "/secret//": "/secret", "/a/./b/.": "/a/b", "/": "/"},
    ),
    (
        "`..` takes its parent away and never leads above the root.",
        "path",
        {"/repo/src/../../etc/passwd": "/etc/passwd", "/../x": "/x", "/a/..": "/", "/..a/...": "/..a/..."},
    ),
    (
        "File names are bytes: escaped bytes (`surrogateescape`) that form UTF-8 are the characters that "
        "they spell, others are kept.",
        "path",
        {"/caf\udcc3\udca9": "/café", "/\udcff": "/\udcff", "/\udcc3x": "/\udcc3x"},
    ),
    (
        "Unicode is never normalised and case never folded.",
        "path",
        {"/e\u0301": "/e\u0301", "/é": "/é", "/A": "/A", "/ﬁ": "/ﬁ"},
    ),
    (
        "A host is `host:port`, and the port is always there.",
        "host",
        {"a:1": "a:1", "a:65535": "a:65535", "a": None, "[::1]": None, "a:": None},
    ),
    (
        "Names are lower-cased and lose one trailing dot.",
        "host",
        {"EXAMPLE.com.:443": "example.com:443", "a..:1": None, "xn--BCHER-kva.de:1": "xn--bcher-kva.de:1"},
    ),
    (
        "A label is letters, digits, `_` and inner `-`.",
        "host",
        {"_a.b-c.9x:1": "_a.b-c.9x:1", "-a:1": None, "a-:1": None, "a!:1": None, "bücher.de:1": None},
    ),
    ("A name may have any length.", "host", {f"{'a' * 300}.{'b' * 90}:1": f"{'a' * 300}.{'b' * 90}:1"}),
    (
        "An IPv4 address is four plain decimal numbers.",
        "host",
        {
            "10.0.0.1:80": "10.0.0.1:80",
            "0x7f.1:80": None,
            "127.1:80": None,
            "010.0.0.1:80": None,
            "1:80": None,
        },
    ),
    (
        "IPv6 stands in brackets.",
        "host",
        {"[0:0::1]:80": "[::1]:80", "[FD00::A]:1": "[fd00::a]:1", "::1:80": None},
    ),
    (
        "An IPv4-mapped address is its IPv4 address.",
        "host",
        {"[::ffff:10.0.0.1]:80": "10.0.0.1:80", "[::ffff:a00:1]:80": "10.0.0.1:80"},
    ),
    (
        "IPv4-compatible, 6to4 and NAT64 addresses are addresses of their own.",
        "host",
        {
            "[::10.0.0.1]:80": "[::a00:1]:80",
            "[2002:a00:1::]:80": "[2002:a00:1::]:80",
            "[64:ff9b::10.0.0.1]:80": "[64:ff9b::a00:1]:80",
        },
    ),
    (
        "A URL is `METHOD scheme://host[:port]/path`, the method in capitals.",
        "url",
        {
            "GET https://h:1/a": "GET https://h:1/a",
            "VERSION-CONTROL http://h/": "VERSION-CONTROL http://h:80/",
        }
        | {"get https://h/": None, "https://h/": None, "GET h/a": None},
    ),
    (
        "The scheme is lower-cased, and its own port is filled in: 80 for `http`, 443 for `https`.",
        "url",
        {"GET HTTP://h/": "GET http://h:80/", "GET HTTPS://h/": "GET https://h:443/", "GET ftp://h/": None}
        | {"GET https://h:443/": "GET https://h:443/", "GET https://h:80/": "GET https://h:80/"}
        | {"GET http://[::1]/": "GET http://[::1]:80/"},
    ),
    (
        "The host is canonical as a host is.",
        "url",
        {"GET https://EXAMPLE.com./": "GET https://example.com:443/", "GET https://0x7f.1/": None}
        | {"GET https://[::ffff:10.0.0.1]/": "GET https://10.0.0.1:443/", "GET https://u:p@h/": None}
        | {"GET https://evil.com:80#.example.com:443/": "GET https://evil.com:80/"},
    ),
    (
        "Query and fragment are no part of the resource.",
        "url",
        {"GET https://h/a?q=/../x#f": "GET https://h:443/a", "GET https://h?x": "GET https://h:443/"},
    ),
    (
        "Percent-escapes of what may stand raw in a segment (RFC 3986 `pchar`) are decoded, others are "
        "written in capitals.",
        "url",
        {
            "GET https://h/%41%7e%2B/%c3%a9": "GET https://h:443/A~+/%C3%A9",
            "GET https://h/%2a": "GET https://h:443/*",
        },
    ),
    (
        "Then dot segments go, and a trailing slash.",
        "url",
        {"GET https://h/v1/../x/./": "GET https://h:443/x", "GET https://h/../..": "GET https://h:443/"}
        | {"GET https://h/%2e%2e/x": None, "GET https://h/%2e%2e%2f": None},
    ),
    (
        "Decoding happens once: `%252e` stays as it is.",
        "url",
        {"GET https://h/%252e%252e/x": "GET https://h:443/%252e%252e/x"},
    ),
    (
        "Names are kept as they are.",
        "name",
        {"A.b/..//C:": "A.b/..//C:", "e\u0301": "e\u0301", "a%20": "a%20"},
    ),
    (
        "A command is a POSIX-shell quoted list of arguments, one at least.",
        "argv",
        {"git  'a b'": "git 'a b'", 'echo "" \\x': "echo '' x", "": None, " ": None, "a 'b": None},
    ),
    (
        "The quotation is only how the list is written: nothing is expanded.",
        "argv",
        {'echo "$HOME" `x` ~ *': "echo '$HOME' '`x`' '~' '*'", "a # b": "a '#' b", "a;b": "'a;b'"},
    ),
    ("`git` and `/usr/bin/git` are two programs.", "argv", {"git": "git", "/usr/bin/git": "/usr/bin/git"}),
]


@pytest.mark.parametrize(
    ("domain", "forms"),
    [
        pytest.param(domain, forms, marks=quotes("patterns", says), id=says)
        for says, domain, forms in SENTENCES
    ],
)
def test_the_form_is_as_the_sentence_says(domain: str, forms: dict[str, str | None]) -> None:
    for text, expected in forms.items():
        if expected is None:
            with pytest.raises(ResourceError):
                canonical(domain, text)
        else:
            assert canonical(domain, text) == expected


@quotes(
    "patterns",
    "This is by the text alone: symbolic links are not followed.",
)
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "er")
    assert os.path.realpath(tmp_path / "link" / "..") == f"{tmp_path}/deep"
    assert canonical("path", f"{tmp_path}/link/..") == str(tmp_path)


@quotes(
    "patterns",
    "`.`, `/` and `:` separate pieces and are segments themselves.",
)
def test_marks_are_segments() -> None:
    assert segments("name", "a.b//c:") == ("a", ".", "b", "/", "/", "c", ":")


SEGMENTS: list[tuple[str, str, Segments]] = [
    ("| path | `/a/b.txt` | `a`, `b.txt` |", "/a/b.txt", ("a", "b.txt")),
    (
        "| host | `www.example.com:443` | `name`, `com`, `example`, `www`, 443 (labels reversed) |",
        "www.example.com:443",
        ("name", "com", "example", "www", 443),
    ),
    ("| host | `10.0.0.1:443` | `ipv4`, 167772161, 443 |", "10.0.0.1:443", ("ipv4", 167772161, 443)),
    ("| host | `[::1]:80` | `ipv6`, 1, 80 |", "[::1]:80", ("ipv6", 1, 80)),
    (
        "| url | `GET https://h:443/v1` | `GET`, `https`, then the host's segments, then `v1` |",
        "GET https://h:443/v1",
        ("GET", "https", "name", "h", 443, "v1"),
    ),
    (
        "| name | `project:acme.notes/search` | `project`, `:`, `acme`, `.`, `notes`, `/`, `search` |",
        "project:acme.notes/search",
        ("project", ":", "acme", ".", "notes", "/", "search"),
    ),
    (
        "| argv | `git commit -m 'a b'` | `git`, `commit`, `-m`, `a b` |",
        "git commit -m 'a b'",
        ("git", "commit", "-m", "a b"),
    ),
]


@quotes(
    "patterns",
    "After canonicalisation a resource is a sequence of segments, each a text or a number.",
)
@pytest.mark.parametrize(
    ("row", "text", "expected"),
    [pytest.param(*case, marks=quotes("patterns", case[0])) for case in SEGMENTS],
)
def test_the_segments_of_a_row(row: str, text: str, expected: Segments) -> None:
    domain = row.split()[1]
    assert canonical(domain, text) == text
    assert segments(domain, text) == expected


def _rule(**more: Any) -> dict[str, Any]:
    return {"on": [0], "when": None, "source": "f.toml:1:1", **more}


@quotes(
    "patterns",
    "Everything that decides canonicalises first.",
)
@pytest.mark.parametrize(("domain", "text", "expected"), SAME)
def test_every_spelling_gets_the_decision_of_the_canonical_one(domain: str, text: str, expected: str) -> None:
    parts = (Word(p) if isinstance(p, str) else Range(p, p) for p in segments(domain, expected))
    exactly = Pattern(domain, expected, expected, (tuple(parts),))
    trie = build_trie([exactly])
    layer = {"name": "granted", "rules": [_rule(**{"except": [], "until": None})]}
    tables = {"it": ActionTable({"domain": domain, "trie": trie, "layers": [layer]})}
    assert [decide(tables, "it", spelling, {}).allowed for spelling in (text, expected)] == [True, True]
    if domain == "name":
        rules = [_rule(action="allow")]
        permissions = PermissionTable({"trie": trie, "rules": rules, "default": "deny"})
        assert decide_permission(permissions, text, {}).allowed


BARE = ["/secret", "/secret/", "//secret", "/secret/.", "/x/../secret", "/secret/a/.."]


@pytest.mark.parametrize("spelling", BARE)
def test_the_bare_directory_of_a_deep_pattern_is_in_it(spelling: str) -> None:
    """As a grant and as an exception: `except = ["/secret/**"]` takes the directory away as well."""
    deep = parse("path", "/secret/**")
    assert matches(deep, canonical("path", spelling))
    trie = build_trie([parse("path", "/**"), deep])
    layer = {"name": "granted", "rules": [_rule(**{"except": [1], "until": None})]}
    tables = {"fs.read": ActionTable({"domain": "path", "trie": trie, "layers": [layer]})}
    assert not decide(tables, "fs.read", spelling, {}).allowed
    assert decide(tables, "fs.read", "/secrets", {}).allowed
