"""Every refusal of a resource that `specs/patterns.md` lists: provoked, with its message, and denied."""

from __future__ import annotations

import pytest

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.decide import ActionTable, decide
from capwright_registry.patterns import build_trie, parse
from tests.support.quotes import quotes
from tests.support.refusals import raised_in
from tests.support.rows import cells, row_cases, says

Given = tuple[str, str]
ANYTHING = {"path": "/**", "host": "*:*", "url": "* https://*:*/**", "name": "**", "argv": "..."}

REFUSED: list[tuple[str, list[Given]]] = [
    (
        "| any | a domain that there is not | there is no domain `…` |",
        [("shape", "x")],
    ),
    (
        "| path | a leading `/` is missing | the path is relative: give it from the root, with a leading "
        "`/` |",
        [("path", ""), ("path", "secret"), ("path", "./secret"), ("path", "~/a")],
    ),
    (
        "| path | U+0000-001F or U+007F-009F, escaped bytes that form them included | the path holds a "
        "control character |",
        [
            ("path", "/a\x00b"),
            ("path", "/a\nb"),
            ("path", "/a\x7f"),
            ("path", "/a\x9f"),
            ("path", "/\udcc2\udc85"),
        ],
    ),
    (
        "| path, argv | a surrogate that stands for no byte | the text holds a surrogate that stands for "
        "no byte |",
        [("path", "/\ud800"), ("argv", "a \udbff")],
    ),
    (
        "| host | no port | the port is missing: write `host:port` |",
        [("host", "example.com"), ("host", "[::1]"), ("host", "EXAMPLE.com.")],
    ),
    (
        "| host | a port that is 0, above 65535, or starts with 0 | the port is not a number from 1 to "
        "65535 in plain digits |",
        [
            ("host", "a:0"),
            ("host", "a:65536"),
            ("host", "a:0443"),
            ("host", "a:"),
            ("host", "a:\uff14\uff14"),
        ],
    ),
    (
        "| host | a `:` too many | an IPv6 address stands in brackets, and nothing else holds a second `:` |",
        [("host", "evil.com:80#.example.com:443"), ("host", "::1:80"), ("host", "[::1]x:80")],
    ),
    (
        "| host | a character outside ASCII | the host is not ASCII: write each label in its `xn--` form |",
        [("host", "bücher.de:443"), ("host", "ｅxample.com:443"), ("host", "a。b:1")],
    ),
    (
        "| host | an empty label, `-` at either end of one, any other character | every label of a host "
        "is made of letters, digits, `_` and inner `-`, and none is empty |",
        [
            ("host", "a..b:443"),
            ("host", ".a:1"),
            ("host", ":1"),
            ("host", "-a:1"),
            ("host", "a-:1"),
            ("host", "u@a:1"),
            ("host", "evil.com#.a:1"),
            ("host", "*.a:1"),
        ],
    ),
    (
        "| host | a last label that is a number, decimal or `0x`, in anything but an IPv4 address | a "
        "host that ends in a number must be four plain decimal numbers |",
        [
            ("host", "0x7f.1:80"),
            ("host", "127.1:80"),
            ("host", "0177.0.0.1:80"),
            ("host", "2130706433:80"),
            ("host", "a.0x1f:1"),
            ("host", "10.0.0.256:1"),
        ],
    ),
    (
        "| host | an IPv6 address with a zone | an IPv6 address with a zone means another host on every "
        "machine |",
        [("host", "[::1%eth0]:80"), ("host", "[fe80::1%25eth0]:80")],
    ),
    (
        "| host | anything else in brackets | the brackets hold no IPv6 address |",
        [("host", "[10.0.0.1]:80"), ("host", "[]:1"), ("host", "[::g]:1")],
    ),
    (
        "| url | no method, one in small letters | write a method in capitals, one space, and the URL: "
        "`GET https://host/path` |",
        [("url", "https://h/"), ("url", "get https://h/"), ("url", "GET")],
    ),
    (
        "| url | a second space, a backslash, a control, a character outside ASCII | the URL holds a "
        "space, a backslash or a character that must be percent-encoded |",
        [
            ("url", "GET  https://h/"),
            ("url", "GET https://h\\@evil.com/"),
            ("url", "GET https://h/\n"),
            ("url", "GET https://h/é"),
            ("url", "GET https://bücher.de/"),
        ],
    ),
    (
        "| url | another scheme, none | the URL must start with `http://` or `https://` |",
        [("url", "GET ftp://h/"), ("url", "GET //h/"), ("url", "GET https:/h/")],
    ),
    (
        "| url | user information | the URL holds a user name or a password before its host |",
        [
            ("url", "GET https://u:p@h/"),
            ("url", "GET https://example.com@evil.com/"),
            ("url", "GET https://@h/"),
        ],
    ),
    (
        "| url | what hosts refuse | the port is not a number from 1 to 65535 in plain digits |",
        [("url", "GET https://h:0/"), ("url", "GET https://h:/"), ("url", "GET http://h:65536/")],
    ),
    (
        "| url | an empty segment | the URL's path holds an empty segment: servers differ on what `//` "
        "means |",
        [("url", "GET https://h//x"), ("url", "GET https://h/a//b")],
    ),
    (
        "| url | a raw character outside `pchar` | the URL's path holds a character that must be "
        "percent-encoded |",
        [("url", "GET https://h/a|b"), ("url", "GET https://h/[a]"), ("url", "GET https://h/a^")],
    ),
    (
        "| url | `%` without two hexadecimal digits | a `%` in the URL's path is not followed by two "
        "hexadecimal digits |",
        [("url", "GET https://h/%"), ("url", "GET https://h/%4"), ("url", "GET https://h/%u0041")],
    ),
    (
        "| url | `%2F`, `%5C`, escapes of controls, of bytes that UTF-8 never has, and of longer forms than "
        "it has (`%E0%80%AF`) | the URL's path holds `%…`, which servers read in different ways |",
        [
            ("url", "GET https://h/a%2fb"),
            ("url", "GET https://h/%E0%80%AF"),
            ("url", "GET https://h/x%e0%9f%bf"),
            ("url", "GET https://h/%F0%80%80%AE"),
            ("url", "GET https://h/%2e%2e%2f"),
            ("url", "GET https://h/%5C"),
            ("url", "GET https://h/%00"),
            ("url", "GET https://h/%7F"),
            ("url", "GET https://h/%c0%af"),
            ("url", "GET https://h/%FF"),
        ],
    ),
    (
        "| url | a segment that hides `.` or `..`: `%2e%2e`, `..;x` | a segment of the URL's path hides "
        "`.` or `..` |",
        [
            ("url", "GET https://h/%2e%2e/x"),
            ("url", "GET https://h/.%2E"),
            ("url", "GET https://h/..;x"),
            ("url", "GET https://h/.%3bx/y"),
        ],
    ),
    (
        "| name | nothing | the name is empty |",
        [("name", "")],
    ),
    (
        "| name | white space, a control character, a surrogate, a character that takes no room | the "
        "name holds a space, a control character or one that cannot be seen |",
        [
            ("name", "a b"),
            ("name", "a\n"),
            ("name", "\u00a0"),
            ("name", "a\u200b"),
            ("name", "a\u202e"),
            ("name", "a\U000e0041"),
            ("name", "\ud800"),
        ],
    ),
    (
        "| argv | NUL | a command cannot hold a NUL |",
        [("argv", "a\x00")],
    ),
    (
        "| argv | an open quotation, a backslash at the end | the command does not close a quotation, or "
        "ends in a backslash |",
        [("argv", "a 'b"), ("argv", 'a "b'), ("argv", "a \\")],
    ),
    (
        "| argv | no argument | the command is empty |",
        [("argv", ""), ("argv", "  \n")],
    ),
]


