"""One canonical form for each resource; what names nothing, or two things, is refused."""

from __future__ import annotations

import shlex
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.canonical import ResourceError, canonical, segments
from tests.support.quotes import quotes

SAME = [
    ("path", "/repo/src/../../etc/passwd", "/etc/passwd"),
    ("path", "//secret", "/secret"),
    ("path", "/secret//", "/secret"),
    ("path", "/secret/", "/secret"),
    ("path", "/a/./b/.", "/a/b"),
    ("path", "/../x", "/x"),
    ("path", "/a/..", "/"),
    ("path", "/", "/"),
    ("path", "/..a/...", "/..a/..."),
    ("path", "/caf\udcc3\udca9", "/café"),
    ("path", "/e\u0301", "/e\u0301"),
    ("path", "/a b/\u202e", "/a b/\u202e"),
    ("path", "/\udcff", "/\udcff"),
    ("host", "Example.COM:443", "example.com:443"),
    ("host", "example.com.:443", "example.com:443"),
    ("host", "EXAMPLE.com.:443", "example.com:443"),
    ("host", "localhost:1", "localhost:1"),
    ("host", "_dmarc.a-b.xn--bcher-kva.de:65535", "_dmarc.a-b.xn--bcher-kva.de:65535"),
    ("host", "10.0.0.1:80", "10.0.0.1:80"),
    ("host", "10.0.0.1.:80", "10.0.0.1:80"),
    ("host", "[0:0::1]:80", "[::1]:80"),
    ("host", "[FD00::A]:80", "[fd00::a]:80"),
    ("host", "[::ffff:10.0.0.1]:80", "10.0.0.1:80"),
    ("host", "[::ffff:a00:1]:80", "10.0.0.1:80"),
    ("host", "1a.2b:80", "1a.2b:80"),
    ("url", "GET https://h/v1", "GET https://h:443/v1"),
    ("url", "GET HTTP://H", "GET http://h:80/"),
    ("url", "GET https://h:443/v1", "GET https://h:443/v1"),
    ("url", "GET http://h:443/v1", "GET http://h:443/v1"),
    ("url", "GET https://h:8443/a/?q=/../x#f", "GET https://h:8443/a"),
    ("url", "GET https://h/v1/../v1evil", "GET https://h:443/v1evil"),
    ("url", "GET https://h/../../x", "GET https://h:443/x"),
    ("url", "GET https://h/%41%7e%2B/%c3%a9", "GET https://h:443/A~+/%C3%A9"),
    ("url", "GET https://h/%252e%252e/x", "GET https://h:443/%252e%252e/x"),
    ("url", "VERSION-CONTROL https://[::1]/a:b@c", "VERSION-CONTROL https://[::1]:443/a:b@c"),
    ("url", "GET https://h?x=1", "GET https://h:443/"),
    ("url", "GET https://[::ffff:10.0.0.1]:1/", "GET https://10.0.0.1:1/"),
    ("name", "project:acme.notes/search", "project:acme.notes/search"),
    ("name", "file:///a%20b?x#y", "file:///a%20b?x#y"),
    ("name", "naïve", "naïve"),
    ("argv", "git  commit -m 'a b'", "git commit -m 'a b'"),
    ("argv", 'echo ""', "echo ''"),
    ("argv", "a\\ b 'it'\\''s'", "'a b' 'it'\"'\"'s'"),
    ("argv", "echo 'two\nlines'", "echo 'two\nlines'"),
    ("argv", "cat \udcc3''\udca9", "cat 'é'"),
    ("argv", "cat \udcc3\\\udca9", "cat 'é'"),
    ("argv", "cat '\udcc3'\udca9", "cat 'é'"),
    ("argv", 'cat \udcc3"\udca9"', "cat 'é'"),
    ("argv", "cat \udcc3 \udca9", "cat '\udcc3' '\udca9'"),
]

