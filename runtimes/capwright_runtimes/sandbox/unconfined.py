"""A server process without a sandbox: only where none works and the operator took that on by name.

Nothing here confines: the process can cause every effect of the user. What is kept from it is the
environment, for secrets live there, and it is a process group of its own, so that it can be ended whole.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.programs import find_program


def start_unconfined(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the command with the variables of `env`, a plain `PATH` and `LANG`, and no other.

    Raises `Refused` (`no-program`, `no-server`).
    """
    program = find_program(command[0])
    path = f"{program.parent}:/usr/local/bin:/usr/bin:/bin"
    try:
        return subprocess.Popen(
            [str(program), *command[1:]],
            env={"PATH": path, "LANG": "C.UTF-8", **env},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Refused("no-server", "the server cannot be started", str(error)) from error
