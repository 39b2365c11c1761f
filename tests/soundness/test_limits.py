"""What no checker of a proof sees: `specs/proof.md`, "What it does not show"."""

from __future__ import annotations

from pathlib import Path

from capwright_runtimes.checker import check
from capwright_runtimes.compiled import plugin_table
from tests.soundness.desks import SECRET_GRANT
from tests.soundness.probe import Patch
from tests.soundness.probes.certificate import lose
from tests.support.proofs import desk, refused_by


def test_a_class_of_resources_that_nobody_lists_is_not_seen(tmp_path: Path, monkeypatch: Patch) -> None:
    """What is compiled from the layers enforces the meet all the same."""
    assert not desk(tmp_path, SECRET_GRANT).report.proved
    lose(monkeypatch, "/notes/", (".env", ".pem"))
    found = desk(tmp_path, SECRET_GRANT)
    assert found.report.proved
    assert refused_by(found) is None
    (world,) = check(found.proof, found.facts)
    layers = plugin_table(world, "lead/project:acme.third")["actions"]["fs.read"]["layers"]
    scope = next(layer for layer in layers if layer["name"] == "scope")
    assert scope["rules"][0]["except"]