REFUSED = [
    ("path", "", "relative"),
    ("path", "./secret", "relative"),
    ("path", "secret", "relative"),
    ("path", "secret/..", "relative"),
    ("path", "/a\x00b", "control"),
    ("path", "/a\nb", "control"),
    ("path", "/a\x7f", "control"),
    ("path", "/a\x85", "control"),
    ("path", "/\udcc2\udc85", "control"),
    ("path", "/\ud800", "surrogate"),
    ("host", "example.com", "port"),
    ("host", "[::1]", "port"),
    ("host", "example.com:", "port"),
    ("host", "example.com:0", "port"),
    ("host", "example.com:0443", "port"),
    ("host", "example.com:65536", "port"),
    ("host", "example.com:４４３", "port"),
    ("host", "example.com:-1", "port"),
    ("host", "evil.com:80#.example.com:443", "second `:`"),
    ("host", "evil.com#.example.com:443", "label"),
    ("host", "evil.com/.example.com:443", "label"),
    ("host", "EXAMPLE.com.", "port"),
    ("host", "%2e%2e%2f:443", "label"),
    ("host", "u@example.com:443", "label"),
    ("host", "a..b:443", "label"),
    ("host", ".a:443", "label"),
    ("host", "a..:443", "label"),
    ("host", ":443", "label"),
    ("host", ".:443", "label"),
    ("host", "-a.com:443", "label"),
    ("host", "a-.com:443", "label"),
    ("host", "a b.com:443", "label"),
    ("host", "*.com:443", "label"),
    ("host", "a\n:443", "label"),
    ("host", "bücher.de:443", "xn--"),
    ("host", "ｅxample.com:443", "xn--"),
    ("host", "0x7f.1:80", "four plain"),
    ("host", "0x7f000001:80", "four plain"),
    ("host", "127.1:80", "four plain"),
    ("host", "2130706433:80", "four plain"),
    ("host", "0177.0.0.1:80", "four plain"),
    ("host", "10.0.0.256:80", "four plain"),
    ("host", "a.1:80", "four plain"),
    ("host", "a.0x:80", "four plain"),
    ("host", "1.2.3.4.5:80", "four plain"),
    ("host", "::1:80", "brackets"),
    ("host", "[::1%eth0]:80", "zone"),
    ("host", "[10.0.0.1]:80", "IPv6"),
    ("host", "[::1]x:80", "second `:`"),
    ("url", "https://h/", "method"),
    ("url", "get https://h/", "method"),
    ("url", "GET  https://h/", "space"),
    ("url", "GET ftp://h/", "http"),
    ("url", "GET //h/", "http"),
    ("url", "GET https:/h/", "http"),
    ("url", "GET https://u:p@h/", "user name"),
    ("url", "GET https://h@evil.com/", "user name"),
    ("url", "GET https://h\\@evil.com/", "backslash"),
    ("url", "GET https://evil.com:80#.example.com:443/x y", "space"),
    ("url", "GET https://h:0/", "port"),
    ("url", "GET https://h:/", "port"),
    ("url", "GET https:///x", "label"),
    ("url", "GET https://h/a%2fb", "%2F"),
    ("url", "GET https://h/a%5Cb", "%5C"),
    ("url", "GET https://h/%00", "%00"),
    ("url", "GET https://h/%0a", "%0A"),
    ("url", "GET https://h/%c0%af", "%C0"),
    ("url", "GET https://h/%2e%2e/x", "hides"),
    ("url", "GET https://h/%2e%2e%2fetc", "%2F"),
    ("url", "GET https://h/.%2E/x", "hides"),
    ("url", "GET https://h/..;/x", "hides"),
    ("url", "GET https://h/.%3bx/y", "hides"),
    ("url", "GET https://h//x", "empty segment"),
    ("url", "GET https://h/a//", "empty segment"),
    ("url", "GET https://h/%", "hexadecimal"),
    ("url", "GET https://h/%4", "hexadecimal"),
    ("url", "GET https://h/%u0041", "hexadecimal"),
    ("url", "GET https://h/é", "percent-encoded"),
    ("url", "GET https://h/a|b", "percent-encoded"),
    ("url", "GET https://h/[a]", "percent-encoded"),
    ("url", "GET https://bücher.de/", "percent-encoded"),
    ("name", "", "empty"),
    ("name", "a b", "space"),
    ("name", "a\u200bb", "seen"),
    ("name", "a\u202eb", "seen"),
    ("name", "a\U000e0041", "seen"),
    ("name", "a\u00a0b", "space"),
    ("name", "a\n", "control"),
    ("name", "a\ufeff", "seen"),
    ("name", "\ud800", "seen"),
    ("argv", "", "empty"),
    ("argv", "   ", "empty"),
    ("argv", "a 'b", "quotation"),
    ("argv", "a \\", "backslash"),
    ("argv", "a\x00", "NUL"),
    ("shape", "x", "no domain"),
]

