"""`capwright admit`: the gate's own answer, without a solver."""

from __future__ import annotations

import json

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import Desk, process

NOTES = ("admit", "--profile", "lead", "--plugin", "acme.notes")


@pytest.fixture(name="proved")
def _proved(desk: Desk) -> Desk:
    assert desk.run("verify").status == Exit.YES
    return desk


def test_what_is_proved_is_admitted(proved: Desk) -> None:
    said = proved.run(*NOTES)
    assert (said.status, said.err) == (Exit.YES, "")
    assert said.out == (
        "admitted: `lead/project:acme.notes` as wasm\n"  #
        "  actions  fs.read\n"
        "  tools    search\n"
    )


def test_json(proved: Desk) -> None:
    assert proved.run(*NOTES, "--format", "json").json == {
        "schema": "capwright.admission/1",
        "admitted": True,
        "agent": "lead",
        "plugin": "project:acme.notes",
        "kind": "wasm",
        "actions": ["fs.read"],
        "tools": ["search"],
        "lost": [],
    }


@pytest.mark.parametrize("name", ["project:acme.notes", "acme.notes"])
def test_the_tier_may_be_left_out(proved: Desk, name: str) -> None:
    assert proved.run("admit", "--profile", "lead", "--plugin", name).status == Exit.YES


@pytest.mark.parametrize(
    "changed", ["profiles/lead.toml", "plugins/acme.notes/plugin.toml", "plugins/acme.notes/notes.wasm"]
)
def test_a_refusal_names_what_changed(proved: Desk, changed: str) -> None:
    path = proved.root / changed
    path.write_bytes(path.read_bytes() + b"\n")
    said = proved.run(*NOTES)
    assert (said.status, said.out) == (Exit.NO, "")
    assert said.err.startswith("refused[proof-refused]: the proof is refused at step 3 of the checker: ")
    assert f"`{changed}` changed since it was proved" in said.err
    assert said.err.endswith("  = help: run `capwright verify` and see what it says\n")


def test_what_is_no_json_is_told_in_our_grammar(proved: Desk) -> None:
    proved.proof.write_text("{")
    assert "not canonical JSON: expecting property name" in proved.run(*NOTES).err


def test_without_a_proof_nothing_is_admitted(desk: Desk) -> None:
    said = desk.run(*NOTES, "--format", "json")
    assert said.status == Exit.NO
    assert (said.json["schema"], said.json["kind"], said.json["code"]) == (
        "capwright.failure/1",
        "refused",
        "no-proof",
    )


def test_another_host_policy_is_not_the_proved_one(proved: Desk) -> None:
    with (proved.root.parent / "host.toml").open("a") as file:
        file.write("# a change\n")
    said = proved.run(*NOTES)
    assert said.status == Exit.NO
    assert "the host policy changed" in said.err


def test_an_unknown_plugin_is_a_slip(proved: Desk) -> None:
    said = proved.run("admit", "--profile", "lead", "--plugin", "acme.note")
    assert said.status == Exit.INPUT
    assert "unknown plugin `acme.note`" in said.err


@pytest.mark.usefixtures("proved")
def test_the_gate_needs_no_solver() -> None:
    code = (
        "import json, sys; from capwright_cli.main import run;"
        f"status = run({list(NOTES)!r});"
        "print(json.dumps([status, [m for m in ('z3', 'networkx', 'mcp', 'wasmtime') if m in sys.modules]]))"
    )
    assert json.loads(process(code=code).stdout.splitlines()[-1]) == [0, []]
