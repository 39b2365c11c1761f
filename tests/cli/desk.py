"""A small desk for the command line's tests: a workspace, a host policy beside it, nothing of the user's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from capwright_cli.main import run
from tests.support.workspaces import WORKSPACE, write

ARTIFACT = Path(__file__).parents[2] / "specs/examples/notes-desk/plugins/acme.notes/notes.wasm"

HOST = """\
schema = "capwright.host/1"
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[accepted]
project = ["grant-over-ceiling", "ambient-process"]
[ceiling.project]
allow = [
  { action = "fs.read", on = ["${workspace}/**"] },
  { action = "net.connect", on = ["*:443"] },
]
"""

MANIFEST = """\
schema = "capwright.plugin/1"
id = "acme.notes"
version = "1.2.0"
api = ">=1.2,<2"
[runtime]
kind = "wasm"
artifact = "notes.wasm"
[[tool]]
name = "search"
input = { type = "object", properties = { path = { type = "string" }, query = { type = "string" } } }
effects = [{ action = "fs.read", from = "/path" }]
[[requires]]
action = "fs.read"
on = ["${workspace}/notes/**"]
"""

PROFILE = """\
schema = "capwright.profile/1"
name = "lead"
[scope]
allow = [{ action = "fs.read", on = ["${workspace}/**"], except = ["**/.env"] }]
[permissions]
default = "deny"
rules = [{ tool = "project:acme.notes/*", action = "allow" }]
[[enable]]
plugin = "project:acme.notes"
version = ">=1.2,<2"
grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env"], when = "mode != 'ci'" }]
"""

FILES: Mapping[str, str | bytes] = {
    "plugins/acme.notes/plugin.toml": MANIFEST,
    "profiles/lead.toml": PROFILE,
    "notes/a.md": "water the plants\n",
    "notes/.env": "TOKEN=1\n",
}


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said, with the workspace's folder as `ROOT`."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said, read as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A workspace on disk, and the command line over it."""

    root: Path
    captured: pytest.CaptureFixture[str]

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, and leave the others as they are."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        path = self.root / name
        text = path.read_text()
        assert text.count(old) == 1, (old, text)
        path.write_text(text.replace(old, new))

    def run(self, *args: str) -> Said:
        """Run a command line in this process, in the workspace's folder."""
        self.captured.readouterr()
        status = run(args)
        out, err = self.captured.readouterr()
        root = str(self.root)
        return Said(status, out.replace(root, "ROOT"), err.replace(root, "ROOT"))

    @property
    def proof(self) -> Path:
        """Where the proof lies, once there is one."""
        return self.root / ".capwright/proof.json"


def desk_in(folder: Path, captured: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose workspace holds, below `folder`; it is the working directory from now on."""
    host = folder / "host.toml"
    host.write_text(HOST)
    monkeypatch.setenv("CAPWRIGHT_HOST_POLICY", str(host))
    for name in ("GITHUB_WORKSPACE", "CAPWRIGHT_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    root = folder.resolve() / "desk"
    root.mkdir()
    artifact = {"plugins/acme.notes/notes.wasm": ARTIFACT.read_bytes()}
    write(root, {"capwright.toml": WORKSPACE, **FILES, **artifact})
    monkeypatch.chdir(root)
    return Desk(root, captured)


def process(*args: str, code: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, or `code` with the packages at hand."""
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "capwright_cli", *args]
    given = {"env": dict(os.environ), "capture_output": True, "text": True, "check": False, **options}
    done: subprocess.CompletedProcess[str] = subprocess.run(command, **given)
    return done