SEGMENTS = [
    ("path", "/a/b.txt", ("a", "b.txt")),
    ("path", "/", ()),
    ("host", "www.example.com:443", ("name", "com", "example", "www", 443)),
    ("host", "10.0.0.1:443", ("ipv4", 167772161, 443)),
    ("host", "[::1]:80", ("ipv6", 1, 80)),
    ("url", "GET https://h:443/v1/x", ("GET", "https", "name", "h", 443, "v1", "x")),
    ("url", "GET https://h:443/", ("GET", "https", "name", "h", 443)),
    ("url", "GET http://[::1]:80/a:b", ("GET", "http", "ipv6", 1, 80, "a:b")),
    ("name", "project:acme.notes/search", ("project", ":", "acme", ".", "notes", "/", "search")),
    ("name", "a..b", ("a", ".", ".", "b")),
    ("argv", "git commit -m 'a b' ''", ("git", "commit", "-m", "a b", "")),
]


@pytest.mark.parametrize(("domain", "text", "expected"), SAME)
def test_spellings_of_one_resource_meet(domain: str, text: str, expected: str) -> None:
    assert canonical(domain, text) == expected
    assert canonical(domain, expected) == expected


@pytest.mark.parametrize(("domain", "text", "reason"), REFUSED)
def test_what_names_nothing_is_refused_with_a_reason(domain: str, text: str, reason: str) -> None:
    with pytest.raises(ResourceError, match=reason):
        canonical(domain, text)


@pytest.mark.parametrize(("domain", "text", "expected"), SEGMENTS)
def test_segments(domain: str, text: str, expected: tuple[str | int, ...]) -> None:
    assert canonical(domain, text) == text
    assert segments(domain, text) == expected


def test_segments_of_an_unknown_domain_are_refused() -> None:
    with pytest.raises(ResourceError, match="no domain"):
        segments("shape", "x")


TEXTS = {
    "path": st.text("/.ab\udc80\udcc3\udca9é", max_size=12).map(lambda text: "/" + text),
    "host": st.builds(
        "{}:{}".format,
        st.text("aZ0x1.-_[]:f%", max_size=10)
        | st.ip_addresses().map(str)
        | st.ip_addresses(v=6).map("[{}]".format),
        st.integers(0, 70000),
    ),
    "url": st.text("/.aé%2eEfF;?#@:[]1\\ ", max_size=14).map(lambda text: f"GET https://h{text}"),
    "name": st.text("./:aé\u200b ", max_size=8),
    "argv": st.text("a b'\"\\\n\udcc3\udca9\x00", max_size=10),
}


@quotes(
    "patterns",
    "**One resource, one spelling.**",
    "Two resources differ iff their segments do.",
    "A canonical text is its own canonical form.",
)
class TestCanonicalForm:
    """ "The proof is over the canonical form and every stub canonicalises before it decides"."""

    @pytest.mark.parametrize("domain", sorted(TEXTS))
    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_is_a_fixed_point_with_injective_segments(self, domain: str, data: st.DataObject) -> None:
        forms = []
        for text in (data.draw(TEXTS[domain]), data.draw(TEXTS[domain])):
            try:
                forms.append(canonical(domain, text))
            except ResourceError:
                continue
        for form in forms:
            assert canonical(domain, form) == form
            assert (segments(domain, form) == segments(domain, forms[0])) == (form == forms[0])

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.lists(st.text(string.printable + "é\udc80", max_size=6), min_size=1, max_size=4))
    def test_of_a_command_keeps_its_arguments(self, arguments: list[str]) -> None:
        assert segments("argv", canonical("argv", shlex.join(arguments))) == tuple(arguments)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.lists(st.sampled_from(["", ".", "..", "a", "b"]), max_size=8))
    def test_of_a_path_is_where_the_dots_lead(self, parts: list[str]) -> None:
        stack: list[str] = []
        for part in parts:
            if part == "..":
                stack = stack[:-1]
            elif part in ("a", "b"):
                stack = [*stack, part]
        assert segments("path", canonical("path", "/" + "/".join(parts))) == tuple(stack)
