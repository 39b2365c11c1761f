"""Run a Python script in the real sandbox, or skip where there is none."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from capwright_runtimes.sandbox import confine, probe, start

SECONDS = 60


def plan(
    read: Sequence[Path] = (),
    write: Sequence[Path] = (),
    mask: Sequence[Path] = (),
    files: Sequence[Path] = (),
    globs: Sequence[str] = (),
) -> dict[str, object]:
    return {
        "read": [str(path) for path in read],
        "write": [str(path) for path in write],
        "mask": [str(path) for path in mask],
        "files": [str(path) for path in files],
        "mask_globs": list(globs),
        "network": False,
        "lost": [],
    }


def run(
    table: Mapping[str, object], script: str, *words: object, env: Mapping[str, str] | None = None
) -> str:
    """What the script printed, and its complaint if it failed; skips the test where no sandbox works."""
    if probe() != "bubblewrap":
        pytest.skip("no process sandbox works on this host; install bubblewrap")
    command = [sys.executable, "-I", "-c", script, *map(str, words)]
    launch = confine(table, command, env or {})
    with closing(launch.copies), start(launch) as process:
        try:
            out, complaint = process.communicate(timeout=SECONDS)
        finally:
            os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
    return out.decode() + complaint.decode()
