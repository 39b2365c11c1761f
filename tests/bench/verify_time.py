"""Where the time of `capwright verify` goes: `python -m tests.bench.verify_time [PATH]`.

Prints one line a stage with its milliseconds and its part of the whole, in one process, then the whole
command in a process of its own, which writes the proof as it always does.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

#: What the command imports, in its order; each line counts what the lines above did not bring.
MODULES = (
    ("command line", "capwright_cli.main"),
    ("documents", "capwright_registry.host_policy"),
    ("workspace", "capwright_registry.workspace"),
    ("z3", "z3"),
    ("checks and proof", "capwright_policy.proof"),
    ("verification", "capwright_cli.verification"),
    ("rendering", "capwright_cli.render.verify_plain"),
)
DEFAULT = Path("specs/examples/notes-desk")
_SECONDS = 60.0
_T = TypeVar("_T")


class Stopwatch:
    """Milliseconds by stage, in the order in which they were measured."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, float]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the block."""
        started = time.perf_counter()
        yield
        self.stages.append((name, (time.perf_counter() - started) * 1000))

    def measured(self, name: str, work: Callable[[], _T]) -> _T:
        """Measure one call."""
        with self.stage(name):
            return work()

    def table(self) -> str:
        """One line a stage: milliseconds, part of the whole, a bar."""
        whole = sum(spent for _, spent in self.stages)
        rows = [(*stage, stage[1] / whole) for stage in self.stages]
        lines = [f"{n:<32} {spent:>9.1f} ms {part:>6.1%} {'#' * round(part * 40)}" for n, spent, part in rows]
        return "\n".join([*lines, f"{'whole':<32} {whole:>9.1f} ms"])


def measure(path: Path, watch: Stopwatch) -> None:
    """Verify the workspace at `path`, stage by stage, as the command does."""
    for label, module in MODULES:
        watch.measured(f"import: {label}", partial(importlib.import_module, module))
    _verify(path, watch)


def _verify(path: Path, watch: Stopwatch) -> None:
    from capwright_cli.loading import load_documents, sandbox_for
    from capwright_cli.proof_file import write_proof
    from capwright_policy import artifacts, contexts, proof, solver, verify
    from capwright_policy.checks import all_checks
    from capwright_policy.checks.base import Run
    from capwright_policy.compile import compile_graph

    checks = watch.measured("find the checks", all_checks)
    documents = watch.measured("load documents", lambda: load_documents(path))
    sandbox = watch.measured("probe the sandbox", lambda: sandbox_for(documents.workspace))
    setting = documents.setting(sandbox)
    described = watch.measured("read artifacts", lambda: artifacts.read_artifacts(setting.workspace))
    pins = watch.measured("read pins", lambda: artifacts.read_pins(setting.workspace))
    graph = watch.measured("compile the graph", lambda: compile_graph(setting))
    context = watch.measured("read conditions", lambda: contexts.contexts_of(setting))
    imports, today = artifacts.imports_of(described), date.today()
    run = Run(setting, graph, context, solver.Solver(_SECONDS), imports, today, described, pins)
    for check in checks:
        watch.measured(f"check: {check.id}", partial(check.run, run))
    report = verify.verify(setting, date.today(), _SECONDS)
    if not report.proved:
        print("not proved, so there is no certificate")
        return
    data = watch.measured("certificate", lambda: proof.proof_of(report, solver.Solver(_SECONDS)))
    with TemporaryDirectory() as folder:
        watch.measured(f"write ({len(data) // 1024} KiB)", lambda: write_proof(Path(folder), data))


def main() -> None:
    """Measure and print."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    watch = Stopwatch()
    measure(path, watch)
    print(watch.table())
    started = time.perf_counter()
    command = [sys.executable, "-m", "capwright_cli", "verify", str(path), "--format", "json"]
    status = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    print(f"{'the whole process':<32} {(time.perf_counter() - started) * 1000:>9.1f} ms, status {status}")


if __name__ == "__main__":
    main()
