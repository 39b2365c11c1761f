"""`classes`: the partition that lists of patterns induce, whatever the number of their patterns."""

from __future__ import annotations

from itertools import combinations

import pytest

from capwright_registry.patterns import Pattern, TooComplex, atoms, classes, matches, parse

WORDS = ("a", "b", "c", "ab", "abc", "x")


def paths(*texts: str) -> tuple[Pattern, ...]:
    return tuple(parse("path", text) for text in texts)


def inside(listed: tuple[Pattern, ...], resource: str) -> bool:
    return any(matches(pattern, resource) for pattern in listed)


LISTS = [
    [paths("/a/**"), paths("/a/b", "/c")],
    [paths("/**"), paths("**/a/**", "**/b/**"), paths("/a/*", "/b/*")],
    [paths("/[ab]/**"), paths("/a?/**", "/*b/x"), ()],
]


@pytest.mark.parametrize("lists", LISTS)
def test_every_resource_is_in_the_class_of_its_lists(lists: list[tuple[Pattern, ...]]) -> None:
    """Every combination that some path shows is a class, and every class is shown by its witness."""
    found = classes(lists)
    every = ["/", *(f"/{a}" for a in WORDS), *(f"/{a}/{b}" for a in WORDS for b in WORDS)]
    shown = {frozenset(n for n, listed in enumerate(lists) if inside(listed, path)) for path in every}
    assert shown <= {one.members for one in found}
    for one in found:
        assert one.members == {n for n, listed in enumerate(lists) if inside(listed, one.witness)}
    assert len({one.members for one in found}) == len(found)


@pytest.mark.parametrize("lists", LISTS)
def test_classes_join_the_atoms_of_their_patterns(lists: list[tuple[Pattern, ...]]) -> None:
    patterns = [pattern for listed in lists for pattern in listed]
    sides = [
        frozenset(n for n, listed in enumerate(lists) if any(patterns[m] in listed for m in atom.members))
        for atom in atoms(patterns)
    ]
    assert set(sides) == {one.members for one in classes(lists)}


def test_one_list_of_many_patterns_makes_two_classes() -> None:
    """Its patterns overlap in every way, and are not told apart."""
    many = paths(*(f"**/{a}{b}/**" for a, b in combinations("abcdefghij", 2)))
    assert len(classes([many])) == 2
    with pytest.raises(TooComplex):
        atoms(many)


def test_a_pattern_may_stand_in_several_lists() -> None:
    one, two = paths("/a/**"), paths("/a/**", "/b")
    assert {atom.members for atom in classes([one, two])} == {frozenset(), frozenset({1}), frozenset({0, 1})}


def test_no_pattern_no_class() -> None:
    assert classes([]) == classes([(), ()]) == ()


def test_domains_do_not_mix() -> None:
    with pytest.raises(ValueError, match="different domains"):
        classes([paths("/a"), (parse("name", "a"),)])
