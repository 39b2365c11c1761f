"""The agent's process loads neither solver, graph library nor any engine that it does not use."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("z3", "networkx", "mcp", "wasmtime", "rich", "click", "cel_expr_python", "pydantic")
MODULES = (
    "capwright_runtimes",
    "capwright_runtimes.admission",
    "capwright_runtimes.host",
    "capwright_runtimes.checker",
    "capwright_runtimes.gate",
    "capwright_registry.decide",
)


@pytest.mark.parametrize("module", MODULES)
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_check_can_fail() -> None:
    code = f"import sys, click; print(*sorted(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "click"
