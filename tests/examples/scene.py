"""The examples as a newcomer gets them, copied into a folder of their own, and the real command over them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "specs/examples"

#: What a run leaves behind, and what is made from a bundle: never copied.
_MADE = shutil.ignore_patterns(".capwright", "repo", ".repo-*", "__pycache__")
_OWN = ("CAPWRIGHT_", "GITHUB_", "GIT_")


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All that it said."""
        return self.out + self.err

    @property
    def json(self) -> Any:
        """What it said on standard output, read as JSON."""
        return json.loads(self.out)


def copy_examples(folder: Path) -> Path:
    """The examples, in `folder/specs/examples`, with their repositories made from the bundles."""
    target = folder.resolve() / "specs/examples"
    shutil.copytree(EXAMPLES, target, ignore=_MADE)
    subprocess.run([sys.executable, str(target / "prepare.py")], env=clean(), check=True)
    return target


def clean(**changes: str) -> dict[str, str]:
    """The environment without what would change our answers or Git's, and with `changes`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **changes}


def run(*args: str, cwd: Path, env: Mapping[str, str] | None = None) -> Said:
    """`capwright ARGS`, in a process of its own."""
    command = [sys.executable, "-m", "capwright_cli", *args]
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env or clean(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def git(repository: Path, *args: str) -> str:
    """What Git says in a repository."""
    command = ["git", "-C", str(repository), *args]
    return subprocess.run(command, env=clean(), capture_output=True, text=True, check=True).stdout


@dataclass(frozen=True)
class Desk:
    """A copied workspace, worked on from a folder that is not its own."""

    root: Path
    elsewhere: Path
    env: Mapping[str, str] = field(default_factory=clean)

    def verify(self, *args: str) -> Said:
        """`capwright verify`."""
        return run("verify", str(self.root), *args, cwd=self.elsewhere, env=self.env)

    def admit(self, plugin: str) -> Said:
        """`capwright admit` for the agent `lead`."""
        place = (str(self.root), "--profile", "lead", "--plugin", plugin)
        return run("admit", *place, cwd=self.elsewhere, env=self.env)

    def call(self, tool: str, arguments: Mapping[str, object], *args: str) -> Said:
        """`capwright call` as the agent `lead`."""
        order = (str(self.root), "--profile", "lead", tool, "--args", json.dumps(arguments))
        return run("call", *order, *args, cwd=self.elsewhere, env=self.env)

    @property
    def history(self) -> str:
        """All that was ever recorded, as it stands in the file."""
        file = self.root / ".capwright/history/lead.jsonl"
        return file.read_text() if file.exists() else ""

    def records(self, since: str = "") -> list[dict[str, Any]]:
        """What was recorded, after a history that was seen before."""
        assert self.history.startswith(since), "the history was rewritten"
        return [json.loads(line)["record"] for line in self.history[len(since) :].splitlines()]


def desk_in(folder: Path, name: str = "notes-desk") -> Desk:
    """A fresh copy of one example below `folder`, not verified yet."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return Desk(copy_examples(folder) / name, elsewhere)
