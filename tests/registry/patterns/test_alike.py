"""Questions that differ only in names: what is answered from another one is what exploration says."""

from __future__ import annotations

import re
from random import Random

import pytest

from capwright_registry.patterns import Pattern, parse
from capwright_registry.patterns.alike import Known, asked
from capwright_registry.patterns.classes import one_pass

_PIECES = {
    "path": ("a", "ab", "b", ".env", "x1", "*", "?", "a*", "[!a]*", "**"),
    "name": ("a", "ab", "b", "project", "x1", "*", "?b", "a*", "**"),
    "host": ("a", "ab", "b", "name", "x1", "*", "a*"),
}
_JOINED = {"path": "/", "name": ".", "host": "."}


def _pattern(domain: str, random: Random) -> str:
    pieces = [random.choice(_PIECES[domain]) for _ in range(random.randint(1, 4))]
    if domain == "host":  # a whole `*` stands only in front
        pieces = [p if not n or p != "*" else "ab" for n, p in enumerate(pieces)]
        return ".".join(pieces) + random.choice((":443", ":80-90", ":*"))
    pieces = [p for n, p in enumerate(pieces) if not (n and p == "**" == pieces[n - 1])]
    return ("/" if domain == "path" else "") + _JOINED[domain].join(pieces)


def _lists(domain: str, random: Random) -> list[list[str]]:
    sizes = [random.randint(1, 3) for _ in range(random.randint(1, 4))]
    return [[_pattern(domain, random) for _ in range(size)] for size in sizes]


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(r"[a-z][a-z0-9]*(?![^\[]*\])", lambda m: names.get(m[0], m[0]), text)


def _parsed(domain: str, lists: list[list[str]]) -> tuple[list[list[Pattern]], list[Pattern]]:
    parsed = [[parse(domain, text) for text in listed] for listed in lists]
    return parsed, list(dict.fromkeys(p for listed in parsed for p in listed))


@pytest.mark.parametrize("domain", sorted(_PIECES))
def test_an_answer_for_other_names_is_what_exploration_says(domain: str) -> None:
    """Names of other lengths and other orders, names that a glob matches, names that exploration makes up."""
    random = Random(1)  # noqa: S311 - repeatable cases, no secret
    used = 0
    for _ in range(600):
        first = _lists(domain, random)
        old = ["a", "ab", "b", "name", "project", "x1"]
        new = random.sample(
            ["a", "aa", "ab", "abc", "b", "name", "o", "project", "q", "t7", "x1", "zz"], len(old)
        )
        names = dict(zip(old, sorted(new) if random.random() < 0.8 else new, strict=True))
        second = [[_renamed(text, names) for text in listed] for listed in first]
        for lists in (first, second):
            parsed, patterns = _parsed(domain, lists)
            question, made_up = asked(parsed, patterns, domain), set[str]()
            direct = tuple(one_pass(parsed, patterns, domain, made_up))
            known = question.answer()
            used += known is not None and lists is second
            assert known in (None, direct)
            question.keep(direct, frozenset(made_up))
    assert used > 20, "else nothing was tried"


def test_a_made_up_text_is_never_taken_for_a_name() -> None:
    """What is made up for one question may be a name of the other."""
    one, other = ([parse("path", f"/{name}/*")] for name in ("zz", "a"))
    first = asked([one], one, "path")
    made_up: set[str] = set()
    first.keep(tuple(one_pass([one], one, "path", made_up)), frozenset(made_up))
    assert "a" in made_up
    assert first.answer() is not None
    assert asked([other], other, "path").answer() is None


def test_nothing_is_kept_where_a_name_was_made_up() -> None:
    patterns = [parse("path", "/a/kept-apart/*")]
    question = asked([patterns], patterns, "path")
    question.known.answer = None
    question.keep(((frozenset(), ("a",)),), frozenset({"a"}))
    assert question.known == Known()
