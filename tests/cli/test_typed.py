"""Profiles, plugins and tools as they are typed: a slip is bad usage, what is not enabled is an answer."""

from __future__ import annotations

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import Desk, Said

OTHER = 'schema = "capwright.profile/1"\nname = "other"\n'
COMMANDS = {
    "admit": ("--plugin", "acme.notes"),
    "stubs": ("--plugin", "acme.notes", "--target", "python"),
    "call": ("acme.notes/search",),
    "explain": ("--plugin", "acme.notes", "fs.read:/a"),
}


@pytest.fixture(name="proved")
def _proved(desk: Desk) -> Desk:
    desk.write({"profiles/other.toml": OTHER})
    assert desk.run("verify").status == Exit.YES
    return desk


def typed(desk: Desk, command: str, profile: str, *more: str) -> Said:
    """A command about the notes, for a profile."""
    return desk.run(command, "--profile", profile, *COMMANDS[command], *more)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_profile_is_met_with_the_nearest(proved: Desk, command: str) -> None:
    said = typed(proved, command, "leed")
    assert (said.status, said.out) == (Exit.INPUT, "")
    assert said.err == "error: unknown profile `leed`\n  = help: did you mean `lead`?\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_plugin_that_the_profile_does_not_enable_is_said_to_be(proved: Desk, command: str) -> None:
    said = typed(proved, command, "other")
    assert (said.status, said.out) == (Exit.NO, "")
    assert said.err == (
        "refused[not-enabled]: the profile `other` does not enable `project:acme.notes`\n"
        " --> profiles/other.toml:2:8\n"
        "  |\n"
        '2 | name = "other"\n'
        "  |        ^^^^^^^\n"
        "  = help: add an `[[enable]]` entry to `profiles/other.toml`\n"
    )


def test_json(proved: Desk) -> None:
    said = typed(proved, "admit", "other", "--format", "json")
    assert (said.status, said.json["kind"], said.json["code"]) == (Exit.NO, "refused", "not-enabled")


@pytest.mark.parametrize("tool", ["acme.notes/serch", "search"])
def test_an_unknown_tool_of_a_plugin_that_is_not_enabled_is_a_slip(proved: Desk, tool: str) -> None:
    said = proved.run("call", tool, "--profile", "other")
    assert said.status == Exit.INPUT
    assert "did you mean `project:acme.notes/search`?" in said.err


def test_the_proof_comes_first(desk: Desk) -> None:
    said = typed(desk, "admit", "leed")
    assert said.status == Exit.NO
    assert said.err.startswith("refused[no-proof]: ")
    assert said.err.count("capwright verify") == 1
