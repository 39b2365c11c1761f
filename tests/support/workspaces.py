"""Small workspaces for tests: a dictionary of files, written into a folder and loaded.

workspace = load(tmp_path, {"plugins/notes/plugin.toml": PLUGIN, "profiles/lead.toml": PROFILE})
assert problems(tmp_path, {"profiles/lead.toml": "name = 3"}) == "profiles/lead.toml:1:8: ..."
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from capwright_registry.capability import Workspace
from capwright_registry.errors import InputError, Problem
from capwright_registry.workspace import load_workspace

#: The least that a workspace says, with one project source. Its last line is line 11.
WORKSPACE = """\
schema = "capwright.workspace/1"
name = "desk"
[host]
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[roots]
workspace = "."
[[source]]
tier = "project"
path = "plugins"

"""

#: The least that a plugin says: `project:acme.notes`, an MCP server with one tool. Its last line is line 12.
PLUGIN = """\
schema = "capwright.plugin/1"
id = "acme.notes"
version = "1.2.0"
api = ">=1.2,<2"
[runtime]
kind = "mcp"
command = ["notes-server"]
[[tool]]
name = "search"
input = { type = "object", properties = { path = { type = "string" } } }
effects = [{ action = "fs.read", from = "/path" }]

"""

#: The least that a profile says: `lead`, with nothing enabled. Its last line is line 2.
PROFILE = """\
schema = "capwright.profile/1"
name = "lead"
"""

ROOT = Path("/nowhere")
"""A root for documents that lie nowhere."""

Files = Mapping[str, str | bytes]


def write(root: Path, files: Files) -> Path:
    """Write `files` (path to content) below `root`, and `WORKSPACE` where there is no `capwright.toml`."""
    every = {"capwright.toml": WORKSPACE, "plugins/README": "", **files}
    for name, content in every.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def load(root: Path, files: Files, check_ids: Iterable[str] | None = None) -> Workspace:
    """Write `files` and load the workspace."""
    return load_workspace(write(root, files), None if check_ids is None else frozenset(check_ids))


def problems(root: Path, files: Files, check_ids: Iterable[str] | None = None) -> str:
    """Write `files`, load, and give the problems as `shown` gives them. Fails if the workspace loads."""
    return problems_in(write(root, files), check_ids)


def problems_in(root: Path, check_ids: Iterable[str] | None = None) -> str:
    """The problems of a workspace that is written already."""
    with pytest.raises(InputError) as caught:
        load_workspace(root, None if check_ids is None else frozenset(check_ids))
    return shown(caught.value.problems, root)


def shown(found: Iterable[Problem], root: Path) -> str:
    """One line a problem, `PLACE: MESSAGE (HELP)`, with `root` as `ROOT`."""
    lines = (f"{p.span}: {p.message}" + (f" ({p.help})" if p.help else "") for p in found)
    return "".join(f"{line}\n".replace(str(root), "ROOT") for line in lines)
