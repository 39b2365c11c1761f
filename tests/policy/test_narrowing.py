"""Narrowing: the first change that is decided to fit, and never one that allows more than before."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting, holders
from capwright_registry.patterns import Region, TooComplex, outside
from tests.support.checking import allows, check, enable, mended, plugin, profile, setting
from tests.support.workspaces import WORKSPACE

LEAD = "profiles/lead.toml"
ID = "grant-over-scope"


def desk(tmp_path: Path, scope: str, grant: str, workspace: str = WORKSPACE) -> Setting:
    files = {
        "capwright.toml": workspace,
        "plugins/p/plugin.toml": plugin("p"),
        LEAD: profile("lead", scope, parts=[enable("project:p", grant)]),
    }
    return setting(tmp_path, files)


@pytest.mark.parametrize(
    ("scope", "grant", "expected"),
    [
        (("/a/**", ""), ("/**", ""), 'on = ["/a/**"] }'),
        (("/a/**", 'except = ["/a/b"]'), ("/a/**", ""), 'on = ["/a/**"], except = ["/a/b"] }'),
        (("/a/**", 'except = ["/a/b"]'), ("/a/**", 'except = ["/a/c"]'), 'except = ["/a/c", "/a/b"] }'),
        (("/a/**", 'except = ["/z"]'), ("/**", ""), 'on = ["/a/**"] }'),
        (("/a/**", 'when = "approved"'), ("/a/**", ""), 'on = ["/a/**"], when = "approved" }'),
        (("/a", 'when = "approved"'), ("/a", 'when = "depth < 2"'), 'when = "(depth < 2) && (approved)" }'),
        (("/a", "until = 2027-01-01"), ("/a", ""), "until = 2027-01-01T00:00:00Z }"),
        (("/a/**", 'when = "approved"'), ("/**", ""), 'on = ["/a/**"], when = "approved" }'),
    ],
)
def test_the_smallest_change_that_fits(
    tmp_path: Path, scope: tuple[str, str], grant: tuple[str, str], expected: str
) -> None:
    one = desk(
        tmp_path, allows("fs.read", scope[0], more=scope[1]), allows("fs.read", grant[0], more=grant[1])
    )
    before = holders(one)[0].grant.grant[0]
    (finding,) = check(ID, one).findings
    text = mended(finding, one, LEAD)
    assert 'grant = [{ action = "fs.read"' in text
    assert expected in text.partition("grant = ")[2]
    after = setting(tmp_path / "after", {"plugins/p/plugin.toml": plugin("p"), LEAD: text})
    assert check(ID, after).verdict is Verdict.PROVED
    narrowed = holders(after)[0].grant.grant[0]
    assert outside([Region(before.on, before.except_)], Region(narrowed.on, narrowed.except_)) is None


def test_two_entries_above_that_only_together_are_enough(tmp_path: Path) -> None:
    """No guard of one of them fits for both halves: what remains is to drop it."""
    files = {
        "plugins/p/plugin.toml": plugin("p"),
        LEAD: profile(
            "lead",
            allows("fs.read", "/a", more='when = "approved"'),
            allows("fs.read", "/b", more='when = "!approved"'),
            parts=[enable("project:p", allows("fs.read", "/a", "/b"))],
        ),
    }
    one = setting(tmp_path, files)
    (finding,) = check(ID, one).findings
    assert finding.help.startswith("drop it: ")
    assert "grant = []" in mended(finding, one, LEAD)


def test_a_capability_of_a_set_is_not_edited(tmp_path: Path) -> None:
    workspace = f"{WORKSPACE}[sets.all]\nallow = [{allows('fs.read', '/**')}]\n"
    one = desk(tmp_path, allows("fs.read", "/a/**"), '{ set = "all" }', workspace)
    (finding,) = check(ID, one).findings
    assert (finding.span.file, finding.edits) == ("capwright.toml", ())
    assert finding.help.startswith('narrow it to `["/a/**"]`')


def test_a_table_with_a_header_is_edited_in_place(tmp_path: Path) -> None:
    grant = '[[enable]]\nplugin = "project:p"\n[[enable.grant]]\naction = "fs.read"\non = ["/**"]\n'
    scope = allows("fs.read", "/a/**", more='except = ["/a/b"], when = "approved"')
    files = {"plugins/p/plugin.toml": plugin("p"), LEAD: profile("lead", scope, parts=[grant])}
    one = setting(tmp_path, files)
    (finding,) = check(ID, one).findings
    text = mended(finding, one, LEAD)
    assert 'on = ["/a/**"]\nexcept = ["/a/b"]\nwhen = "approved"\n' in text
    after = setting(tmp_path / "after", {"plugins/p/plugin.toml": plugin("p"), LEAD: text})
    assert check(ID, after).verdict is Verdict.PROVED


def test_what_cannot_be_compared_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_complex(*_: object) -> str:
        raise TooComplex("too many states")

    monkeypatch.setattr("capwright_policy.narrowing.outside", too_complex)
    one = desk(tmp_path, allows("fs.read", "/a/**"), allows("fs.read", "/**"))
    (finding,) = check(ID, one).findings
    assert finding.help.startswith("drop it: ")
