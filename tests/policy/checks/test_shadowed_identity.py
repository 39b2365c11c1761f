"""`shadowed-identity`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import CheckResult, Verdict
from tests.support.checking import check, marked, plugin, profile, setting

ID = "shadowed-identity"


def decided(tmp_path: Path, *manifests: str) -> CheckResult:
    files = {f"plugins/p{number}/plugin.toml": text for number, text in enumerate(manifests)}
    return check(ID, setting(tmp_path, files))


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("acme.notes", "acme.note", False),
        ("acme.notes", "acme.notes2", False),
        ("acme.notes", "acme-notes", True),
        ("acme.notes", "ACME_NOTES", True),
        ("acme.notes", "acme__notes", True),
        ("acme.notes", "acmenotes", False),
        ("a.b-c", "a-b.c", True),
        ("notes", "notes_", True),
    ],
)
def test_plugins(tmp_path: Path, one: str, other: str, clash: bool) -> None:
    result = decided(tmp_path, plugin(one), plugin(other))
    assert (result.verdict is Verdict.REFUTED) is clash


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (("acme", "notes_search"), ("acme.notes", "search"), True),
        (("acme", "notes-search"), ("acme_notes", "search"), True),
        (("acme", "search"), ("other", "search"), False),
        (("acme", "a_b"), ("acme.a", "b"), True),
        (("acme", "ab"), ("acme.a", "b"), False),
    ],
)
def test_tools_as_hosts_join_them(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str], clash: bool
) -> None:
    result = decided(tmp_path, plugin(one[0], tools=[one[1]]), plugin(other[0], tools=[other[1]]))
    assert (result.verdict is Verdict.REFUTED) is clash


def test_plugins_that_clash_are_told_once(tmp_path: Path) -> None:
    """Not once more for each of their tools, but for a tool that clashes on its own account."""
    result = decided(
        tmp_path, plugin("acme.notes", tools=["a", "b"]), plugin("Acme.Notes", tools=["a", "b", "B"])
    )
    assert [finding.subject for finding in result.findings] == ["project:Acme.Notes", "project:Acme.Notes/B"]


def test_the_later_name_is_marked_and_the_earlier_related(tmp_path: Path) -> None:
    files = {"plugins/a/plugin.toml": plugin("acme.notes"), "plugins/b/plugin.toml": plugin("acme_notes")}
    one = setting(tmp_path, files)
    (finding,) = check(ID, one).findings
    assert (finding.span.file, marked(finding.span, one)) == ("plugins/b/plugin.toml", '"acme_notes"')
    assert finding.related[0].span.file == "plugins/a/plugin.toml"


def test_three_of_one_name_are_two_findings(tmp_path: Path) -> None:
    assert len(decided(tmp_path, plugin("a"), plugin("A"), plugin("a")).findings) == 2


def test_the_hosts_own_name_is_taken(tmp_path: Path) -> None:
    """`capwright` is the host's: nobody in the workspace is called so."""
    result = decided(tmp_path, plugin("Capwright"))
    (finding,) = result.findings
    assert finding.message == "plugin `project:Capwright` would stand in for `builtin:capwright`"
    assert finding.related == ()


def test_profiles(tmp_path: Path) -> None:
    files = {"profiles/a.toml": profile("Lead"), "profiles/b.toml": profile("lead")}
    (finding,) = check(ID, setting(tmp_path, files)).findings
    assert finding.message == "profile `lead` would stand in for `Lead`"
