"""Whether a process sandbox works on this host: found out by using it, not by looking for a program."""

from __future__ import annotations

import platform
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final, Literal

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.launch import confine, start
from capwright_runtimes.sandbox.seccomp import known

SECONDS: Final = 10.0
_NOTHING: Final = {"read": (), "write": (), "mask": (), "network": False}
_DONE: Final = "looked"
# Says what it sees: the file from outside, and the network interfaces by the lines that hold a colon.
_LOOK: Final = (
    f'test -e "$1" && echo seen; while read -r line; do echo "$line"; done < /proc/net/dev; echo {_DONE}'
)


@cache
def probe() -> Literal["bubblewrap", "none"]:
    """`bubblewrap` when a sandbox with nothing bound hides a file and has no network; else `none`.

    Takes at most `SECONDS`, once a process: whether a kernel allows it does not change while we run.
    """
    if not known(platform.machine()):
        return "none"
    with tempfile.NamedTemporaryFile() as outside:
        try:
            launch = confine(_NOTHING, ["/bin/sh", "-c", _LOOK, "sh", outside.name], {})
            process = start(launch)
        except Refused:
            return "none"
        return "bubblewrap" if _is_confined(process) and Path(outside.name).exists() else "none"


def _is_confined(process: subprocess.Popen[bytes]) -> bool:
    with process:
        try:
            out, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return False
    lines = out.decode(errors="replace").splitlines()
    interfaces = [line.partition(":")[0].strip() for line in lines if ":" in line]
    return process.returncode == 0 and lines[-1:] == [_DONE] and "seen" not in lines and interfaces == ["lo"]
