"""Inclusion, overlap, emptiness and atoms: by example, and against a second reading of small resources."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.canonical import canonical
from capwright_registry.patterns import (
    Pattern,
    Region,
    TooComplex,
    atoms,
    build_trie,
    classes,
    equivalent,
    is_empty,
    outside,
    overlap,
    parse,
)
from capwright_registry.patterns.budget import budget_of
from tests.registry.patterns.reference import patterns, reads, within
from tests.registry.patterns.samples import RESOURCES, pattern, regions
from tests.support.quotes import quotes

DOMAINS = sorted(RESOURCES)


def _region(domain: str, on: str, except_: str = "") -> Region:
    """Patterns are given with ` | ` between them."""
    return Region(
        patterns(domain, *on.split(" | ")), patterns(domain, *(except_.split(" | ") if except_ else ()))
    )


INCLUDED = [
    ("path", "/repo/**", "", "/repo/src/**", ""),
    ("path", "/repo/**", "", "/repo", ""),
    ("path", "/secret/**", "", "/secret", ""),
    ("path", "/repo/*", "", "/repo/src", ""),
    ("path", "/repo/**", "**/.env", "/repo/**", "**/.env"),
    ("path", "/repo/**", "**/.env", "/repo/src/*.py", ""),
    ("path", "/repo/**", "/repo/a/**", "/repo/b/**", ""),
    ("path", "/a | /b", "", "/[ab]", ""),
    ("path", "/a/.?* | /a/[!.]*", "", "/a/*", ""),
    ("path", "/? | /??*", "", "/*", ""),
    ("path", "/[!.]", "", "/?", ""),
    ("path", "/**/a/** | /**/b/**", "", "/**/[ab]/**", ""),
    ("path", "/x*", "", "/x*y*", ""),
    ("path", "/a* | /b* | /c* | /d*", "", "/[a-d]*", ""),
    ("host", "[::fffe:0:0/96]:1", "", "[::fffe:0:0/95]:1", ""),
    ("host", "*.example.com:*", "", "a.b.example.com:443", ""),
    ("host", "*:443", "", "*.example.com:443 | 10.0.0.0/8:443 | [::1]:443", ""),
    ("host", "10.0.0.0/9:443 | 10.128.0.0/9:443", "", "10.0.0.0/8:443", ""),
    ("host", "a:1-65535", "", "a:*", ""),
    ("host", "10.0.0.1:1", "", "[::ffff:10.0.0.1]:1", ""),
    ("name", "project:acme.notes/**", "", "project:acme.notes/*", ""),
    ("name", "**", "", "*.* | a", ""),
    ("url", "* https://*/**", "", "GET,HEAD https://*.example.com/v1/**", ""),
    ("url", "GET https://h/v1/**", "", "GET https://h:443/v1", ""),
    ("argv", "git ...", "", "git push * ...", ""),
    ("argv", "git ...", "", "git", ""),
]

NOT_INCLUDED = [
    ("path", "/repo/src/**", "", "/repo/**", "", "/repo"),
    ("path", "/repo/*", "", "/repo/**", "", "/repo"),
    ("path", "/repo/**", "**/.env", "/repo/src/**", "", "/repo/src/.env"),
    ("path", "/repo/**", "/repo/secret/**", "/repo/*", "", "/repo/secret"),
    ("path", "/a/[!.]*", "", "/a/*", "", "/a/.a"),
    ("path", "/?", "", "/??", "", "/aa"),
    ("path", "/", "/**", "/", "", "/"),
    ("path", "/a*", "", "/ab*/c", "", "/ab/c"),
    ("path", "/a*", "", "/ab*/**", "", "/ab/a"),
    ("path", "/a* | /b* | /c* | /d*", "", "/[a-e]*", "", "/e"),
    ("path", "/a/*", "/a/**", "/a/* | /b", "", "/b"),
    ("path", "/v1/**", "", "/v1*/**", "", "/v1a"),
    ("host", "*.example.com:443", "", "*:443", "", "a:443"),
    ("host", "*.example.com:443", "", "*.example.com:442-443", "", "a.example.com:442"),
    ("host", "*.example.com:443", "", "example.com:443", "", "example.com:443"),
    ("host", "10.0.0.0/8:443", "", "10.0.0.0/7:443", "", "11.0.0.0:443"),
    ("host", "[::/0]:443", "", "*:443", "*.a:443", "b:443"),
    ("name", "project:acme.notes/*", "", "project:acme.notes/**", "", "project:acme.notes/."),
    ("name", "*", "", "**", "*.*", "."),
    ("url", "GET https://h/v1/**", "", "GET https://h/**", "", "GET https://h:443/"),
    ("url", "GET https://h/**", "", "GET,PUT https://h/**", "", "PUT https://h:443/"),
    ("url", "GET https://h/**", "", "GET http://h/**", "", "GET http://h:80/"),
    ("argv", "git ...", "git push ...", "git ...", "", "git push"),
    ("argv", "git *", "", "git ...", "", "git"),
]


@pytest.mark.parametrize(("domain", "outer", "outer_except", "inner", "inner_except"), INCLUDED)
def test_included(domain: str, outer: str, outer_except: str, inner: str, inner_except: str) -> None:
    big, small = _region(domain, outer, outer_except), _region(domain, inner, inner_except)
    assert outside([big], small) is None
    assert outside([Region((p,), big.except_) for p in big.on], small) is None
    assert is_empty(small) or overlap(big, small) is not None


@pytest.mark.parametrize(
    ("domain", "outer", "outer_except", "inner", "inner_except", "witness"), NOT_INCLUDED
)
def test_not_included_with_the_shortest_witness(
    domain: str, outer: str, outer_except: str, inner: str, inner_except: str, witness: str
) -> None:
    assert outside([_region(domain, outer, outer_except)], _region(domain, inner, inner_except)) == witness


def test_what_is_outside_may_need_several_outer_regions() -> None:
    halves = [_region("path", "/a/**", "/a/x/**"), _region("path", "/a/x/**", "/a/x/y")]
    assert outside(halves, _region("path", "/a/**")) == "/a/x/y"
    assert outside([*halves, _region("path", "/**/y")], _region("path", "/a/**")) is None


def test_empty_regions() -> None:
    nothing = Region(())
    assert is_empty(nothing)
    assert is_empty(_region("path", "/a/?", "/a/[!x] | /a/x"))
    assert is_empty(_region("path", "/a/**", "/**"))
    assert not is_empty(_region("path", "/a/?", "/a/[!x]"))
    assert outside([], nothing) is None
    assert overlap(nothing, _region("path", "/a")) is None
    assert outside([nothing], _region("path", "/a")) == "/a"


def test_equivalent() -> None:
    assert equivalent(_region("path", "/[ab]"), _region("path", "/a | /b"))
    assert not equivalent(_region("path", "/[ab]"), _region("path", "/a"))


def test_atoms_partition_the_domain() -> None:
    found = {
        atom.members: atom.witness for atom in atoms(patterns("path", "/repo/**", "/repo/src/**", "**/.env"))
    }
    assert found == {
        frozenset(): "/",
        frozenset({2}): "/.env",
        frozenset({0}): "/repo",
        frozenset({0, 1}): "/repo/src",
        frozenset({0, 2}): "/repo/.env",
        frozenset({0, 1, 2}): "/repo/src/.env",
    }
    assert atoms(()) == ()


def test_a_text_that_only_a_finite_class_leaves_over_is_found() -> None:
    found = {atom.members for atom in atoms(patterns("path", "/[a-c]", "/a", "/b"))}
    assert found == {frozenset(), frozenset({0}), frozenset({0, 1}), frozenset({0, 2})}
    found = {atom.members for atom in atoms(patterns("path", "/[ab]", "/a", "/b"))}
    assert found == {frozenset(), frozenset({0, 1}), frozenset({0, 2})}


def test_domains_do_not_mix() -> None:
    with pytest.raises(ValueError, match="domains"):
        outside([_region("path", "/a")], _region("name", "a"))
    with pytest.raises(ValueError, match="domains"):
        build_trie([parse("path", "/a"), parse("name", "a")])


@quotes(
    "patterns",
    "Past a budget of 200,000 steps and five more for each character, and never above 1,500,000, it has no "
    "answer but `TooComplex`.",
)
@pytest.mark.parametrize(("characters", "steps"), [(0, 200_000), (100, 200_500), (10**6, 1_500_000)])
def test_a_budget_is_so_many_steps(characters: int, steps: int) -> None:
    budget = budget_of([Pattern("path", "", "a" * characters, ())])
    budget.spend(steps)
    with pytest.raises(TooComplex):
        budget.spend()


def test_a_question_beyond_the_budget_has_no_answer() -> None:
    tangled = patterns("path", *(f"/*{chr(97 + n)}*{chr(98 + n)}*{chr(99 + n)}*" for n in range(20)))
    with pytest.raises(TooComplex):
        atoms(tangled)


@quotes("patterns", "600 children within 600 parents stay within the budget.")
@pytest.mark.parametrize("shape", ["/r/m{}*", "/r/*.m{}", "/r/*m{}*", "/r/m{}/**"])
def test_many_children_in_as_many_parents_stay_within_the_budget(shape: str) -> None:
    names = [f"{number:04}" for number in range(600)]
    parents = Region(patterns("path", *(shape.format(name) for name in names)), patterns("path", "**/.env"))
    child_texts = [
        f"{shape.format(name)}/x" if shape.endswith("**") else shape.format(name) for name in names
    ]
    children = Region(patterns("path", *child_texts), patterns("path", "**/.e*"))
    assert outside([parents], children) is None
    assert outside([Region(parents.on[1:], parents.except_)], children) is not None


@quotes(
    "patterns",
    "**The algebra is exact.**",
    "`outside(outer, inner)` is a canonical resource in `inner` and in no region of `outer`, and none iff "
    "`inner` is included.",
    "`atoms` are the classes of resources that patterns tell apart, the class that none matches included.",
)
class TestAlgebra:
    """ "The algebra is exact and complete": answers hold of every small resource, witnesses are real."""

    @pytest.mark.parametrize("domain", DOMAINS)
    @settings(max_examples=120, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_atoms_are_the_membership_classes(self, domain: str, data: st.DataObject) -> None:
        drawn = data.draw(st.lists(pattern(domain), min_size=1, max_size=4))
        found = atoms(drawn)
        assert len({atom.members for atom in found}) == len(found)
        for atom in found:
            assert canonical(domain, atom.witness) == atom.witness
            assert {n for n, p in enumerate(drawn) if reads(p, atom.witness)} == atom.members
        classes = {frozenset(n for n, p in enumerate(drawn) if reads(p, text)) for text in RESOURCES[domain]}
        assert classes <= {atom.members for atom in found}

    @pytest.mark.parametrize("domain", DOMAINS)
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_classes_tell_lists_apart_and_not_their_patterns(self, domain: str, data: st.DataObject) -> None:
        lists = [region.on + region.except_ for region in data.draw(regions(domain))]
        found = {atom.members: atom.witness for atom in classes(lists)}
        for members, witness in found.items():
            assert _members(lists, witness) == members
        assert {_members(lists, text) for text in RESOURCES[domain]} <= set(found)

    @pytest.mark.parametrize("domain", DOMAINS)
    @settings(max_examples=250, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_outside_is_exact(self, domain: str, data: st.DataObject) -> None:
        inner, *outer = data.draw(regions(domain))
        witness = outside(outer, inner)
        if witness is None:
            within_inner = (text for text in RESOURCES[domain] if within(inner, text))
            assert not [text for text in within_inner if not any(within(o, text) for o in outer)]
        else:
            assert canonical(domain, witness) == witness
            assert within(inner, witness)
            assert not any(within(o, witness) for o in outer)

    @quotes("patterns", "`overlap`, `is_empty` and `equivalent` are as exact.")
    @pytest.mark.parametrize("domain", DOMAINS)
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_overlap_is_exact(self, domain: str, data: st.DataObject) -> None:
        a, *rest = data.draw(regions(domain))
        b = rest[0] if rest else a
        witness = overlap(a, b)
        assert (witness is None) == (overlap(b, a) is None)
        if witness is None:
            assert not [text for text in RESOURCES[domain] if within(a, text) and within(b, text)]
        else:
            assert canonical(domain, witness) == witness
            assert within(a, witness)
            assert within(b, witness)


def _members(lists: Sequence[Sequence[Pattern]], text: str) -> frozenset[int]:
    return frozenset(n for n, listed in enumerate(lists) if any(reads(p, text) for p in listed))
