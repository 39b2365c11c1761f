"""How many single changes of a proof are refused: `python -m tests.bench.mutate_proof --count N --seed S`.

Prints counts by kind: bytes changed, one value changed with the digest left alone, and one value changed with
the digest made anew, each judged by the gate's own function: the checker, the host, the manifests. A survivor
of the last is printed with its place; of the others there must be none, and the run ends with 1 if there is.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.support.mutations import Mutation, byte_changes, mutate, routes
from tests.support.proofs import Desk, desk, left_alone, parsed, refused_by, sealed

Tally = Counter[tuple[str, bool]]


def bytes_changed(made: Desk, count: int, random: Random) -> Tally:
    """Counts by kind of change and by whether it was refused."""
    found: Tally = Counter()
    for kind, data in byte_changes(made.proof, random):
        if found.total() >= count:
            return found
        if data not in (made.proof, made.proof.rstrip(b"\n")):  # the line end is no part of the proof
            found[kind, refused_by(made, data) is not None] += 1
    return found


def values_changed(
    made: Desk, count: int, random: Random
) -> tuple[Tally, Tally, list[Mutation], Counter[str]]:
    """Counts with the digest left alone and made anew, survivors of the latter, and its counts by step."""
    body = parsed(made.proof)
    left, anew, steps = Counter[tuple[str, bool]](), Counter[tuple[str, bool]](), Counter[str]()
    survivors: list[Mutation] = []
    among = [route for route in routes(body) if route != ("digest",)]
    for _ in range(count):
        mutation = mutate(body, random, among)
        altered = left_alone(mutation.body, made.proof)
        left[mutation.kind, refused_by(made, altered) is not None] += 1
        step = refused_by(made, sealed(mutation.body))
        anew[mutation.kind, step is not None] += 1
        steps[step or "believed"] += 1
        if step is None:
            survivors.append(mutation)
    return left, anew, survivors, steps


def kept(tally: Tally) -> int:
    """How many were believed."""
    return sum(number for (_, was_refused), number in tally.items() if not was_refused)


def table(title: str, tally: Tally) -> str:
    """One line a kind: refused of tried."""
    kinds = sorted({kind for kind, _ in tally})
    rows = [f"  {k:<18} {tally[k, True]:>6} of {tally[k, True] + tally[k, False]:>6}" for k in kinds]
    return "\n".join([f"{title}: {_whole(tally)}", *rows])


def _whole(tally: Tally) -> str:
    return f"{tally.total() - kept(tally)} of {tally.total()} refused"


def by_step(steps: Counter[str]) -> str:
    """One line for each step that refused some, and one for what none did."""
    return "\n".join(["by what:", *(f"  {step:<18} {steps[step]:>6}" for step in sorted(steps))])


def main() -> int:
    """Measure and print. 1 where a change of bytes, or one that left the digest alone, was believed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    random = Random(asked.seed)  # noqa: S311 - repeatable, and no secret
    with TemporaryDirectory() as folder:
        made = desk(Path(folder))
        changed = bytes_changed(made, asked.count, random)
        left, anew, survivors, steps = values_changed(made, asked.count, random)
    print(table("bytes changed", changed))
    print(table("a value changed, digest left alone", left))
    print(table("a value changed, digest made anew", anew))
    print(by_step(steps))
    for (kind, place), number in Counter((m.kind, m.place) for m in survivors).most_common():
        print(f"  survived {number:>4}  {kind:<8} {place}")
    print(f"totals: bytes {_whole(changed)}; digest left alone {_whole(left)}; made anew {_whole(anew)}")
    return int(kept(changed) + kept(left) > 0)


if __name__ == "__main__":
    sys.exit(main())
