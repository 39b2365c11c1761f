"""`ambient-process`: what its vectors cannot say."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from capwright_policy.accepts import TERM
from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting
from capwright_registry.workspace import load_workspace
from tests.support.checking import HOST, check, enable, mended, plugin, profile, setting
from tests.support.vectors import TODAY
from tests.support.workspaces import WORKSPACE, problems_in

ID = "ambient-process"
ACCEPT = """
[[accept]]
finding = "ambient-process"
at = "{at}"
reason = "tried on a machine of its own"
until = {until}
"""


def desk(
    tmp_path: Path, sandbox: str, more: str = "", host: str = HOST, parts: tuple[str, ...] = ()
) -> Setting:
    files = {
        "capwright.toml": WORKSPACE + more,
        "plugins/p/plugin.toml": plugin("acme.p"),
        "plugins/q/plugin.toml": plugin("acme.q"),
        "profiles/lead.toml": profile("lead", parts=[*(parts or (enable("project:acme.p"),))]),
    }
    return setting(tmp_path, files, sandbox=sandbox, host=host)


@pytest.mark.parametrize(
    ("sandbox", "holds"), [("bubblewrap", True), ("none", False), ("", False), ("other", False)]
)
def test_only_a_sandbox_that_is_known_confines(tmp_path: Path, sandbox: str, holds: bool) -> None:
    result = check(ID, desk(tmp_path, sandbox))
    assert result.verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


def test_each_server_is_its_own_finding(tmp_path: Path) -> None:
    one = desk(tmp_path, "none", parts=(enable("project:acme.p"), enable("project:acme.q")))
    assert [f.subject for f in check(ID, one).findings] == ["lead/project:acme.p", "lead/project:acme.q"]


def test_it_needs_no_grant_to_be_ambient(tmp_path: Path) -> None:
    """The process has the user's rights, whatever its manifest asks for and whatever it is granted."""
    (finding,) = check(ID, desk(tmp_path, "none")).findings
    assert finding.counterexample is not None
    assert finding.counterexample.chain[-1] == "effect:everything"


HOST_ACCEPTS = f'{HOST}[accepted]\nproject = ["ambient-process"]\n'


@pytest.mark.parametrize("at", ["lead/acme.p", "lead/project:acme.p"])
def test_accepted_by_name(tmp_path: Path, at: str) -> None:
    one = desk(tmp_path, "none", ACCEPT.format(at=at, until="2027-01-01"), HOST_ACCEPTS)
    result = check(ID, one)
    assert (result.verdict, result.findings) == (Verdict.PROVED, ())
    assert result.accepted[0].until == "2027-01-01"


@pytest.mark.parametrize("at", ["lead", "acme.p", "project:acme.q", "project:acme.p/run", "lead/acme.q"])
def test_another_name_accepts_nothing(tmp_path: Path, at: str) -> None:
    enabled = (enable("project:acme.p"), enable("project:acme.q"))
    one = desk(tmp_path, "none", ACCEPT.format(at=at, until="2027-01-01"), HOST_ACCEPTS, enabled)
    assert "lead/project:acme.p" in [finding.subject for finding in check(ID, one).findings]


def test_the_finding_says_why_an_accept_does_not_count(tmp_path: Path) -> None:
    ended = desk(tmp_path / "a", "none", ACCEPT.format(at="lead/acme.p", until="2026-11-23"), HOST_ACCEPTS)
    assert check(ID, ended).findings[0].related[-1].label == "the accept ended on 2026-11-23"
    barred = desk(tmp_path / "b", "none", ACCEPT.format(at="lead/acme.p", until="2027-01-01"), HOST)
    told = check(ID, barred).findings[0].related[-1].label
    assert told == "the host policy does not let this tier accept it"


def test_the_accept_that_lasts_longest_counts(tmp_path: Path) -> None:
    both = ACCEPT.format(at="lead/acme.p", until="2026-01-01") + ACCEPT.format(
        at="lead/acme.p", until="2027-01-01"
    )
    assert check(ID, desk(tmp_path, "none", both, HOST_ACCEPTS)).verdict is Verdict.PROVED


def test_a_folder_in_the_workspace_accepts_as_project(tmp_path: Path) -> None:
    """Who may accept is the host's to say, by the tier that it believes, not the one that is claimed."""
    host = f'{HOST}[accepted]\nuser = ["ambient-process"]\n[ceiling.user]\nallow = []\n'
    workspace = WORKSPACE.replace('tier = "project"', 'tier = "user"') + ACCEPT.format(
        at="lead/user:acme.p", until="2027-01-01"
    )
    files = {
        "capwright.toml": workspace,
        "plugins/p/plugin.toml": plugin("acme.p"),
        "profiles/lead.toml": profile("lead", parts=[enable("user:acme.p")]),
    }
    assert check(ID, setting(tmp_path, files, sandbox="none", host=host)).verdict is Verdict.REFUTED


class TestTheAcceptThatIsOffered:
    def test_applied_it_is_refused_until_it_has_a_reason(self, tmp_path: Path) -> None:
        """The edit can be applied, and what it takes on is not taken on before somebody says why."""
        one = desk(tmp_path, "none", host=HOST_ACCEPTS)
        (finding,) = check(ID, one).findings
        assert finding.help == (
            "install bubblewrap on this host; or take the risk by name with an `[[accept]]`, whose reason is "
            "yours to write"
        )
        text = mended(finding, one, "capwright.toml")
        assert tomllib.loads(text)["accept"] == [
            {"finding": ID, "at": "lead/project:acme.p", "reason": "", "until": TODAY + TERM}
        ]
        place = text.split("\n").index('reason = ""') + 1
        assert problems_in(one.workspace.root) == (
            f"capwright.toml:{place}:10: `reason` says nothing yet "
            "(say in words why the finding is taken on, for whoever reads it later)\n"
        )
        (one.workspace.root / "capwright.toml").write_text(text.replace('reason = ""', 'reason = "tried"'))
        written = load_workspace(one.workspace.root)
        assert check(ID, replace(one, workspace=written)).word == "accepted"

    def test_it_stands_alone_after_a_last_line_without_an_end(self, tmp_path: Path) -> None:
        one = desk(tmp_path, "none", "[ceiling.project]\nallow = []", HOST_ACCEPTS)
        (finding,) = check(ID, one).findings
        assert "allow = []\n\n[[accept]]\n" in mended(finding, one, "capwright.toml")

    def test_none_is_offered_that_would_not_count(self, tmp_path: Path) -> None:
        (barred,) = check(ID, desk(tmp_path / "a", "none", host=HOST)).findings
        assert barred.edits == ()
        assert barred.help.endswith("the host policy does not let this tier take the risk by name")
        accept = ACCEPT.format(at="lead/acme.p", until="2026-11-23")
        (ended,) = check(ID, desk(tmp_path / "b", "none", accept, HOST_ACCEPTS)).findings
        assert ended.edits == ()
        assert ended.help.endswith("or give the accept a new reason and end")
