"""What the pattern algebra costs as questions grow, beside two string solvers.

    python -m tests.bench.patterns [--most K] [--cap SECONDS] [--family NAME ...]

For each family (`tests/support/families.py`): are k child globs within k parent globs? All times are of the
processor, which other work on the machine does not lengthen, and leave out reading the patterns. Ours is the
median of several runs; a solver gets one run in a process of its own, which ends at the cap. A solver that
missed it at two sizes is not asked the larger ones. `refuted` is the twin of the question in which one child
escapes; the solvers are asked it at the two smallest sizes, to see that they can say both. Then the classes
of 100, 1,000 and 3,000 patterns. Exits with 1 where a bound does not hold or two answers differ.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import log
from statistics import linear_regression, median
from typing import Final, TypeVar

from capwright_registry.patterns import Region, TooComplex, atoms, classes, matches, outside
from tests.support.families import FAMILIES, Family

SIZES: Final = (16, 64, 256, 1024, 4096)
GROWTH: Final = 1.3  # the exponent of k that ours may not pass
AHEAD: Final = 100  # times faster than Z3, at the size of the next line, where a child is within one parent
AHEAD_AT: Final = 64
SOLVERS: Final = ("z3", "cvc5")
#: Milliseconds of a product of all patterns' automata, as the design measured it, by their number.
NAIVE: Final = {100: 6, 1000: 3_300, 3000: 36_000}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said and after how many seconds; None where it was not said before the cap."""

    verdict: str
    seconds: float | None


def timed(work: Callable[[], _T], runs: int) -> tuple[_T, float]:
    """The last result, and the median of the seconds."""
    spent = []
    for _ in range(runs):
        started = time.process_time()
        result = work()
        spent.append(time.process_time() - started)
    return result, median(spent)


def ours(family: Family, k: int, escaping: bool) -> tuple[str, float]:
    """Our verdict and its seconds; a counterexample counts only if it is one."""
    outer, inner = family.question(k, escaping)
    found, seconds = timed(lambda: outside([outer], inner), 11 if k < 1000 else 5)
    if found is None:
        return "included", seconds
    return "refuted" if _within(inner, found) and not _within(outer, found) else "WRONG", seconds


def _within(region: Region, resource: str) -> bool:
    return any(matches(pattern, resource) for pattern in region.on)


def theirs(solver: str, name: str, k: int, asked: str, cap: float) -> Answer:
    """A solver's answer. Past the cap its process is ended, and so it is where it hangs."""
    command = [sys.executable, "-m", "tests.bench.patterns_solver", solver, name, str(k), asked, str(cap)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60 + 6 * cap, check=False)
    except subprocess.TimeoutExpired:
        return Answer("past the cap", None)
    if done.returncode < 0:
        return Answer("past the cap", None)
    if done.returncode:
        return Answer("out of memory" if "emory" in done.stderr else "failed", None)
    said = json.loads(done.stdout)
    return Answer({"unsat": "included", "sat": "refuted"}.get(said["verdict"], "unknown"), said["seconds"])


