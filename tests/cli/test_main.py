"""The command line as a whole: what it imports, how it ends, and what it never shows."""

from __future__ import annotations

import json
import os

import click
import pytest

from capwright_cli import main
from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_registry.errors import InternalError
from tests.cli.desk import Desk, process

HEAVY = ("z3", "networkx", "mcp", "wasmtime", "pydantic", "rich")


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import json, sys; from capwright_cli.main import run; status = run(['--help']);"
        f"print(json.dumps([status, [m for m in {HEAVY!r} if m in sys.modules]]))"
    )
    done = process(code=code)
    *shown, last = done.stdout.splitlines()
    assert json.loads(last) == [0, []]
    assert [line.split()[0] for line in shown[shown.index("Commands:") + 1 :]] == [
        "admit",
        "call",
        "explain",
        "pin",
        "proof",
        "stubs",
        "verify",
    ]


@pytest.mark.parametrize("name", ["admit", "call", "explain", "pin", "stubs", "verify"])
def test_every_command_explains_itself(desk: Desk, name: str) -> None:
    said = desk.run(name, "--help")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"Usage: capwright {name} [OPTIONS] [PATH]")


def test_a_group_within_the_group_explains_itself_and_its_commands(desk: Desk) -> None:
    assert desk.run("proof", "--help").out.startswith("Usage: capwright proof [OPTIONS] COMMAND [ARGS]...")
    for name in ("check", "show"):
        assert desk.run("proof", name, "--help").out.startswith(f"Usage: capwright proof {name} [OPTIONS]")
    assert "no such command `chekc`: did you mean `check`?" in desk.run("proof", "chekc").err


def test_the_console_script_says_its_version() -> None:
    done = process("--version")
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "capwright", "")


def test_an_unknown_command_is_met_with_the_nearest(desk: Desk) -> None:
    said = desk.run("verfy")
    assert (said.status, said.out) == (Exit.INPUT, "")
    assert "no such command `verfy`: did you mean `verify`?" in said.err


def test_a_hostile_command_name_is_escaped(desk: Desk) -> None:
    assert "no such command `\\u{1b}[2J`" in desk.run("\x1b[2J").err


@pytest.mark.parametrize(
    "args",
    [
        ("verify", "--format", "yaml"),
        ("verify", "--timeout", "0"),
        ("verify", ".", "extra"),
        ("admit", "--plugin", "acme.notes"),
        ("explain", "--profile", "lead"),
        ("explain", "--profile", "lead", ".", "fs.read:/a", "extra"),
        (),
    ],
)
def test_a_wrong_command_line_ends_in_input(desk: Desk, args: tuple[str, ...]) -> None:
    assert desk.run(*args).status == Exit.INPUT


class TestTheLastResort:
    @pytest.fixture(name="broken")
    def _broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: object) -> None:
            raise ZeroDivisionError("a \x1b[2J name")

        monkeypatch.setattr("capwright_cli.verification.verify_workspace", fail)

    @pytest.mark.usefixtures("broken")
    def test_one_line_and_failure(self, desk: Desk) -> None:
        said = desk.run("verify")
        assert (said.status, said.out) == (Exit.FAILURE, "")
        assert said.err == (
            "error: something went wrong inside capwright: a \\u{1b}[2J name; "
            "set `CAPWRIGHT_TRACEBACK=1` to see where\n"
        )

    @pytest.mark.usefixtures("broken")
    def test_the_traceback_for_whoever_asks(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CAPWRIGHT_TRACEBACK", "1")
        assert "ZeroDivisionError" in desk.run("verify").err

    def test_an_interrupt_is_told_apart(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*args: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("capwright_cli.verification.verify_workspace", interrupted)
        assert desk.run("verify").status == Exit.INTERRUPTED

    def test_a_fault_of_ours_is_no_refutation(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: object) -> None:
            raise InternalError("an invariant does not hold")

        monkeypatch.setattr("capwright_cli.verification.verify_workspace", fail)
        said = desk.run("verify")
        assert said.status == Exit.FAILURE
        assert said.err == (
            "internal error: an invariant does not hold\n"
            "this is a fault of capwright: nothing is admitted after it\n"
        )


def test_a_command_without_a_status_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (click.Command, Guarded):
        monkeypatch.setattr(main, "group", kind("forgetful", callback=lambda: None))
        assert main.run([]) == Exit.FAILURE
    monkeypatch.setattr(main, "group", Guarded("careless", callback=lambda: 0))
    assert main.run([]) == Exit.FAILURE


def test_a_reader_that_went_away_is_no_traceback(desk: Desk) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = process("verify", capture_output=False, stdout=writing, stderr=-1)
    os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.BROKEN_PIPE, "")


def test_a_terminal_that_cannot_show_a_name_is_no_failure(desk: Desk) -> None:
    desk.edit("profiles/lead.toml", '**/.env"], when', '**/.env", "**/é"], when')
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    effect = "fs.read:${workspace}/notes/é"
    done = process("explain", "--profile", "lead", "--plugin", "acme.notes", effect, env=env)
    assert done.returncode == Exit.NO
    assert "\\xe9" in done.stdout
