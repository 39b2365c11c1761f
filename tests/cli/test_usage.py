"""A command line that cannot be read: its own status, our grammar, and the format that it asks for."""

from __future__ import annotations

import os
import sys

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import Desk, process

HELP = "\n  = help: `capwright {} --help` says how it is used\n"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("admit",), "missing option `--profile`" + HELP.format("admit")),
        (("verify", ".", "extra"), "got unexpected extra argument (extra)" + HELP.format("verify")),
        (("verify", "--formt", "json"), "no such option `--formt`\n  = help: did you mean `--format`?\n"),
        (
            ("verify", "--format", "yaml"),
            "invalid value for `--format`: `yaml` is not one of `plain`, `json`, `github`"
            + HELP.format("verify"),
        ),
        (
            ("explain", "--profile", "lead"),
            "give `EFFECT`, with the workspace's folder before it or none" + HELP.format("explain"),
        ),
    ],
)
def test_people_read_it_on_standard_error(desk: Desk, args: tuple[str, ...], told: str) -> None:
    said = desk.run(*args)
    assert (said.status, said.out, said.err) == (Exit.INPUT, "", f"error: {told}")


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "1e400", "0", "-1", "86401", "abc", "", "1,5"])
def test_a_time_that_no_clock_counts_to(desk: Desk, text: str) -> None:
    said = desk.run("verify", f"--timeout={text}")
    assert said.status == Exit.INPUT
    assert said.err == (
        "error: invalid value for `--timeout`: "
        f"write a number of seconds, more than 0 and at most 86400, not `{text}`" + HELP.format("verify")
    )


@pytest.mark.parametrize("text", ["86400", "0.5", "6e1"])
def test_a_time_that_a_clock_counts_to(desk: Desk, text: str) -> None:
    assert desk.run("verify", "--timeout", text).status in (Exit.YES, Exit.FAILURE)


@pytest.mark.parametrize(
    "args",
    [
        ("admit", "--format", "json"),
        ("admit", "--format=json", "--profile", "lead"),
        ("verify", "--format", "json", "--timeout", "abc"),
        ("verify", "--format", "plain", ".", "extra", "--format", "json"),
        ("call", "--format", "json"),
        ("verfy", "--format", "json"),
    ],
)
def test_programs_read_it_on_standard_output(desk: Desk, args: tuple[str, ...]) -> None:
    """specs/output.md: with `json` and `github` everything goes to standard output, failures too."""
    said = desk.run(*args)
    assert (said.status, said.err) == (Exit.INPUT, "")
    assert (said.json["schema"], said.json["kind"]) == ("capwright.failure/1", "input")
    (problem,) = said.json["problems"]
    assert problem["message"]
    assert problem["help"]


def test_annotations_too(desk: Desk) -> None:
    said = desk.run("verify", "--format", "github", "--timeout", "0")
    assert said.err == ""
    assert said.out.startswith("::error title=input::invalid value for `--timeout`: ")


@pytest.mark.parametrize(
    "args",
    [
        ("admit", "--format", "github"),  # a format that the command does not have
        ("stubs", "--format", "json"),
        ("verify", "extra", "extra", "--", "--format", "json"),
        ("verify", "--format"),
    ],
)
def test_a_format_that_was_not_asked_for_is_plain(desk: Desk, args: tuple[str, ...]) -> None:
    said = desk.run(*args)
    assert (said.status, said.out) == (Exit.INPUT, "")
    assert said.err.startswith("error: ")


def test_a_fault_of_ours_is_told_to_programs_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr("capwright_cli.verification.verify_workspace", fail)
    said = desk.run("verify", "--format", "json")
    assert (said.status, said.err, said.json["kind"]) == (Exit.FAILURE, "", "internal")


def test_the_current_folder_may_be_gone(desk: Desk) -> None:
    gone = desk.root.parent / "gone"
    code = (
        "import os, sys; from capwright_cli.main import run;"
        f"os.mkdir({str(gone)!r}); os.chdir({str(gone)!r}); os.rmdir({str(gone)!r});"
        "sys.exit(run(sys.argv[1:]))"
    )
    admit = ("admit", "--profile", "lead", "--plugin", "acme.notes")
    for args, status in (
        (("verify", str(desk.root)), Exit.YES),
        (("verify", str(desk.root), "--format", "github"), Exit.YES),
        ((*admit, str(desk.root)), Exit.YES),
        (("verify",), Exit.INPUT),
        (admit, Exit.INPUT),
    ):
        done = process(code=f"import sys; sys.argv[1:] = {list(args)!r}; {code}", env=dict(os.environ))
        assert (done.returncode, args) == (status, args), done.stderr
        assert "Traceback" not in done.stderr, sys.version
