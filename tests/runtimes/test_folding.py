"""A host whose file system folds case: exceptions and protected files hold for every spelling."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from capwright_policy.findings import Verdict
from capwright_policy.proof import proof_of
from capwright_policy.setting import Setting
from capwright_policy.solver import Solver
from capwright_policy.verify import verify
from capwright_registry.folding import fold_workspace
from capwright_registry.host_policy import VARIABLE, load_host_policy
from capwright_registry.workspace import load_workspace
from capwright_runtimes.case import folds_case
from capwright_runtimes.gate import HostFacts, admit
from capwright_runtimes.refusal import Refused
from tests.support.proofs import FILES, TODAY, Desk, desk
from tests.support.quotes import quotes
from tests.support.workspaces import write

HOST = """\
schema = "capwright.host/1"
api = "1.4.0"
case = "folding"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[ceiling.project]
allow = [
  { action = "fs.read", on = ["/**"], except = ["/etc/shadow"] },
  { action = "fs.write", on = ["${workspace}/**"] },
  { action = "tool.call", on = ["**"] },
  { action = "hook.annotate", on = ["**"] },
  { action = "hook.deny", on = ["**"] },
]
[accepted]
project = ["ambient-process"]
"""
CONTEXT = {"mode": "x", "approved": False, "depth": 0, "now": 0, "sandboxed": True, "region": "eu"}


def folding(tmp_path: Path, changes: dict[str, str] | None = None) -> Setting:
    """The setting of the desk under a host policy that declares folding."""
    (tmp_path / "host.toml").write_text(HOST)
    root = write(tmp_path / "desk", {**FILES, **(changes or {})})
    host = load_host_policy(root, {VARIABLE: str(tmp_path / "host.toml")})
    return Setting(fold_workspace(load_workspace(root)), host, "bubblewrap")


@pytest.fixture
def made(tmp_path: Path) -> Desk:
    found = desk(tmp_path / "desk")
    found.store()
    return found


@quotes(
    "patterns",
    'Where the host policy says `case = "folding"` (the built-in one does on platforms whose file systems '
    "fold unless told otherwise), each capability over paths loses, beside its exceptions, every path "
    "that differs from one of them in the case of ASCII letters, and every path with a character outside "
    "of printable ASCII: which of those are one file is not the same on any two file systems.",
    "`on` stays as it is spelled, which can only allow less.",
)
def test_an_exception_holds_for_every_spelling_once_the_host_declares_it(tmp_path: Path) -> None:
    setting = folding(tmp_path)
    report = verify(setting, TODAY)
    assert report.proved, [f.message for f in report.findings]
    root = setting.workspace.root
    (root / ".capwright").mkdir()
    (root / ".capwright/proof.json").write_bytes(proof_of(report, Solver(60)))
    found = admit(root, "lead", HostFacts(setting.host, lambda: "bubblewrap", TODAY))
    third = found.plugins["project:acme.third"]
    assert third.decide("fs.read", f"{root}/notes/a.md", CONTEXT)
    assert not third.decide("fs.read", f"{root}/NOTES/a.md", CONTEXT)
    for name in (".env", ".ENV", ".eNv", "Key.PEM", "r\u00e9sum\u00e9"):
        decision = third.decide("fs.read", f"{root}/notes/{name}", CONTEXT)
        assert not decision, name
        assert "excepted" in decision.reason


@quotes("patterns", "Matching is exact.")
def test_without_the_declaration_another_spelling_is_another_file(made: Desk) -> None:
    found = admit(made.root, "lead", HostFacts(made.setting.host, lambda: "bubblewrap", TODAY))
    third = found.plugins["project:acme.third"]
    assert third.decide("fs.read", f"{made.root}/notes/.ENV", CONTEXT)
    assert not third.decide("fs.read", f"{made.root}/notes/.env", CONTEXT)


@quotes("patterns", "What is protected from writes is protected in every spelling.")
def test_what_governs_is_protected_in_every_spelling(tmp_path: Path) -> None:
    """G6 on a folding host: excepting `.git` in one spelling is enough, allowing `.GIT` is a finding."""
    profile = FILES["profiles/lead.toml"]
    assert isinstance(profile, str)
    scope = (
        '{ action = "fs.write", on = ["${workspace}/vcs/.GIT/hooks/*"] },\n  { action = "fs.write", on = ['
    )
    changes = {"profiles/lead.toml": profile.replace('{ action = "fs.write", on = [', scope, 1)}
    results = {r.check: r for r in verify(folding(tmp_path, changes), TODAY).results}
    assert results["policy-write"].verdict is Verdict.REFUTED
    (found,) = (f.counterexample for f in results["policy-write"].findings)
    assert found is not None and "/.GIT/hooks/" in found.resource


@quotes(
    "patterns",
    "A workspace on a file system that folds is not admitted under a host policy that says otherwise; the "
    "file system is asked, at the workspace's folder and at each one that holds it.",
)
def test_a_proof_of_a_host_that_does_not_fold_is_not_admitted_where_the_host_does(
    made: Desk, tmp_path: Path
) -> None:
    (tmp_path / "DESK").symlink_to(made.root)  # both spellings find the folder, as they would if it folded
    assert folds_case(made.root)
    assert folds_case(made.root / "plugins")
    with pytest.raises(Refused) as caught:
        admit(made.root, "lead", HostFacts(made.setting.host, lambda: "bubblewrap", TODAY))
    assert caught.value.code == "case"
    told = replace(made.setting.host, folds_case=True)
    with pytest.raises(Refused) as caught:  # saying so is not enough: the proof must be of a folding host
        admit(made.root, "lead", HostFacts(replace(told, sha256="0" * 64), lambda: "bubblewrap", TODAY))
    assert caught.value.code == "proof-refused"


def test_another_folder_of_the_other_spelling_is_no_sign_of_folding(made: Desk, tmp_path: Path) -> None:
    (tmp_path / "DESK").mkdir()
    assert not folds_case(made.root)


@pytest.mark.parametrize(("platform", "folds"), [("darwin", True), ("win32", True), ("linux", False)])
def test_the_built_in_policy_declares_what_the_platform_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, folds: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert load_host_policy(tmp_path, {}).folds_case is folds
