"""Differential fuzzing of the pattern algebra against independent readings of the same texts.

    python -m tests.bench.fuzz_patterns --cases 1000000 --seed 1

A match case is a pattern and a resource near it: `matches`, the table of twelve patterns together, and
Python's `re` over what the oracle reads in the pattern's text and in its canonical text. An inclusion comes
with an intersection, a difference and an emptiness over the same patterns: the algebra and Z3, each of which
replays the witnesses of the other. Patterns of paths are held against wcmatch and pathspec too. Prints the
seed and counts, the same ones whatever `--jobs` is. A difference is shrunk and printed, and exits with 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import count, cycle, islice
from multiprocessing import get_context
from multiprocessing.pool import Pool as Workers
from typing import Any, Final

from tests.support.pattern_cases import matching, other_globs, questions
from tests.support.pattern_cases.algebra import KINDS, judge
from tests.support.pattern_cases.shrinking import smallest
from tests.support.pattern_cases.vocabulary import DOMAINS

ROUND: Final = 50  # batches between two looks at the counts
Job = tuple[str, str]  # a domain and the seed of a batch
Counts = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """A comparison: `batch` gives counts and cases that differ, `cases` how many cases the counts hold."""

    name: str
    turns: tuple[str, ...]  # the domains of the batches, over and over
    batch: Callable[[Job], tuple[Counts, list[Any]]]
    cases: Callable[[Counts], int]
    smaller: Callable[[Any], Iterator[Any]]
    wrong: Callable[[Any], str]


def _match_batch(job: Job) -> tuple[Counts, list[Any]]:
    counts, found = matching.run_batch(*job)
    return Counter({(job[0], verdict): number for verdict, number in counts.items()}), found


def _question_batch(job: Job) -> tuple[Counts, list[Any]]:
    counts, found = questions.run_batch(*job)
    return Counter({(kind, job[0], verdict): number for (kind, verdict), number in counts.items()}), found


def _path_batch(job: Job) -> tuple[Counts, list[Any]]:
    counts, found = other_globs.run_batch(job[1])
    return Counter({(library,): number for library, number in counts.items()}), found


def _compared(counts: Counts) -> int:
    return sum(number for (_, verdict), number in counts.items() if verdict in ("matched", "not matched"))


def _inclusions(counts: Counts) -> int:
    return sum(number for key, number in counts.items() if key[0] == "inclusion")


# Hosts and URLs come twice, for many of their words are no resources.
MATCHES: Final = Part(
    "match", (*DOMAINS, "host", "url"), _match_batch, _compared, matching.smaller, matching.differs
)
QUESTIONS: Final = Part(
    "question", DOMAINS, _question_batch, _inclusions, questions.smaller, lambda one: judge(one).wrong
)
PATHS: Final = Part(
    "path", ("path",), _path_batch, lambda counts: counts["wcmatch",], matching.smaller, other_globs.differs
)


def run(part: Part, cases: int, seed: int, workers: Workers | None = None) -> tuple[Counts, str]:
    """Counts of `cases` cases or a few more, and the first difference; empty where there is none."""
    counts: Counts = Counter()
    jobs = (
        (domain, f"{seed} {part.name} {n}") for n, domain in zip(count(), cycle(part.turns), strict=False)
    )
    while part.cases(counts) < cases:
        some = list(islice(jobs, min(ROUND, cases - part.cases(counts))))
        for found, wrong in workers.map(part.batch, some) if workers else map(part.batch, some):
            counts.update(found)
            if wrong:
                return counts, _shown(part, wrong[0])
            if part.cases(counts) >= cases:
                break
    return counts, ""


def _shown(part: Part, case: Any) -> str:
    """The smallest case that still differs, and how."""
    case = smallest(case, part.smaller, lambda one: bool(part.wrong(one)))
    return f"DIFFERENCE: {part.wrong(case)}\n  {case}"


def match_lines(counts: Counts) -> list[str]:
    """What came of the match cases, a line for each domain."""
    lines = [f"match: {_compared(counts):,} cases; apart from them, words that all sides say are no resource"]
    for domain in DOMAINS:
        told = (
            f"{counts[domain, verdict]:,} {verdict}" for verdict in ("matched", "not matched", "no resource")
        )
        lines.append(f"  {domain:5} {', '.join(told)}")
    return lines


def question_lines(counts: Counts) -> list[str]:
    """What came of the questions: a line for each kind and, under it, for each domain."""
    lines = []
    for kind in KINDS:
        of_kind = sorted((key[1:], number) for key, number in counts.items() if key[0] == kind)
        apart = {
            word: sum(number for (_, verdict), number in of_kind if word in verdict)
            for word in ("unknown", "too complex")
        }
        total = sum(number for _, number in of_kind)
        lines.append(
            f"{kind}: {total:,} cases; oracle unknown {apart['unknown']}, too complex {apart['too complex']}"
        )
        for domain in DOMAINS:
            told = (f"{number:,} {verdict}" for (where, verdict), number in of_kind if where == domain)
            lines.append(f"  {domain:5} {', '.join(told)}")
    return lines


def path_lines(counts: Counts) -> list[str]:
    """What came of the comparison with other libraries."""
    return [f"paths: {counts['wcmatch',]:,} cases against wcmatch, {counts['pathspec',]:,} against pathspec"]


def main() -> int:
    """Run all three comparisons and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=10_000, help="match cases")
    parser.add_argument("--inclusions", type=int, help="left out: one for 50 match cases")
    parser.add_argument("--paths", type=int, help="cases against wcmatch; left out: one for 10 match cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    asked = parser.parse_args()
    inclusions = asked.cases // 50 if asked.inclusions is None else asked.inclusions
    paths = asked.cases // 10 if asked.paths is None else asked.paths
    print(f"seed {asked.seed}", flush=True)
    with get_context("spawn").Pool(asked.jobs) if asked.jobs > 1 else nullcontext() as workers:
        for part, cases, lines in (
            (MATCHES, asked.cases, match_lines),
            (PATHS, paths, path_lines),
            (QUESTIONS, inclusions, question_lines),
        ):
            if not cases:
                continue
            started = time.perf_counter()
            counts, wrong = run(part, cases, asked.seed, workers)
            print("\n".join(lines(counts)))
            print(wrong or f"  no difference, {time.perf_counter() - started:.0f} s", flush=True)
            if wrong:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
