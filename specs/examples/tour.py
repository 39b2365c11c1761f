"""The tour: each command of the README, run for real on the two example workspaces.

Prints every command with its output; stops, with status 1, at the first that does not end as it should.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
DESK, TWIN = "specs/examples/notes-desk", "specs/examples/notes-desk-escalated"

#: What to run, the status it must end with, and why it is worth seeing.
STOPS: tuple[tuple[str, int, str], ...] = (
    (f"capwright verify {DESK}", 0, "three plugins, two agents: what is proved before anything loads"),
    (
        f"""capwright call {DESK} --profile lead project:acme.notes/search"""
        """ --args '{"path": "${workspace}/notes", "query": "attenuation"}'""",
        0,
        "a WebAssembly component reads notes through the one import that it was granted",
    ),
    (
        f"""capwright call {DESK} --profile lead project:acme.git/git_log"""
        """ --args '{"repo_path": "${workspace}/repo"}'""",
        0,
        "a real MCP server from PyPI, and a house rule that shortens its log",
    ),
    (
        f"""capwright call {DESK} --profile lead project:acme.notes/search"""
        """ --args '{"path": "${workspace}/notes/private", "query": "attenuation"}'""",
        1,
        "outside the grant: denied, with the rule, and nothing is read",
    ),
    (
        f"capwright explain {DESK} --profile lead --plugin acme.notes 'fs.read:${{workspace}}/.env'",
        1,
        "why not?",
    ),
    (f"capwright verify {TWIN}", 1, "the same desk with four mistakes"),
)


def main() -> int:
    """Run the stops in order; 0 when each ended as it should."""
    prepare = subprocess.run([sys.executable, str(EXAMPLES / "prepare.py")], check=False)
    if prepare.returncode:
        return prepare.returncode
    for command, status, why in STOPS:
        print(f"\n# {why}\n$ {command}", flush=True)
        words = shlex.split(command)
        ended = subprocess.run(
            [sys.executable, "-m", "capwright_cli", *words[1:]], cwd=EXAMPLES.parents[1], check=False
        )
        if ended.returncode != status:
            print(f"\nthis should have ended with status {status}, not {ended.returncode}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
