"""`capwright stubs`: code out of a proof that the gate admits, or nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import Desk

NOTES = ("stubs", "--profile", "lead", "--plugin", "acme.notes", "--target", "python")


@pytest.fixture(name="proved")
def _proved(desk: Desk) -> Desk:
    assert desk.run("verify").status == Exit.YES
    return desk


def stub(path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The stub in a Python that has nothing but its standard library."""
    command = [sys.executable, "-I", "-S", str(path), *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_stub_decides_alone(proved: Desk, tmp_path: Path) -> None:
    output = tmp_path / "stub.py"
    said = proved.run(*NOTES, "--output", str(output))
    assert (said.status, said.out, said.err) == (Exit.YES, "", "")
    note, secret = f"fs.read:{proved.root}/notes/a.md", f"fs.read:{proved.root}/notes/.env"
    assert stub(output, note, "mode=desk").returncode == 0
    assert stub(output, note, "mode=ci").returncode == 1
    assert stub(output, note).returncode == 1
    denied = stub(output, secret, "mode=desk")
    assert (denied.returncode, denied.stderr) == (1, "")
    assert denied.stdout == (
        f"denied by granted: {secret}: excepted by the rule at `profiles/lead.toml:11:10` "
        "(profiles/lead.toml:11:10)\n"
    )
    assert stub(output, f"fs.read:{proved.root}/notes/x/../../b", "mode=desk").returncode == 1


USAGE = [(), ("fs.read:/a", "mode"), ("fs.read:/a", "mod=ci"), ("fs.read:/a", "depth=x")]


@pytest.mark.parametrize("args", USAGE)
def test_a_stub_says_how_it_is_used(proved: Desk, tmp_path: Path, args: tuple[str, ...]) -> None:
    output = tmp_path / "stub.py"
    proved.run(*NOTES, "--output", str(output))
    done = stub(output, *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: ")


def test_standard_output_and_a_file_get_the_same(proved: Desk, tmp_path: Path) -> None:
    output = tmp_path / "stub.py"
    proved.run(*NOTES, "--output", str(output))
    assert proved.run(*NOTES).out == output.read_text().replace(str(proved.root), "ROOT")


def test_no_stub_out_of_a_proof_that_no_longer_holds(proved: Desk) -> None:
    proved.edit("profiles/lead.toml", "mode != 'ci'", "mode != 'co'")
    said = proved.run(*NOTES)
    assert (said.status, said.out) == (Exit.NO, "")
    assert "`profiles/lead.toml` changed since it was proved" in said.err


def test_no_stub_without_a_proof(desk: Desk) -> None:
    said = desk.run(*NOTES)
    assert (said.status, said.out) == (Exit.NO, "")
    assert said.err.startswith("refused[no-proof]: ")
    assert "ROOT/.capwright/proof.json" in said.err


def test_no_stub_out_of_an_altered_proof(proved: Desk) -> None:
    proved.proof.write_bytes(proved.proof.read_bytes().replace(b'"lead"', b'"leed"'))
    said = proved.run(*NOTES)
    assert (said.status, said.out) == (Exit.NO, "")
    assert said.err.startswith("refused[proof-refused]: the proof is refused at step 1")


def test_an_unknown_target_is_met_with_the_nearest(proved: Desk) -> None:
    said = proved.run("stubs", "--profile", "lead", "--plugin", "acme.notes", "--target", "pyton")
    assert said.status == Exit.INPUT
    assert "unknown target `pyton`\n  = help: did you mean `python`?" in said.err


def test_a_file_that_cannot_be_written(proved: Desk) -> None:
    said = proved.run(*NOTES, "--output", "nowhere/stub.py")
    assert said.status == Exit.INPUT
    assert "the stub cannot be written to `nowhere/stub.py`: no such file or directory" in said.err
