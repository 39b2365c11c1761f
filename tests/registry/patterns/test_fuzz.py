"""A slice of `python -m tests.bench.fuzz_patterns`, and whether it would notice."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.pool import Pool
from typing import Any

import pytest

from capwright_registry.patterns import Pattern, Region, TooComplex, matches
from tests.bench import fuzz_patterns
from tests.bench.fuzz_patterns import MATCHES, PATHS, QUESTIONS, Part, run
from tests.support.pattern_cases import algebra, matching, other_globs, questions
from tests.support.pattern_cases.algebra import Question, judge
from tests.support.pattern_cases.matching import MatchCase
from tests.support.pattern_cases.shrinking import smallest
from tests.support.pattern_cases.vocabulary import DOMAINS
from tests.support.pattern_oracle.solver import Set


class TestDifferential:
    """ "The algebra is exact": independent readings of the same texts say the same."""

    @pytest.mark.parametrize("domain", DOMAINS)
    def test_matches_and_tables_agree_with_the_oracle(self, domain: str) -> None:
        counts: Counter[str] = Counter()
        for number in range(8):
            found, wrong = matching.run_batch(domain, f"suite {number}")
            assert [matching.differs(case) for case in wrong] == []
            counts += found
        assert counts["matched"] > 50
        assert counts["not matched"] > 500
        assert counts["no resource"] > 0

    @pytest.mark.parametrize("domain", DOMAINS)
    def test_inclusion_intersection_difference_and_witness_agree_with_z3(self, domain: str) -> None:
        counts: Counter[tuple[str, str]] = Counter()
        for number in range(12):
            found, wrong = questions.run_batch(domain, f"suite {number}")
            assert [(judge(question).wrong, question) for question in wrong] == []
            counts += found
        for kind in ("inclusion", "intersection", "difference", "emptiness"):
            empty = "included" if kind == "inclusion" else "empty"
            assert counts[kind, empty], kind
            assert counts[kind, f"not {empty}"], kind
        assert sum(number for (_, verdict), number in counts.items() if "unknown" in verdict) <= 2

    def test_paths_agree_with_wcmatch_and_pathspec(self) -> None:
        counts: Counter[str] = Counter()
        for number in range(30):
            found, wrong = other_globs.run_batch(f"suite {number}")
            assert [(other_globs.differs(case), case) for case in wrong] == []
            counts += found
        assert counts["wcmatch"] > 900
        assert counts["pathspec"] > 500


@pytest.fixture(scope="module")
def workers() -> Iterator[Pool]:
    with get_context("spawn").Pool(2) as pool:
        yield pool


@pytest.mark.parametrize("part", [MATCHES, QUESTIONS, PATHS], ids=lambda part: part.name)
def test_the_same_seed_gives_the_same_counts_in_any_number_of_processes(part: Part, workers: Pool) -> None:
    counts = [run(part, 8, seed, workers if n else None) for n, seed in enumerate((3, 3, 4))]
    assert counts[0] == counts[1] != counts[2]
    assert part.cases(counts[0][0]) >= 8


def _hidden_files_do_not_match(pattern: Pattern, resource: str) -> bool:
    return "/." not in resource and matches(pattern, resource)


def _as_it_is(_: str, text: str) -> str:
    return text


def _nothing(*_: object) -> None:
    return None


def _always_a(*_: object) -> str:
    return "/a"


LIES: list[tuple[Part, Any, str, Callable[..., object], str]] = [
    (MATCHES, matching, "matches", _hidden_files_do_not_match, "matches: []"),
    (MATCHES, matching, "canonical", _as_it_is, "the oracle says no resource"),
    (PATHS, other_globs, "matches", _hidden_files_do_not_match, "wcmatch says True"),
    (QUESTIONS, algebra, "outside", _nothing, "we say there is none"),
    (QUESTIONS, algebra, "overlap", _always_a, "differ"),
    (QUESTIONS, algebra, "witness", _nothing, "differ"),
]


@pytest.mark.parametrize(("part", "module", "name", "lie", "told"), LIES)
def test_a_wrong_answer_is_found_and_made_small(
    monkeypatch: pytest.MonkeyPatch, part: Part, module: Any, name: str, lie: Callable[..., object], told: str
) -> None:
    monkeypatch.setattr(module, name, lie)
    _, wrong = run(part, 100_000, 1)
    assert wrong.startswith("DIFFERENCE: ")
    assert told in wrong
    assert len(wrong) < 300, wrong


def _question(kind: str, on: str, *without: str) -> Question:
    return Question(kind, "path", (Set((on,)),), tuple(Set((text,)) for text in without))


WITNESSES = [
    (_question("inclusion", "/a/*", "/a/?"), None, "we say there is none"),
    (_question("inclusion", "/a/*", "/a/**"), "/a/a", "is none"),
    (_question("inclusion", "/a/*", "/a/?"), "/a/a", "is none"),
    (_question("inclusion", "/a/*", "/a/?"), "/a/../aa", "is none"),
    (_question("emptiness", "/a/*"), None, "we say there is none"),
]


@pytest.mark.parametrize(("question", "lie", "told"), WITNESSES)
def test_a_false_witness_does_not_replay(
    monkeypatch: pytest.MonkeyPatch, question: Question, lie: str | None, told: str
) -> None:
    assert judge(question).wrong == ""
    monkeypatch.setattr(algebra, "answer", lambda _: (lie, lie is None))
    assert told in judge(question).wrong


def test_what_z3_does_not_know_is_counted_apart_and_a_witness_still_replayed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hard = Question("intersection", "path", (Set(("/*a*b*c*",)), Set(("/*b*c*d*",))), (Set(("/*d*c*b*a*",)),))
    assert judge(hard, limit=2_000).verdict == "oracle unknown, not empty"
    assert judge(hard, limit=2_000).wrong == ""
    monkeypatch.setattr(algebra, "answer", lambda _: ("/dcba", False))
    assert "is none" in judge(hard, limit=2_000).wrong


def test_what_is_too_complex_is_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(outer: list[Region], inner: Region) -> str:
        raise TooComplex

    monkeypatch.setattr(algebra, "outside", give_up)
    assert judge(_question("inclusion", "/a", "/a")).verdict == "too complex"


def test_the_command_prints_the_seed_and_the_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fuzz_patterns", "--cases", "500", "--seed", "7"])
    assert fuzz_patterns.main() == 0
    told = capsys.readouterr().out
    assert told.startswith("seed 7\nmatch: ")
    assert "inclusion: 10 cases; oracle unknown 0, too complex 0\n" in told
    monkeypatch.setattr(matching, "matches", _nothing)
    assert fuzz_patterns.main() == 1
    assert "DIFFERENCE: " in capsys.readouterr().out


def test_the_smallest_case_cannot_be_made_smaller() -> None:
    case = MatchCase("path", ("/a/**/b*", "/x"), "/a/c/bbb")
    found = smallest(case, matching.smaller, lambda one: "b" in one.word and "*" in "".join(one.patterns))
    assert found == MatchCase("path", ("*",), "b")
