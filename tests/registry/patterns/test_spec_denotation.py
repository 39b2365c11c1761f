"""What patterns match is what the equations of `specs/patterns.md` say."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.canonical import canonical, segments
from capwright_registry.patterns import Pattern, PatternError, Region, matches, outside, parse
from capwright_registry.patterns.elements import Range, Word
from tests.registry.patterns import test_argv, test_hosts, test_names, test_paths, test_urls
from tests.registry.patterns.denotation import denotes
from tests.registry.patterns.reference import patterns
from tests.registry.patterns.samples import RESOURCES, TEXTS
from tests.registry.patterns.spec import GRAMMAR, TITLES
from tests.support.quotes import quotes

ROOTS = {"w": "/a/*", "workspace": "/repo", "home": "/home/a b/[x]*"}
ALPHABETS = {
    "path": "ab*?[]!/${w}",
    "host": "ab*?[]!.:12",
    "url": "Gab*[]!.:12/%",
    "name": "ab*?[]!.:",
    "argv": "ab*?[]!' ",
}
MORE = {
    "path": ["/a/*/b", "/a/*", "/a/b/a"],
    "host": ["xn--bcher-kva.de:1", "0.0.0.2:2", "[::2]:1", "1.2.3.4:1"],
    "url": ["GET https://a:443/%C3%A9", "GET https://a:443/*", "GET http://a:80/a", "GET https://a:443/A"],
    "name": ["a.b:a", "b..a"],
    "argv": ["a '*'", "a ... b", "...", "a 'b c' d e"],
}


def _loads(domain: str, text: str) -> bool:
    try:
        parse(domain, text, ROOTS)
    except PatternError:
        return False
    return True


@quotes(
    "patterns",
    "⟦*⟧ = every text, the empty one included",
    "⟦?⟧ = every one character",
    "⟦[i…j]⟧ = ⟦i⟧ ∪ … ∪ ⟦j⟧",
    "⟦[!i…j]⟧ = every one character ∖ (⟦i⟧ ∪ … ∪ ⟦j⟧)",
    "⟦a-b⟧ = { c | a ≤ c ≤ b by code point }, within a class",
    "⟦c⟧ = { c }, for any other character",
    "⟦gh⟧ = ⟦g⟧ · ⟦h⟧",
    "⟦/⟧ = { / }",
    "⟦P/g⟧ = ⟦P⟧ · { s | s is a segment, s ∈ ⟦g⟧ }, where P may be nothing, and ⟦⟧ = { / }",
    "⟦P/**⟧ = ⟦P⟧ · { s₁/…/sₙ | n ≥ 0 }, so ⟦/secret/**⟧ has /secret too",
    "⟦**P⟧ = ⟦/**P⟧",
    "⟦${r}P⟧ = ⟦/x₁/…/xₙP⟧, where /x₁/…/xₙ is the folder that r stands for, its characters taken as they are",
    "⟦h:p⟧ = ⟦h⟧ · ⟦p⟧",
    "⟦*⟧ = every name ∪ every IPv4 address ∪ every IPv6 address",
    "⟦g₁.….gₙ⟧ = { l₁.….lₙ | lᵢ is a label, lᵢ ∈ ⟦gᵢ⟧ }",
    "⟦*.h⟧ = { l₁.….lₙ.m | n ≥ 1, m ∈ ⟦h⟧ }",
    "⟦a⟧ = { a }, for an address a",
    "⟦a/n⟧ = { every address of a's family with the first n bits of a }",
    "⟦[a/n]⟧ = ⟦a/n⟧, where an IPv4-mapped network is its IPv4 network",
    "⟦*⟧ = { 1, …, 65535 }, as a port",
    "⟦m⟧ = { m }, as a port",
    "⟦m-n⟧ = { m, …, n }, as a port",
    "⟦M s://h:p/P⟧ = ⟦M⟧ · { s } · ⟦h:p⟧ · ⟦/P⟧, where /P is read as a path without roots",
    "⟦M s://h/P⟧ = ⟦M s://h:d/P⟧, where d is the port of the scheme s",
    "⟦*⟧ = every method",
    "⟦m,…,n⟧ = { m, …, n }, for methods",
    "⟦%XX⟧ = { the canonical text of %XX }",
    "⟦xy⟧ = ⟦x⟧ · ⟦y⟧, for pieces and marks",
    "⟦.⟧ = { . }, ⟦/⟧ = { / }, ⟦:⟧ = { : }",
    "⟦g⟧ = { t | t ∈ ⟦g⟧ as a glob, t is not empty and has no mark }",
    "⟦**⟧ = { t | t is not empty }, marks included",
    "⟦w₁ … wₙ⟧ = { a₁ … aₙ | aᵢ ∈ ⟦wᵢ⟧ }",
    "⟦w₁ … wₙ ...⟧ = { a₁ … aₙ b₁ … bₘ | aᵢ ∈ ⟦wᵢ⟧, m ≥ 0 }",
    "⟦...⟧ = every command",
    "⟦'t'⟧ = ⟦\"t\"⟧ = { t }",
)
class TestEquations:
    @pytest.mark.parametrize("domain", sorted(TITLES))
    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_say_what_small_patterns_match(self, domain: str, data: st.DataObject) -> None:
        derived = GRAMMAR.texts(TITLES[domain], domain, ALPHABETS[domain])
        text = data.draw((TEXTS[domain] | derived).filter(lambda text: _loads(domain, text)))
        pattern = parse(domain, text, ROOTS)
        for one in [*RESOURCES[domain], *MORE[domain]]:
            assert matches(pattern, one) is denotes(domain, text, one, ROOTS), one

    @pytest.mark.parametrize(
        ("domain", "table"),
        [
            ("path", test_paths.MATCHES),
            ("host", test_hosts.MATCHES),
            ("url", test_urls.MATCHES),
            ("name", test_names.MATCHES),
        ],
    )
    def test_say_what_each_form_matches(
        self, domain: str, table: list[tuple[str, list[str], list[str]]]
    ) -> None:
        for text, yes, no in table:
            for resource in (*yes, *no):
                one = canonical(domain, resource)
                assert denotes(domain, text, one, ROOTS) is (resource in yes), (text, resource)
                assert matches(parse(domain, text, ROOTS), one) is (resource in yes), (text, resource)

    def test_say_what_commands_match(self) -> None:
        for text, yes, no in test_argv.MATCHES:
            for words in (*yes, *no):
                one = canonical("argv", shlex.join(words))
                assert denotes("argv", text, one, ROOTS) is (words in yes), (text, words)
                assert matches(parse("argv", text), one) is (words in yes), (text, words)


def _any(domain: str, texts: list[str], resource: str) -> bool:
    return any(denotes(domain, text, resource, ROOTS) for text in texts)


def _exactly(domain: str, resource: str) -> Region:
    """The region of one resource."""
    parts = (Word(p) if isinstance(p, str) else Range(p, p) for p in segments(domain, resource))
    return Region((Pattern(domain, resource, resource, (tuple(parts),)),))


@quotes(
    "patterns",
    "A capability's `on` and `except` are a region; what `except` has, no pattern of `on` gives back.",
    "⟦on, except⟧ = (⟦on₁⟧ ∪ … ∪ ⟦onₘ⟧) ∖ (⟦except₁⟧ ∪ … ∪ ⟦exceptₙ⟧)",
)
@pytest.mark.parametrize("domain", sorted(TITLES))
@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_region_is_a_union_without_another(domain: str, data: st.DataObject) -> None:
    loading = st.lists(TEXTS[domain].filter(lambda text: _loads(domain, text)), min_size=1, max_size=3)
    on, except_ = data.draw(loading), data.draw(loading | st.just([]))
    region = Region(patterns(domain, *on), patterns(domain, *except_))
    for one in data.draw(st.lists(st.sampled_from(RESOURCES[domain]), min_size=5, max_size=15)):
        expected = _any(domain, on, one) and not _any(domain, except_, one)
        assert (outside([region], _exactly(domain, one)) is None) is expected


@quotes(
    "patterns",
    "A class of one character stands for that character, which is the only escape: `[*]`, `[?]`, `[[]`, "
    r"`[\]`.",
)
@pytest.mark.parametrize(
    ("text", "char"), [("[*]", "*"), ("[?]", "?"), ("[[]", "["), ("[\\]", "\\"), ("[a]", "a"), ("[-]", "-")]
)
def test_a_class_of_one_is_the_only_escape(text: str, char: str) -> None:
    pattern = parse("path", f"/{text}")
    assert [c for c in map(chr, range(0x21, 0x7F)) if c not in "/." and matches(pattern, f"/{c}")] == [char]
    with pytest.raises(PatternError):
        parse("path", f"/\\{char}")


@quotes(
    "patterns",
    "A `!` at the beginning of a class always negates.",
    "A `-` stands for itself at the beginning or the end of a class.",
)
@pytest.mark.parametrize(
    ("body", "chars"),
    [
        ("!a", ""),
        ("!-a", ""),
        ("!!", ""),
        ("a!", "a!"),
        ("-a", "-a"),
        ("a-", "a-"),
        ("--", "-"),
        ("-a-c", "-abc"),
    ],
)
def test_the_signs_of_a_class(body: str, chars: str) -> None:
    pattern = parse("path", f"/[{body}]")
    found = {c for c in "!-abcd" if matches(pattern, f"/{c}")}
    assert found == (set(chars) or set("!-abcd") - set(body[1:]))


@quotes(
    "patterns",
    "A glob stands within a segment: of a path or a URL, a label, a piece of a name, an argument.",
)
@pytest.mark.parametrize(
    ("domain", "text", "yes", "no"),
    [
        ("path", "/a*/b", "/ax/b", "/a/x/b"),
        ("url", "GET https://h/a*/b", "GET https://h/ax/b", "GET https://h/a/x/b"),
        ("host", "a*.b:1", "ax.b:1", "a.x.b:1"),
        ("name", "a*:b", "ax:b", "a:x:b"),
        ("argv", "a* b", "ax b", "a x b"),
    ],
)
def test_a_glob_never_leaves_its_segment(domain: str, text: str, yes: str, no: str) -> None:
    pattern = parse(domain, text)
    assert matches(pattern, canonical(domain, yes))
    assert not matches(pattern, canonical(domain, no))


def _only(domain: str, text: str, yes: list[str], no: list[str]) -> None:
    pattern = parse(domain, text)
    assert [r for r in yes if not matches(pattern, canonical(domain, r))] == []
    assert [r for r in no if matches(pattern, canonical(domain, r))] == []


@quotes(
    "patterns",
    "A pattern is lower-cased and loses one trailing dot, as resources do.",
    "A label of another alphabet stands for its `xn--` form (IDNA 2008).",
    "`?*.a` has exactly one label above `a`.",
    "`[::/0]` has no IPv4 address, and `0.0.0.0/0` no IPv6 address.",
)
def test_hosts_as_they_are_written() -> None:
    _only("host", "*.EXAMPLE.com.:1", ["a.example.com:1", "A.Example.Com.:1"], ["example.com:1"])
    _only("host", "BÜCHER.de:1", ["xn--bcher-kva.de:1"], ["bucher.de:1"])
    _only("host", "?*.a:1", ["b.a:1", "bb.a:1"], ["a:1", "c.b.a:1"])
    _only("host", "[::/0]:1", ["[::1]:1", "[::10.0.0.1]:1"], ["10.0.0.1:1", "[::ffff:10.0.0.1]:1", "a:1"])
    _only("host", "0.0.0.0/0:1", ["10.0.0.1:1", "[::ffff:10.0.0.1]:1"], ["[::1]:1", "a:1"])


@quotes(
    "patterns",
    "So `/v1/**` has `/v1`, and never `/v1evil`.",
    "The wildcards see the canonical text, where an escape is three characters.",
)
def test_urls_as_they_are_written() -> None:
    _only("url", "GET https://h/v1/**", ["GET https://h/v1", "GET https://h/v1/x"], ["GET https://h/v1evil"])
    _only("url", "GET https://h/x*z", ["GET https://h/x%C3z"], [])
    _only("url", "GET https://h/%c3*", ["GET https://h/%C3%A9", "GET https://h/%c3"], ["GET https://h/%C4"])
    _only("url", "GET https://h/[!a]", ["GET https://h/b"], ["GET https://h/%C3", "GET https://h/a"])
