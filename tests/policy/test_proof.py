"""The proof: made only of what is proved, always the same, and complete enough to decide again."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.proof import proof_of
from capwright_policy.setting import Setting
from capwright_policy.solver import Solver
from capwright_policy.verify import verify
from capwright_registry.clients.presence import LISTING
from capwright_registry.errors import InternalError
from tests.support.proofs import FILES, TODAY, Desk, believed, desk, desk_of, parsed

LEAD = str(FILES["profiles/lead.toml"])
HELPER = str(FILES["profiles/helper.toml"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("desk"))


def test_the_same_workspace_gives_the_same_bytes(made: Desk) -> None:
    assert desk_of(made.root).proof == made.proof


def test_what_was_asked_before_makes_no_difference(made: Desk, tmp_path: Path) -> None:
    """The solver's models depend on what it saw before; the contexts of a proof do not."""
    desk(tmp_path, {"profiles/helper.toml": HELPER.replace("depth <= 3", "depth <= 2 && mode != 'x'")})
    assert desk_of(made.root).proof == made.proof


def test_a_refuted_report_gives_none(tmp_path: Path) -> None:
    found = desk(tmp_path, {"profiles/helper.toml": HELPER.replace("notes/open/**", "**")})
    assert not found.report.proved
    with pytest.raises(InternalError):
        proof_of(found.report, Solver(10))


def test_an_unknown_report_gives_none(made: Desk) -> None:
    report = verify(made.setting, TODAY, seconds=0)
    assert report.unknown
    with pytest.raises(InternalError):
        proof_of(report, Solver(10))


def test_a_solver_that_gives_up_gives_none(made: Desk) -> None:
    with pytest.raises(InternalError, match="no certificate"):
        proof_of(made.report, Solver(0))


def test_each_satisfiable_combination_of_guards_has_a_context(made: Desk) -> None:
    """`region == 'eu' || approved` and `approved`: both, the first, none; not the second alone."""
    body = made.body()
    server = next(h for h in body["holders"] if h["plugin"] == "project:acme.server")
    contexts = [body["contexts"][n] for n in server["contexts"]]
    found = {(c["approved"] or c["region"] == "eu", c["approved"]) for c in contexts}
    assert found == {(True, True), (True, False), (False, False)}
    assert len(contexts) == 3


def test_a_parent_is_read_at_one_depth_less(made: Desk) -> None:
    asked = [o for o in made.body()["obligations"] if o["check"] == "delegation-over-parent"]
    assert {(o["subject"], o["parent"], o["shrinks"]) for o in asked} == {
        ("lead", False, False),
        ("lead/helper", True, False),
    }


def test_a_fixed_child_of_one_that_may_be_narrowed_is_not_proved(tmp_path: Path) -> None:
    child = '[[child]]\nprofile = "last"\nmax_depth = 3\nmax_children = 1\n'
    last = HELPER.replace('"helper"', '"last"').replace("depth <= 3", "depth <= 4")
    found = desk(tmp_path, {"profiles/helper.toml": HELPER + child, "profiles/last.toml": last})
    assert not found.report.proved


def test_a_child_that_follows_its_parent_is_proved_at_any_depth(tmp_path: Path) -> None:
    child = '[[child]]\nprofile = "helper"\nmax_depth = 3\nmax_children = 1\nscope = "any-subset"\n'
    files = {
        "profiles/helper.toml": HELPER.replace('when = "depth <= 3", ', "") + child,
        "profiles/lead.toml": LEAD.replace(', when = "depth < 3"', ""),
    }
    found = desk(tmp_path, files)
    assert found.proof, [f.message for f in found.report.findings]
    believed(found.proof, found.facts)


def test_lending_is_followed_over_every_hop(made: Desk, tmp_path: Path) -> None:
    tools = made.body()["calls"][0]["tools"]
    assert list(tools) == ["lead/project:acme.second/run", "lead/project:acme.third/run"]
    unlent = LEAD.replace(
        '{ to = "project:acme.first", action = "fs.read", on = ["${workspace}/notes/**"] },', ""
    )
    found = desk(tmp_path, {"profiles/lead.toml": unlent})
    assert [f.check for f in found.report.findings] == ["deputy"]  # in CI it may not read for itself


def test_an_accept_stands_in_the_proof_by_name(tmp_path: Path) -> None:
    accept = '[[accept]]\nfinding = "ambient-process"\nat = "lead/acme.server"\n'
    accept += 'reason = "tried"\nuntil = 2027-06-30\n'
    found = desk(tmp_path, {"capwright.toml": str(FILES["capwright.toml"]) + accept}, sandbox="none")
    body = parsed(found.proof)
    subject = "lead/project:acme.server"
    entry = next(c for c in body["checks"] if c["id"] == "ambient-process")
    assert entry["accepted"] == [{"subject": subject, "reason": "tried", "until": "2027-06-30"}]
    assert entry["obligations"] == 1
    believed(found.proof, found.facts)


def test_a_proof_is_bound_to_every_file_and_listing(made: Desk) -> None:
    inputs = {entry["path"]: entry["role"] for entry in made.body()["inputs"]}
    assert set(FILES) | {"plugins/", "profiles/", LISTING} == set(inputs)
    assert inputs["plugins/"] == "listing"


def test_another_sandbox_makes_another_proof(made: Desk) -> None:
    assert not verify(Setting(made.setting.workspace, made.setting.host, "none"), TODAY).proved
