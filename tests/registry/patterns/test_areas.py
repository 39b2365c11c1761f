"""Intersections and differences of regions, built up step by step, against every small resource."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.canonical import canonical
from capwright_registry.patterns import (
    Area,
    Region,
    equivalent,
    includes,
    is_empty,
    meet,
    minus,
    outside,
    witness,
)
from tests.registry.patterns.reference import patterns, within
from tests.registry.patterns.samples import RESOURCES, regions
from tests.support.quotes import quotes

DOMAINS = sorted(RESOURCES)


def _has(area: Area, resource: str) -> bool:
    """Membership as the definition of an area says it."""
    return (
        bool(area.within)
        and all(within(region, resource) for region in area.within)
        and not any(within(region, resource) for region in area.without)
    )


@pytest.mark.parametrize("domain", DOMAINS)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_steps_of_meet_and_minus_are_exact(domain: str, data: st.DataObject) -> None:
    first, *rest = data.draw(regions(domain))
    expected = {text for text in RESOURCES[domain] if within(first, text)}
    area = Area((first,))
    for region in rest:
        inside = {text for text in RESOURCES[domain] if within(region, text)}
        if data.draw(st.booleans()):
            area, expected = meet(area, region), expected & inside
        else:
            area, expected = minus(area, region), expected - inside
    found = witness(area)
    assert {text for text in RESOURCES[domain] if _has(area, text)} == expected
    if found is None:
        assert not expected
    else:
        assert canonical(domain, found) == found
        assert _has(area, found)
    assert is_empty(area) == (found is None)


@quotes("patterns", "`overlap`, `is_empty` and `equivalent` are as exact.")
@pytest.mark.parametrize("domain", DOMAINS)
@settings(max_examples=80, deadline=None, derandomize=True)
@given(data=st.data())
def test_inclusion_is_an_empty_difference(domain: str, data: st.DataObject) -> None:
    a, *rest = data.draw(regions(domain))
    b = rest[0] if rest else a
    assert includes(a, b) == (outside([a], b) is None) == is_empty(minus(b, a))
    assert equivalent(a, b) == (includes(a, b) and includes(b, a))
    assert includes(a, a)
    assert is_empty(minus(a, a))


def test_a_difference_with_exceptions_keeps_what_they_give_back() -> None:
    tree = Region(patterns("path", "/a/**"))
    taken = Region(patterns("path", "/a/b/**"), patterns("path", "/a/b/keep"))
    rest = minus(tree, taken)
    assert witness(meet(rest, Region(patterns("path", "/a/b/**")))) == "/a/b/keep"
    assert is_empty(
        minus(meet(rest, Region(patterns("path", "/a/b/**"))), Region(patterns("path", "/a/b/keep")))
    )


def test_nothing_is_in_an_area_of_nothing() -> None:
    nothing, tree = Region(()), Region(patterns("path", "/a/**"))
    assert witness(Area(())) is None
    assert witness(Area((), (tree,))) is None
    assert witness(meet(tree, nothing)) is None
    assert witness(minus(tree, nothing)) == "/a"
