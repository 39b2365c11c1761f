"""Patterns over hosts and ports."""

from __future__ import annotations

import pytest

from capwright_registry.canonical import canonical
from capwright_registry.patterns import PatternError, matches, parse

MATCHES = [
    ("example.com:443", ["example.com:443", "EXAMPLE.com.:443"], ["a.example.com:443", "example.com:80"]),
    ("EXAMPLE.com.:443", ["example.com:443"], ["example.org:443"]),
    (
        "*.example.com:443",
        ["a.example.com:443", "a.b.example.com:443"],
        ["example.com:443", "aexample.com:443"],
    ),
    ("*:443", ["a:443", "a.b:443", "10.0.0.1:443", "[::1]:443"], ["a:80"]),
    ("*:*", ["a:1", "[::1]:65535"], []),
    ("a:8000-8100", ["a:8000", "a:8100"], ["a:7999", "a:8101"]),
    ("a:*", ["a:1"], ["b:1"]),
    (
        "api-*.example.com:443",
        ["api-a.example.com:443"],
        ["api.example.com:443", "api-a.b.example.com:443"],
    ),
    ("?*.example.com:443", ["a.example.com:443"], ["a.b.example.com:443", "example.com:443"]),
    ("*.[ab].c:1", ["x.a.c:1", "y.x.b.c:1"], ["a.c:1"]),
    (
        "10.0.0.0/8:443",
        ["10.1.2.3:443", "[::ffff:10.1.2.3]:443"],
        ["11.0.0.0:443", "10.0.0.1.example.com:443"],
    ),
    ("[10.0.0.0/8]:443", ["10.1.2.3:443"], ["11.0.0.0:443"]),
    ("10.0.0.1:443", ["10.0.0.1:443"], ["10.0.0.2:443"]),
    ("0.0.0.0/0:1", ["255.255.255.255:1"], ["[::1]:1"]),
    ("[fd00::/8]:443", ["[fd00::1]:443"], ["[fe00::1]:443"]),
    ("[::1]:443", ["[::1]:443"], ["[::2]:443"]),
    ("[::ffff:10.0.0.0/104]:443", ["10.1.2.3:443"], ["11.0.0.0:443"]),
    ("[::ffff:10.0.0.1]:443", ["10.0.0.1:443"], ["10.0.0.2:443"]),
    ("bücher.de:443", ["xn--bcher-kva.de:443"], ["bucher.de:443"]),
    ("*.bücher.de:443", ["a.xn--bcher-kva.de:443"], ["a.buecher.de:443"]),
    ("_dmarc.a.b:53", ["_dmarc.a.b:53"], []),
]

REFUSED = [
    ("example.com", "port is missing", "`example.com:443`"),
    ("[::1]", "port is missing", ":443"),
    ("example.com:70000", "no port", "65535"),
    ("example.com:0", "no port", "65535"),
    ("example.com:080", "no port", "65535"),
    ("example.com:1-70000", "no port", "65535"),
    ("example.com:9-1", "empty", "`1-9`"),
    ("example.com:", "no port", "65535"),
    ("a..b:443", "label", "example.com"),
    ("*..b:443", "empty label", "*.example.com"),
    ("a..:443", "label", "example.com"),
    ("10.0.0.1..:443", "label", "10.0.0.1"),
    ("*.:443", "empty label", "`*` for any host"),
    ("[ab]:443", "no address", "[fd00::/8]"),
    ("[ab].:443", "is none", "one pattern"),
    (":443", "label", "example.com"),
    ("-a.com:443", "label", "example.com"),
    ("*.-a.com:443", "no label", "`xn--`"),
    ("a.*.com:443", "front", "`?*`"),
    ("a.*:443", "front", "`?*`"),
    ("**.com:443", "no `**`", "*.example.com"),
    ("10.0.*.1:443", "addresses have no wildcards", "10.0.0.0/8"),
    ("10.*:443", "addresses have no wildcards", "10.0.0.0/8"),
    ("*.1:443", "addresses", "10.0.0.0/8"),
    ("*a.0x1f:443", "ends in a number", "10.0.0.0/8"),
    ("*.[0-9]:443", "matches nothing", "class"),
    ("127.1:443", "four plain", "10.0.0.1"),
    ("0x7f.1:443", "four plain", "10.0.0.1"),
    ("0177.0.0.1:443", "four plain", "10.0.0.1"),
    ("10.0.0.1/8:443", "no network", "`10.0.0.0/8`"),
    ("10.0.0.0/33:443", "no network", "`10.0.0.0/8`"),
    ("[fd00::1/8]:443", "no network", "`fd00::/8`"),
    ("[fe80::1%eth0]:443", "no address", "zone"),
    ("::1:443", "brackets", "[::1]:443"),
    ("fd00::/8:443", "brackets", "[fd00::/8]"),
    ("https://example.com:443", "no scheme", "`example.com:443`"),
    ("https://api.example.com", "no scheme", "`api.example.com:443`"),
    ("http://me@api.example.com/v1?q#f", "no scheme", "`api.example.com:80`"),
    ("https://[::1]", "no scheme", "`[::1]:443`"),
    ("example.com/x:443", "label", "no path"),
    ("u@example.com:443", "label", "example.com"),
    ("*.\u2603\ufe0f.com:443", "no label", "xn--"),
    ("é*.com:443", "no label", "`xn--`"),
    ("a" * 64 + ".com:443", "63", "resolved"),
    ("-*.com:443", "matches nothing", "class"),
]


@pytest.mark.parametrize(("text", "yes", "no"), MATCHES)
def test_matches(text: str, yes: list[str], no: list[str]) -> None:
    pattern = parse("host", text)
    assert [r for r in yes if not matches(pattern, canonical("host", r))] == []
    assert [r for r in no if matches(pattern, canonical("host", r))] == []
    again = parse("host", pattern.canonical)
    assert (again.elements, again.canonical) == (pattern.elements, pattern.canonical)


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_refused_with_what_was_probably_meant(text: str, message: str, hint: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse("host", text)
    assert message in caught.value.message
    assert hint in caught.value.help
