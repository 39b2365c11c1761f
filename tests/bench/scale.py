"""How the time of a verification grows with the organisation: `python -m tests.bench.scale [--write]`.

Generated organisations (`tests/support/organisations.py`), each verified in a process of its own: seconds of
processor time for loading, checks, certificate and the proof checker, the seconds on the clock of all but
the checker, the most memory, and the exponent by which the time grew since the size before. Beside them one
manifest changed, and two direct encodings in Z3 (`scale_rivals.py`), as ratios to the whole verification.
`--write` puts the table into `specs/performance.md`.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PAGE = Path("specs/performance.md")
_START, _END = "<!-- scale -->", "<!-- /scale -->"
_TODAY = date(2026, 11, 23)
_SECONDS = 600.0
_COLUMNS = (
    "plugins", "load", "checks", "certificate", "whole", "on the clock", "x", "exponent", "checker",
    "of whole", "MB",
)  # fmt: skip
_HEAD = f"| {' | '.join(_COLUMNS)} |"
_RULE = f"|{'---:|' * len(_COLUMNS)}"


class _Watch:
    """Seconds of processor time and on the clock, by stage."""

    def __init__(self) -> None:
        self.found: dict[str, float] = {}
        self.clock = 0.0

    def measured(self, name: str, work: Any) -> Any:
        cpu, clock = time.process_time(), time.perf_counter()
        result = work()
        self.found[name] = time.process_time() - cpu
        self.clock += time.perf_counter() - clock
        return result


def measure(root: Path) -> dict[str, float]:
    """Verify the workspace at `root` in this process; what `capwright verify` does, but for output."""
    from capwright_policy.proof import proof_of
    from capwright_policy.setting import Setting
    from capwright_policy.solver import Solver
    from capwright_policy.verify import verify
    from capwright_registry.host_policy import load_host_policy
    from capwright_registry.workspace import load_workspace
    from capwright_runtimes.checker import Facts, check

    gc.set_threshold(200_000, 100, 100)  # as the command line has it
    watch = _Watch()
    workspace = watch.measured("load", lambda: load_workspace(root))
    host = load_host_policy(workspace.root, {})
    setting = Setting(workspace, host, "bubblewrap")
    report = watch.measured("checks", lambda: verify(setting, _TODAY, _SECONDS))
    assert report.proved, "the organisations are made to be proved"
    data = watch.measured("certificate", lambda: proof_of(report, Solver(_SECONDS)))
    found = {**watch.found, "clock": watch.clock, "bytes": float(len(data))}
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    digests = {file.path: file.sha256 for file in workspace.bound}
    facts = Facts(digests, host.sha256, frozenset(host.mediators), "bubblewrap", _TODAY.isoformat())
    watch.measured("checker", lambda: check(data, facts))
    return {**found, "checker": watch.found["checker"], "whole": sum(list(watch.found.values())[:3])}


def change_one(root: Path) -> None:
    """One manifest asks for one thing less."""
    manifest = root / "plugins/t0.p0/plugin.toml"
    manifest.write_text(manifest.read_text().replace('version = "1.0.0"', 'version = "1.0.1"'))


def _apart(*words: str, seconds: float) -> dict[str, Any] | None:
    """What a process of its own printed; None where it did not end well or in time."""
    command = [sys.executable, "-m", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds * 8, check=False)
    except subprocess.TimeoutExpired:
        return None
    lines = done.stdout.splitlines()
    found: dict[str, Any] | None = json.loads(lines[-1]) if done.returncode == 0 and lines else None
    return found


def _row(plugins: int, found: dict[str, float], before: tuple[int, dict[str, float]] | None) -> str:
    ratio = exponent = "-"
    if before is not None:
        times = found["whole"] / before[1]["whole"]
        ratio, exponent = f"{times:.1f}", f"{math.log(times) / math.log(plugins / before[0]):.2f}"
    stages = " | ".join(f"{found[key]:.2f}" for key in ("load", "checks", "certificate", "whole", "clock"))
    share = found["checker"] / found["whole"]
    return (
        f"| {plugins} | {stages} | {ratio} | {exponent} | {found['checker']:.2f} | {share:.0%} "
        f"| {found['memory']:.0f} |"
    )


def table(sizes: Sequence[int], cap: float) -> list[str]:
    """The tables, line by line, printed as they come."""
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    from tests.support.organisations import write_organisation

    say(_HEAD)
    say(_RULE)
    before: tuple[int, dict[str, float]] | None = None
    cold: dict[int, float] = {}
    changed: list[str] = []
    for plugins in sizes:
        with TemporaryDirectory() as folder:
            root = write_organisation(Path(folder), plugins)
            found = _apart("tests.bench.scale", "--one", str(root), seconds=_SECONDS)
            assert found is not None, f"no measure of {plugins} plugins"
            change_one(root)
            again = _apart("tests.bench.scale", "--one", str(root), seconds=_SECONDS)
        say(_row(plugins, found, before))
        before, cold[plugins] = (plugins, found), found["whole"]
        if again is not None:
            changed.append(f"{again['whole'] / found['whole']:.0%} at {plugins}")
    say("")
    say(f"After one manifest changed, of the whole: {', '.join(changed)}.")
    say("")
    say("| plugins | Z3 Datalog, one question | of the whole | Z3 Boolean closure | of the whole |")
    say(f"|{'---:|' * 5}")
    for plugins in sizes:
        say(_rivals(plugins, cold[plugins], cap))
    return lines


def _rivals(plugins: int, whole: float, cap: float) -> str:
    cells = [str(plugins)]
    for how in ("datalog", "closure"):
        found = _apart("tests.bench.scale_rivals", how, str(plugins), str(cap), seconds=cap)
        cells += ["-", f"not in {cap:.0f} s"] if found is None else _ratio(found["seconds"], whole)
    return f"| {' | '.join(cells)} |"


def _ratio(seconds: float, whole: float) -> list[str]:
    return [f"{seconds:.2f}", f"{seconds / whole:.2f} x"]


def write(lines: Sequence[str]) -> None:
    """Put the tables between the marks of the page."""
    head, _, rest = PAGE.read_text().partition(_START)
    _, _, tail = rest.partition(_END)
    PAGE.write_text(f"{head}{_START}\n" + "\n".join(lines) + f"\n{_END}{tail}")


def main() -> None:
    """Measure, print and, if asked to, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    parser.add_argument("--cap", type=float, default=60.0, help="seconds for each direct encoding")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(measure(arguments.one)))
        return
    lines = table(arguments.sizes, arguments.cap)
    if arguments.write:
        write(lines)


if __name__ == "__main__":
    main()
