"""Where the time of an admission goes: `python -m tests.bench.admit_time [PATH]`.

Prints the best of several runs of each part, in milliseconds, with its part of the whole: reading the proof,
the digests of the inputs, canonical form, each step, making the admissions. Without a path: the tests' desk.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from capwright_runtimes import bindings, checker, gate
from capwright_runtimes.compiled import agent_tables
from capwright_runtimes.host_layer import check_host_layer
from capwright_runtimes.manifests import check_manifests
from tests.support.proofs import desk, desk_of

_RUNS = 15


def best(work: Callable[[], Any]) -> tuple[float, Any]:
    """The least time of several runs, in milliseconds, and the last result."""
    least, result = float("inf"), None
    for _ in range(_RUNS):
        started = time.perf_counter()
        result = work()
        least = min(least, (time.perf_counter() - started) * 1000)
    return least, result


def measure(root: Path) -> list[tuple[str, float]]:
    """The parts of one admission of the workspace at `root`, in order, and the whole."""
    made = desk_of(root)
    place, facts = made.store(), made.facts
    agent = made.setting.workspace.profiles[0].name
    rows: list[tuple[str, float]] = []

    def timed(name: str, work: Callable[[], Any]) -> Any:
        spent, result = best(work)
        rows.append((name, spent))
        return result

    data = timed("read the proof", lambda: gate._read_proof(place))
    claims = timed("read its claims", lambda: gate._claims(data, agent))
    inputs = timed("read the inputs", lambda: {n: gate._read_input(root, n) for n in claims.inputs})
    proof = timed("1 canonical form, digest", lambda: checker._read(data))
    timed("3-5 inputs, host, checks", lambda: _before(proof, facts))
    worlds = _worlds(proof)
    for name, step in (
        ("6 questions", checker._questions),
        ("7 calls", checker._calls),
        ("8 mediators", checker._mediators),
        ("9 tables", checker._tables),
    ):
        timed(name, partial(_step, step, proof))
    timed("10 bindings", lambda: bindings.check_bindings(_worlds(proof)))
    (world,) = (world for world in worlds if agent in world.proof["tables"])
    policy = made.setting.host
    timed("make the admissions", lambda: gate._mint_all(root, agent, agent_tables(world, agent), policy))
    timed("4 host layers", lambda: check_host_layer(_worlds(proof), policy, root))
    texts = {name: found.data for name, found in inputs.items()}
    timed("11 manifests", lambda: check_manifests(_worlds(proof), policy, root, texts))
    host = gate.HostFacts(policy, lambda: facts.sandbox, date.fromisoformat(facts.today))
    rows.append(("the whole", best(lambda: gate.admit(root, agent, host))[0]))
    return [
        (f"{name} ({len(data) // 1024} KiB)" if name == "read the proof" else name, ms) for name, ms in rows
    ]


def _step(step: Callable[[checker.World], None], proof: dict[str, Any]) -> None:
    for world in _worlds(proof):
        step(world)


def _worlds(proof: dict[str, Any]) -> tuple[checker.World, ...]:
    head = {key: part for key, part in proof.items() if key != "families"}
    return tuple(checker.World({**head, **family}) for family in proof["families"])


def _before(proof: dict[str, Any], facts: checker.Facts) -> None:
    checker._facts(proof, facts)
    checker._checks(proof, facts)


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else desk(Path(folder)).root
        rows = measure(root)
    whole = rows[-1][1]
    for name, spent in rows:
        print(f"{name:<28} {spent:>8.2f} ms {spent / whole:>7.1%} {'#' * round(spent / whole * 40)}")


if __name__ == "__main__":
    main()
