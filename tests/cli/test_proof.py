"""`capwright proof`: a proof file by itself."""

from __future__ import annotations

import json

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import Desk, process
from tests.support.proofs import parsed, sealed

PROOF = ".capwright/proof.json"


@pytest.fixture(name="proved")
def _proved(desk: Desk) -> Desk:
    assert desk.run("verify").status == Exit.YES
    return desk


def proof_command(desk: Desk, name: str, *args: str) -> tuple[int, str, str]:
    said = desk.run("proof", name, *args)
    return said.status, said.out, said.err


def test_a_proof_is_believed_where_it_stands(proved: Desk) -> None:
    status, out, err = proof_command(proved, "check")
    assert (status, err) == (Exit.YES, "")
    first, *rest = out.splitlines()
    assert first == "believed: the proof of the workspace `ROOT`"
    data = (proved.root / PROOF).read_bytes()
    told, proof = dict(line.split() for line in rest), parsed(data)
    assert {"digest": told["digest"]} == json.loads(data.split(b"\n")[0])
    assert int(told["obligations"]) == sum(check["obligations"] for check in proof["checks"])
    assert int(told["cases"]) > 0


def test_json(proved: Desk) -> None:
    status, out, _ = proof_command(proved, "check", "--format", "json")
    said = json.loads(out)
    assert (status, said["schema"], said["believed"]) == (Exit.YES, "capwright.proof-check/1", True)


def test_an_altered_proof_is_refused_and_the_step_is_named(proved: Desk) -> None:
    path = proved.root / PROOF
    path.write_bytes(path.read_bytes().replace(b'"proved"', b'"PROVED"', 1))
    status, out, err = proof_command(proved, "check")
    assert (status, out) == (Exit.NO, "")
    assert "refused at step 1 of the checker" in err


def test_a_changed_input_is_named(proved: Desk) -> None:
    manifest = proved.root / "plugins/acme.notes/plugin.toml"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    status, out, err = proof_command(proved, "check")
    assert (status, out) == (Exit.NO, "")
    assert "`plugins/acme.notes/plugin.toml` changed since it was proved" in err


def test_a_copy_elsewhere_is_checked_against_the_workspace_that_it_names(proved: Desk) -> None:
    copy = proved.root.parent / "copy.json"
    copy.write_bytes((proved.root / PROOF).read_bytes())
    assert proof_command(proved, "check", str(copy))[0] == Exit.YES


def test_it_is_not_a_proof_of_another_workspace(proved: Desk) -> None:
    other = proved.root.parent / "other"
    other.mkdir()
    status, out, err = proof_command(proved, "check", PROOF, "--root", str(other))
    assert (status, out) == (Exit.NO, "")
    assert "missing or cannot be read" in err


@pytest.mark.parametrize("name", ["check", "show"])
@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b"\xff", b'{"schema":"capwright.proof/1","workspace":3}', b"[" * 200_000]
)
def test_what_is_no_proof_is_told_once(desk: Desk, name: str, data: bytes) -> None:
    (desk.root / "x.json").write_bytes(data)
    status, out, err = proof_command(desk, name, "x.json")
    assert (status, out) == (Exit.INPUT, "")
    assert "`x.json` is no proof of this version" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["check", "show"])
def test_a_proof_that_is_not_there(desk: Desk, name: str) -> None:
    status, out, err = proof_command(desk, name)
    assert (status, out) == (Exit.INPUT, "")
    assert "`.capwright/proof.json` cannot be read" in err


def test_claims_name_each_layer_with_its_place(proved: Desk) -> None:
    status, out, err = proof_command(proved, "show")
    assert (status, err) == (Exit.YES, "")
    assert "not checked here" in out.splitlines()[0]
    assert "lead/project:acme.notes 1.2.0, wasm" in out
    assert "granted    ROOT/notes/** except /**/.env when !(mode == 'ci') (profiles/lead.toml:" in out


def test_claims_are_shown_without_their_control_characters(proved: Desk) -> None:
    path = proved.root / PROOF
    proof = parsed(path.read_bytes())
    proof["workspace"]["name"] = "\x1b[2J\u202e"
    path.write_bytes(sealed(proof))
    assert "workspace `\\u{1b}[2J\\u{202e}`" in proof_command(proved, "show")[1]


def test_claims_of_another_shape_are_no_traceback(proved: Desk) -> None:
    path = proved.root / PROOF
    proof = parsed(path.read_bytes())
    proof["families"][0]["holders"] = [{"agent": 1}]
    path.write_bytes(sealed(proof))
    status, out, err = proof_command(proved, "show")
    assert (status, out) == (Exit.INPUT, "")
    assert "has a part of another shape" in err


def test_nothing_heavy_is_imported(proved: Desk) -> None:
    code = (
        "import sys; from capwright_cli.main import run; run(['proof', 'check']);"
        "print([m for m in ('z3', 'networkx', 'mcp', 'wasmtime', 'capwright_policy') if m in sys.modules])"
    )
    assert process(code=code, cwd=proved.root).stdout.splitlines()[-1] == "[]"
