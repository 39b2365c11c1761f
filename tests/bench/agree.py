"""How often the checks and the reference semantics agree on random workspaces.

    python -m tests.bench.agree --cases 2000 --seed 0

Prints the verdicts by check, every disagreement with its seed, and the time. Exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.support.trials import CHECKED, compare


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    wrong, started = 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seed, options.seed + options.cases):
            disagreements, verdicts = compare(seed, Path(folder) / str(seed))
            counts.update(verdicts)
            wrong += len(disagreements)
            for one in disagreements:
                print(one)
    for check in CHECKED:
        said = {v: counts[check, v] for v in ("proved", "refuted", "unknown") if counts[check, v]}
        print(f"{check:24} {said}")
    spent = time.perf_counter() - started
    print(f"{options.cases} workspaces, {counts.total()} verdicts, {wrong} disagreements, {spent:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
