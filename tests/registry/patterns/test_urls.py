"""Patterns over URLs."""

from __future__ import annotations

import pytest

from capwright_registry.canonical import canonical
from capwright_registry.patterns import PatternError, matches, parse

MATCHES = [
    (
        "GET,HEAD https://api.example.com/v1/**",
        [
            "GET https://api.example.com/v1",
            "HEAD https://api.example.com:443/v1/a/b?q",
            "GET https://API.example.com/x/../v1/",
        ],
        [
            "GET https://api.example.com/v1evil",
            "POST https://api.example.com/v1",
            "GET http://api.example.com/v1",
            "GET https://api.example.com:8443/v1",
            "GET https://api.example.com/",
        ],
    ),
    ("* https://*.example.com/**", ["PUT https://a.b.example.com/"], ["PUT https://example.com/"]),
    (
        "GET https://*/**",
        ["GET https://a/", "GET https://10.0.0.1/x", "GET https://[::1]/"],
        ["GET http://a/"],
    ),
    (
        "GET http://h:8000-8100/",
        ["GET http://h:8080/", "GET http://h:8080"],
        ["GET http://h/", "GET http://h:8080/a"],
    ),
    ("GET http://h/a", ["GET http://h/a", "GET http://h:80/a"], ["GET http://h:443/a", "GET https://h:80/a"]),
    ("GET https://h/a", ["GET https://h/a", "GET https://h:443/a"], ["GET https://h:80/a", "GET http://h/a"]),
    ("GET https://h/", ["GET https://h", "GET https://h/?x", "GET https://h/."], ["GET https://h/a"]),
    ("GET https://h/a*/b", ["GET https://h/a/b", "GET https://h/ax/b"], ["GET https://h/a/x/b"]),
    ("GET https://h/a%2eb", ["GET https://h/a.b", "GET https://h/a%2Eb"], ["GET https://h/axb"]),
    ("GET https://h/%2a", ["GET https://h/*", "GET https://h/%2A"], ["GET https://h/a"]),
    ("GET https://h/%c3%A9*", ["GET https://h/%C3%a9x"], ["GET https://h/e"]),
    ("GET https://h/[a-c]", ["GET https://h/b", "GET https://h/%62"], ["GET https://h/d"]),
    ("GET https://[::1]/", ["GET https://[::1]:443/"], ["GET https://[::2]/"]),
    ("GET https://[10.0.0.0/8]/**", ["GET https://10.1.1.1/x"], ["GET https://11.0.0.1/"]),
    ("GET https://[fd00::/8]:1/**", ["GET https://[fd00::1]:1/"], ["GET https://[fd00::1]/"]),
    ("GET https://h/**/x", ["GET https://h/x", "GET https://h/a/b/x"], ["GET https://h/"]),
]

REFUSED = [
    ("https://h/", "starts with its methods", "`GET https://h/`"),
    ("get https://h/", "capitals", "GET"),
    ("GET,  https://h/", "methods", "GET"),
    ("GET ftp://h/", "neither", "scheme"),
    ("GET *://h/", "neither", "scheme"),
    ("GET h/", "neither", "scheme"),
    ("GET https://h", "path is missing", "`/**`"),
    ("GET https://h/a?b=c", "query", "`?`"),
    ("GET https://h/a#b", "query", "`#`"),
    ("GET https://u@h/", "user name", "`@`"),
    ("GET https://h/a/", "empty segment", "`/**`"),
    ("GET https://h//a", "empty segment", "slash"),
    ("GET https://h/../a", "hides", "canonical"),
    ("GET https://h/%2e%2e/a", "hides", "canonical"),
    ("GET https://h/..;x", "hides", "canonical"),
    ("GET https://h/a%2fb", "%2F", "%XX"),
    ("GET https://h/%00", "%00", "%XX"),
    ("GET https://h/%zz", "hexadecimal", "%XX"),
    ("GET https://h/é", "percent-encoded", "%XX"),
    ("GET https://h/[%a]", "class", "outside"),
    ("GET https://h/a**", "stands alone", "`*`"),
    ("GET https://h/a\\b", "backslash", "`[*]`"),
    ("GET https://h:0/", "no port", "65535"),
    ("GET https://h:/", "no port", "65535"),
    ("GET https:///", "label", "example.com"),
    ("GET https://h/..;*", "matches nothing", "class"),
]


@pytest.mark.parametrize(("text", "yes", "no"), MATCHES)
def test_matches(text: str, yes: list[str], no: list[str]) -> None:
    pattern = parse("url", text)
    assert [r for r in yes if not matches(pattern, canonical("url", r))] == []
    assert [r for r in no if matches(pattern, canonical("url", r))] == []
    again = parse("url", pattern.canonical)
    assert (again.elements, again.canonical) == (pattern.elements, pattern.canonical)


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_refused_with_what_was_probably_meant(text: str, message: str, hint: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse("url", text)
    assert message in caught.value.message
    assert hint in caught.value.help
