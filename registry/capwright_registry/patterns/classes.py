"""The partition of all resources that lists of patterns induce, each class with a witness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from capwright_registry.canonical import Segments
from capwright_registry.patterns.alike import asked
from capwright_registry.patterns.automaton import automata
from capwright_registry.patterns.budget import budget_of
from capwright_registry.patterns.elements import Pattern, Region, TooComplex
from capwright_registry.patterns.explore import Explorer, bits
from capwright_registry.patterns.finding import domain_of, find, labelled
from capwright_registry.patterns.space import SPACES, text_of
from capwright_registry.patterns.tables import build_trie
from capwright_registry.trie import Trie

Lists = Sequence[Sequence[Pattern]]
Found = Iterator[tuple[frozenset[int], Segments]]


@dataclass(frozen=True, slots=True)
class Atom:
    """The resources in exactly the patterns, or lists, numbered `members`; the shortest readable one."""

    members: frozenset[int]
    witness: str


def atoms(patterns: Sequence[Pattern]) -> tuple[Atom, ...]:
    """The partition of the whole domain that the patterns induce, the atom that none matches included.

    Atoms come with the shorter witness first. No pattern, no atom.
    """
    return classes([(pattern,) for pattern in patterns])


def classes(lists: Lists) -> tuple[Atom, ...]:
    """The partition that lists of patterns induce: a resource is in a list if one of its patterns matches.

    `members` number the lists. Patterns of one list are not told apart, so that a list of forty exceptions
    makes two classes and not the many thousand that its patterns would. Raises `TooComplex`.
    """
    patterns = tuple(dict.fromkeys(pattern for listed in lists for pattern in listed))
    if not patterns:
        return ()
    domain = domain_of(patterns)
    try:
        found = list(_explored(lists, patterns, domain))
    except TooComplex:
        found = sorted(_divided(lists, patterns, domain), key=lambda one: _length(one[1]))
    return tuple(Atom(members, text_of(domain, segments)) for members, segments in found)


def _explored(lists: Lists, patterns: Sequence[Pattern], domain: str) -> Found:
    """All classes in one pass, at the cost of all ways in which the patterns overlap.

    Not even that, where the same was asked of other names.
    """
    question = asked(lists, patterns, domain)
    answer = question.answer()
    if answer is None:
        made_up: set[str] = set()
        answer = tuple(one_pass(lists, patterns, domain, made_up))
        question.keep(answer, frozenset(made_up))
    yield from answer


def one_pass(lists: Lists, patterns: Sequence[Pattern], domain: str, made_up: set[str]) -> Found:
    """The classes, each with its segments; `made_up` comes to hold the texts that are no literals."""
    labels = dict.fromkeys(patterns, 0)
    for number, listed in enumerate(lists):
        for pattern in listed:
            labels[pattern] |= 1 << number
    nodes, (start,) = automata(labelled(labels))
    for label, segments in Explorer(nodes, start, SPACES[domain], budget_of(patterns), made_up).labels():
        yield frozenset(bits(label)), segments


def _divided(lists: Lists, patterns: Sequence[Pattern], domain: str) -> Found:
    """The classes list by list: each is divided into what is in the next list and what is not.

    One search for each class and list: dear where there are many, but it does not care how patterns overlap.
    """
    budget = budget_of(patterns)
    regions = [Region(tuple(listed)) for listed in lists]
    everything = find(domain, (), (), budget)
    found = {} if everything is None else {frozenset[int](): everything}
    for number, listed in enumerate(lists):
        trie = Trie(build_trie(listed))
        for members, segments in tuple(found.items()):
            wider = members | {number}
            if trie.walk(segments):
                found[wider] = found.pop(members)
            other = members if wider in found else wider
            within = [regions[n] for n in sorted(other)]
            without = [regions[n] for n in range(number + 1) if n not in other]
            there = find(domain, within, without, budget)
            if there is not None:
                found[other] = there
    yield from found.items()


def _length(segments: Segments) -> tuple[int, int]:
    return len(segments), sum(len(str(segment)) for segment in segments)
