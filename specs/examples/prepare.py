"""Make the Git repositories of the examples from their bundles: none can be committed within another.

Idempotent; needs Git. Prints nothing when all is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent


def prepare(workspace: Path) -> None:
    """Clone `repo.bundle` to `repo`, whole or not at all, unless it is there."""
    target = workspace / "repo"
    if (target / ".git").is_dir():
        return
    partial = workspace / f".repo-{os.getpid()}"
    git = ["git", "-c", "advice.detachedHead=false"]
    subprocess.run([*git, "clone", "--quiet", str(workspace / "repo.bundle"), str(partial)], check=True)
    subprocess.run([*git, "-C", str(partial), "remote", "remove", "origin"], check=True)
    partial.rename(target)


def main() -> int:
    """Prepare every example that has a bundle."""
    try:
        for bundle in sorted(EXAMPLES.glob("*/repo.bundle")):
            prepare(bundle.parent)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"cannot prepare the examples: {error}; is git installed?", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
