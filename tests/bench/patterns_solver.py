"""One question of `tests.bench.patterns` put to one string solver, in a process that can be ended.

    python -m tests.bench.patterns_solver z3 packages 64 included 60

The last is the most seconds of processor time. Prints the verdict and the seconds that it took, as JSON. At
most 8 GiB of memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from math import ceil

from tests.support.families import FAMILIES
from tests.support.string_solvers import ask

_MEMORY = 8 << 30


def main() -> None:
    """Ask and print."""
    solver, name, k, variant, cap = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    limit = ceil(float(cap) + time.process_time())  # what was imported does not count
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    family = FAMILIES[name]
    verdict, seconds = ask(solver, family.parents(int(k)), family.children(int(k), variant == "refuted"))
    print(json.dumps({"verdict": verdict, "seconds": seconds}), flush=True)
    os._exit(0)  # a solver may take longer to clean up than to answer


if __name__ == "__main__":
    main()