@quotes(
    "patterns",
    "Each is a `ResourceError` with this message, `…` standing for what was found; the effect is denied.",
    "What could name two things is refused.",
)
@pytest.mark.parametrize(("row", "given"), row_cases("patterns", REFUSED))
def test_is_refused_in_the_words_of_the_row_and_denied(row: str, given: Given) -> None:
    domains, _, message = cells(row)
    assert given[0] in domains or domains == "any"
    with pytest.raises(ResourceError) as caught:
        canonical(*given)
    assert says(message, str(caught.value))
    if given[0] in ANYTHING:
        decision = decide({"it": _table(given[0])}, "it", given[1], {})
        assert (decision.allowed, decision.layer, decision.reason) == (False, "resource", str(caught.value))


def _table(domain: str) -> ActionTable:
    """A table that allows every resource of its domain."""
    rule = {"on": [0], "except": [], "when": None, "until": None, "source": "f.toml:1:1"}
    trie = build_trie([parse(domain, ANYTHING[domain])])
    return ActionTable({"domain": domain, "trie": trie, "layers": [{"name": "granted", "rules": [rule]}]})


def test_the_table_that_allows_everything_does() -> None:
    assert decide({"it": _table("path")}, "it", "/a", {}).allowed
    with pytest.raises(ResourceError, match="no domain"):
        segments("shape", "x")


def test_every_refusal_of_the_code_has_its_row() -> None:
    told = {cells(row)[2] for row, _ in REFUSED}
    raised = raised_in("registry/capwright_registry/canonical.py", "ResourceError")
    assert len(raised) > 20
    assert raised <= told
    assert told <= raised
