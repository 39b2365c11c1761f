"""How many single changes of a proof are refused: `python -m tests.bench.mutate_proof --count N --seed S`.

Prints counts by kind: bytes changed, one value changed with the digest left alone, and one value changed with
the digest made anew. A survivor of the last is printed with its place; the rest must have none.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from capwright_runtimes.checker import ProofRefused
from tests.support.mutations import Mutation, byte_changes, mutate, routes
from tests.support.proofs import Desk, believed, desk, left_alone, parsed, sealed

Tally = Counter[tuple[str, bool]]


def refused(data: bytes, made: Desk) -> str | None:
    """The step that refused the bytes; `None` where they are believed."""
    try:
        believed(data, made.facts)
    except ProofRefused as refusal:
        return f"step {refusal.step}"
    return None


def bytes_changed(made: Desk, count: int, random: Random) -> Tally:
    """Counts by kind of change and by whether it was refused."""
    found: Tally = Counter()
    for kind, data in byte_changes(made.proof, random):
        if found.total() >= count:
            return found
        if data not in (made.proof, made.proof.rstrip(b"\n")):  # the line end is no part of the proof
            found[kind, refused(data, made) is not None] += 1
    return found


def values_changed(made: Desk, count: int, random: Random) -> tuple[Tally, Tally, list[Mutation], Tally]:
    """Counts with the digest left alone and made anew, survivors of the latter, and its counts by step."""
    body = parsed(made.proof)
    left, anew, steps = Counter[tuple[str, bool]](), Counter[tuple[str, bool]](), Counter[tuple[str, bool]]()
    survivors: list[Mutation] = []
    among = [route for route in routes(body) if route != ("digest",)]
    for _ in range(count):
        mutation = mutate(body, random, among)
        left[mutation.kind, refused(left_alone(mutation.body, made.proof), made) is not None] += 1
        step = refused(sealed(mutation.body), made)
        anew[mutation.kind, step is not None] += 1
        steps[step or "believed", step is not None] += 1
        if step is None:
            survivors.append(mutation)
    return left, anew, survivors, steps


def table(title: str, tally: Tally) -> str:
    """One line a kind: refused of tried."""
    kinds = sorted({kind for kind, _ in tally})
    rows = [f"  {k:<18} {tally[k, True]:>6} of {tally[k, True] + tally[k, False]:>6}" for k in kinds]
    whole = sum(n for (_, was), n in tally.items() if was)
    return "\n".join([f"{title}: {whole} of {tally.total()} refused", *rows])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        made = desk(Path(folder))
    random = Random(asked.seed)  # noqa: S311 - repeatable, and no secret
    print(table("bytes changed", bytes_changed(made, asked.count, random)))
    left, anew, survivors, steps = values_changed(made, asked.count, random)
    print(table("a value changed, digest left alone", left))
    print(table("a value changed, digest made anew", anew))
    print(table("refused by", steps))
    for (kind, place), number in Counter((m.kind, m.place) for m in survivors).most_common():
        print(f"  survived {number:>4}  {kind:<8} {place}")


if __name__ == "__main__":
    main()