class Table:
    """The table of one family; `wrong` are the answers that differ, `slow` the bounds that do not hold."""

    def __init__(self, name: str, sizes: Sequence[int], cap: float) -> None:
        self.name = name
        self.family = FAMILIES[name]
        self.wrong: list[str] = []
        self.slow: list[str] = []
        self._sizes = sizes
        self._cap = cap
        self._missed = dict.fromkeys(SOLVERS, 0)
        self._points: list[tuple[int, float]] = []

    def show(self) -> None:
        """Measure and print, row by row."""
        print(f"\n{self.name}: {self.family.about}")
        print(f"  {self.family.child(0)}  within  {self.family.parent(0)}")
        heads = "".join(f"  {solver:>10} {'/ ours':>8} {'':<12}" for solver in SOLVERS)
        print(f"  {'k':>5} {'question':<9} {'ours':>9}{heads}")
        for asked in ("included", "refuted"):
            for k in self._sizes:
                self._row(asked, k)
        self._growth()

    def _row(self, asked: str, k: int) -> None:
        verdict, mine = ours(self.family, k, asked == "refuted")
        if verdict != asked:
            self.wrong.append(f"{self.name}, k = {k}: ours says {verdict}, and it is {asked}")
        if asked == "included":
            self._points.append((k, mine))
        cells = "".join(self._cell(solver, asked, k, mine) for solver in SOLVERS)
        print(f"  {k:>5} {asked:<9} {mine * 1000:>6.1f} ms{cells}", flush=True)

    def _cell(self, solver: str, asked: str, k: int, mine: float) -> str:
        if self._missed[solver] > 1 if asked == "included" else k not in self._sizes[:2]:
            return f"  {'-':>10} {'-':>8} {'not run':<12}"
        other = theirs(solver, self.name, k, asked, self._cap)
        if other.seconds is None:
            self._missed[solver] += asked == "included"
        elif other.verdict != asked:
            self.wrong.append(f"{self.name}, k = {k}: {solver} says {other.verdict}, and it is {asked}")
        seconds, sign = (self._cap, ">") if other.seconds is None else (other.seconds, "")
        ahead = seconds / mine
        if (solver, asked, k) == ("z3", "included", AHEAD_AT) and ahead < AHEAD and not self.family.united:
            self.slow.append(f"{self.name}, k = {k}: Z3 takes {ahead:.0f} times ours, less than {AHEAD}")
        return f"  {f'{sign}{seconds * 1000:,.0f}':>7} ms {f'{sign}{ahead:,.0f}':>8} {other.verdict:<12}"

    def _growth(self) -> None:
        """Least squares over the logarithms; and the last step alone, where what is constant weighs least."""
        if len(self._points) < 2:
            return
        logs = [(log(k), log(seconds)) for k, seconds in self._points]
        whole, last = (linear_regression(*zip(*part, strict=True)).slope for part in (logs, logs[-2:]))
        start, end = (k for k, _ in self._points[-2:])
        print(f"  ours grows as k^{whole:.2f}; from k = {start} to {end} as k^{last:.2f}")
        if whole > GROWTH:
            self.slow.append(f"{self.name}: ours grows as k^{whole:.2f}, more than k^{GROWTH}")


def show_classes(names: Sequence[str]) -> None:
    """Print what it costs to tell patterns apart: half of them parents, half their children."""
    print("\nclasses: of two lists, all parents and all children; and of every pattern by itself")
    print(f"  {'family':<9} {'patterns':>8} {'two lists':>24} {'each by itself':>24} {'naive product':>14}")
    for name in names:
        for count, naive in NAIVE.items():
            parents, children = FAMILIES[name].parents(count // 2), FAMILIES[name].children(count // 2)
            two = _told_apart(partial(classes, [parents, children]))
            each = _told_apart(partial(atoms, [*parents, *children]))
            print(f"  {name:<9} {count:>8} {two:>24} {each:>24} {naive:>11,} ms", flush=True)


def _told_apart(work: Callable[[], Sequence[object]]) -> str:
    started = time.process_time()
    try:
        said = f"{len(work()):,} in"
    except TooComplex:
        said = "too complex,"
    return f"{said} {(time.process_time() - started) * 1000:,.0f} ms"


def main() -> int:
    """Measure and print."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest k")
    parser.add_argument("--cap", type=float, default=60.0, help="seconds for each question to a solver")
    parser.add_argument("--family", nargs="*", choices=sorted(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--answers", action="store_true", help="end with 1 for answers alone, not for bounds")
    options = parser.parse_args()
    tables = [Table(name, [k for k in SIZES if k <= options.most], options.cap) for name in options.family]
    for table in tables:
        table.show()
    show_classes(options.family)
    wrong = [line for table in tables for line in table.wrong]
    slow = [line for table in tables for line in table.slow]
    held = f"no family grows faster than k^{GROWTH}; answers agree; where each child is within one parent, "
    held += f"Z3 takes at least {AHEAD} times ours at k = {AHEAD_AT}"
    print("\n" + ("\n".join([*wrong, *slow]) or held))
    return 1 if wrong or (slow and not options.answers) else 0


if __name__ == "__main__":
    sys.exit(main())
