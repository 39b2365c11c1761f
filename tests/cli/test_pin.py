"""`capwright pin`: what a server says is shown, and pinned only once somebody approved it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from capwright_cli.exits import Exit
from capwright_registry.pins import ServerFacts
from tests.cli.desk import Desk

MANIFEST = """\
schema = "capwright.plugin/1"
id = "acme.git"
version = "1.0.0"
api = ">=1.2,<2"
[runtime]
kind = "mcp"
command = ["git-server", "${workspace}/repo"]
env = ["LANG", "TOKEN"]
pins = "pins.json"
[[tool]]
name = "log"
input = { type = "object", properties = { path = { type = "string" } } }
effects = [{ action = "fs.read", from = "/path" }]
[[requires]]
action = "fs.read"
on = ["${workspace}/repo/**"]
[[requires]]
action = "env.read"
on = ["LANG"]
"""

ENABLED = """
[[enable]]
plugin = "project:acme.git"
grant = [
  { action = "fs.read", on = ["${workspace}/repo/**"] },
  { action = "env.read", on = ["LANG", "TOKEN"] },
]
"""

PIN = ("pin", "--plugin", "acme.git")


@dataclass
class Server:
    """What stands for the server: it says `tools`, and remembers how it was started."""

    tools: list[dict[str, object]] = field(
        default_factory=lambda: [{"name": "log", "description": "Show the log", "inputSchema": {}}]
    )
    started: list[tuple[tuple[str, ...], dict[str, str], Mapping[str, object]]] = field(default_factory=list)
    hidden: list[Path] = field(default_factory=list)

    def record(
        self, command: Sequence[str], env: Mapping[str, str], sandbox: Mapping[str, object], workspace: Path
    ) -> ServerFacts:
        self.started.append((tuple(command), dict(env), sandbox))
        self.hidden.append(workspace)
        return ServerFacts("git", "1.0", None, "2025-11-25", self.tools)


@pytest.fixture(name="server")
def _server(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr("capwright_runtimes.adapters.mcp.record", server.record)
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("TOKEN", "s3cret")
    profile = (desk.root / "profiles/lead.toml").read_text()
    scope = profile.replace("allow = [{", 'allow = [{ action = "env.read", on = ["*"] }, {', 1)
    desk.write({"plugins/acme.git/plugin.toml": MANIFEST, "profiles/lead.toml": scope + ENABLED})
    host = desk.root.parent / "host.toml"
    host.write_text(
        host.read_text().replace("allow = [\n", 'allow = [\n  { action = "env.read", on = ["*"] },\n')
    )
    return server


def test_a_new_server_is_shown_and_pinned_once_approved(desk: Desk, server: Server) -> None:
    said = desk.run(*PIN, "--yes")
    assert (said.status, said.err) == (Exit.YES, "")
    assert said.out == (
        "new: `project:acme.git` has no pins\n"
        '  "log": "Show the log"\n'
        "pinned in ROOT/plugins/acme.git/pins.json\n"
    )
    pins = json.loads((desk.root / "plugins/acme.git/pins.json").read_bytes())
    assert [tool["name"] for tool in pins["tools"]] == ["log"]
    assert pins["launch"] == {
        "command": ["git-server", "${workspace}/repo"],
        "environment": ["LANG", "TOKEN"],
    }


def test_the_server_gets_what_is_granted_and_no_more(desk: Desk, server: Server) -> None:
    desk.run(*PIN, "--yes")
    ((command, env, sandbox),) = server.started
    assert command == ("git-server", f"{desk.root}/repo")
    assert env == {"LANG": "C"}
    assert server.hidden == [desk.root]
    assert (sandbox["read"], sandbox["write"], sandbox["network"]) == ([f"{desk.root}/repo"], [], False)


def test_nobody_there_means_nothing_is_written(desk: Desk, server: Server) -> None:
    said = desk.run(*PIN)
    assert (said.status, said.err) == (
        Exit.NO,
        "nothing written: approve it at a terminal, or with `--yes`\n",
    )
    assert not (desk.root / "plugins/acme.git/pins.json").exists()


@pytest.mark.parametrize(("answer", "status"), [("y\n", Exit.YES), ("n\n", Exit.NO)])
def test_a_person_at_a_terminal_decides(
    desk: Desk, server: Server, answer: str, status: Exit, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    assert desk.run(*PIN).status == status
    assert (desk.root / "plugins/acme.git/pins.json").exists() == (status is Exit.YES)


def test_what_was_pinned_is_left_alone(desk: Desk, server: Server) -> None:
    desk.run(*PIN, "--yes")
    before = (desk.root / "plugins/acme.git/pins.json").stat().st_mtime_ns
    said = desk.run(*PIN)
    assert (said.status, said.out) == (
        Exit.YES,
        "unchanged: `project:acme.git` says what was pinned\n",
    )
    assert (desk.root / "plugins/acme.git/pins.json").stat().st_mtime_ns == before


def test_a_change_is_shown_field_by_field_in_ascii(desk: Desk, server: Server) -> None:
    desk.run(*PIN, "--yes")
    server.tools = [
        {"name": "log", "description": "Show the l\u043eg", "inputSchema": {}},
        {"name": "push", "description": "Push", "inputSchema": {}},
    ]
    said = desk.run(*PIN)
    assert said.status == Exit.NO
    assert said.out == (
        "changed: `project:acme.git` is not what was pinned\n"
        "  `log`: `description` changed\n"
        '    - "Show the log"\n'
        '    + "Show the l\\u043eg"\n'
        "  `push` added\n"
    )


def test_hidden_text_is_never_pinned(desk: Desk, server: Server) -> None:
    server.tools = [{"name": "log", "description": "Show\u202e the log", "inputSchema": {}}]
    said = desk.run(*PIN, "--yes")
    assert said.status == Exit.INPUT
    assert "U+202E" in said.err
    assert "\u202e" not in said.out + said.err
    assert not (desk.root / "plugins/acme.git/pins.json").exists()


def test_a_manifest_that_names_no_pins_is_told_to(desk: Desk, server: Server) -> None:
    desk.edit("plugins/acme.git/plugin.toml", 'pins = "pins.json"\n', "")
    said = desk.run(*PIN, "--yes")
    assert said.status == Exit.YES
    assert 'add `pins = "pins.json"` under `[runtime]` of its manifest' in said.out


def test_a_plugin_that_nobody_enables_is_started_with_nothing(desk: Desk, server: Server) -> None:
    desk.edit("profiles/lead.toml", ENABLED, "")
    desk.run(*PIN, "--yes")
    ((_, env, sandbox),) = server.started
    assert (env, sandbox["read"], sandbox["network"]) == ({}, [], False)


def test_only_servers_are_pinned(desk: Desk, server: Server) -> None:
    desk.run(*PIN, "--yes")
    said = desk.run("pin", "--plugin", "acme.notes")
    assert said.status == Exit.INPUT
    assert "`project:acme.notes` is no MCP server" in said.err


def test_other_problems_leave_no_placeholder(desk: Desk, server: Server) -> None:
    desk.edit("profiles/lead.toml", 'name = "lead"', 'name = "lead"\nnme = 1')
    assert desk.run(*PIN, "--yes").status == Exit.INPUT
    assert not (desk.root / "plugins/acme.git/pins.json").exists()
    assert server.started == []


def test_two_new_servers_are_pinned_one_after_the_other(desk: Desk, server: Server) -> None:
    """Each manifest names pins that are not there; the first cannot wait for those of the second."""
    desk.write({"plugins/acme.hub/plugin.toml": MANIFEST.replace("acme.git", "acme.hub")})
    git, hub = (desk.root / f"plugins/acme.{name}/pins.json" for name in ("git", "hub"))
    assert desk.run(*PIN, "--yes").status == Exit.YES
    assert git.stat().st_size
    assert not hub.exists()
    assert desk.run("pin", "--plugin", "acme.hub", "--yes").status == Exit.YES
    assert hub.stat().st_size


def test_placeholders_of_all_go_when_nothing_is_written(desk: Desk, server: Server) -> None:
    desk.write({"plugins/acme.hub/plugin.toml": MANIFEST.replace("acme.git", "acme.hub")})
    assert desk.run(*PIN).status == Exit.NO
    assert not list(desk.root.glob("plugins/*/pins.json"))
