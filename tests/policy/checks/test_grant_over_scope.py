"""`grant-over-scope`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy import reference
from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.setting import Setting, holders
from tests.support.checking import allows, check, enable, marked, mended, plugin, profile, setting

ID = "grant-over-scope"
LEAD = "profiles/lead.toml"


def desk(tmp_path: Path, scope: str, *grant: str) -> Setting:
    files = {
        "plugins/notes/plugin.toml": plugin("acme.notes"),
        LEAD: profile("lead", scope, parts=[enable("project:acme.notes", *grant)]),
    }
    return setting(tmp_path, files)


def decided(tmp_path: Path, scope: str, *grant: str) -> CheckResult:
    return check(ID, desk(tmp_path, scope, *grant))


@pytest.mark.parametrize(
    ("scope", "grant", "holds"),
    [
        ("depth < 5", "depth <= 4", True),
        ("depth < 5", "depth <= 5", False),
        ("depth >= 0", "true", True),
        ("mode in ['a', 'b']", "mode == 'b'", True),
        ("mode in ['a', 'b']", "mode != 'c'", False),
        ("approved || mode == 'a'", "approved", True),
        ("approved && mode == 'a'", "approved", False),
        ("approved ? mode == 'a' : depth == 0", "approved && mode == 'a'", True),
        ("now < timestamp('2027-01-01T00:00:00Z')", "now < timestamp('2026-12-31T23:59:59Z')", True),
        ("now < timestamp('2027-01-01T00:00:00Z')", "now <= timestamp('2027-01-01T00:00:00Z')", False),
        ("false", "approved && !approved", True),
        ("false", "sandboxed", False),
    ],
)
def test_implication_of_conditions(tmp_path: Path, scope: str, grant: str, holds: bool) -> None:
    """A grant's condition must imply the scope's, over every context that exists and no other."""
    result = decided(
        tmp_path,
        allows("fs.read", "/a/**", more=f'when = "{scope}"'),
        allows("fs.read", "/a/b", more=f'when = "{grant}"'),
    )
    assert result.verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


@pytest.mark.parametrize(
    ("scope", "grant", "holds"),
    [
        ("", "until = 2027-01-01", True),
        ("until = 2027-01-01", "", False),
        ("until = 2027-01-01", "until = 2027-01-01", True),
        ("until = 2027-01-01", "until = 2027-01-01T01:00:00+01:00", True),
        ("until = 2027-01-01", "when = \"now < timestamp('2026-06-01T00:00:00Z')\"", True),
    ],
)
def test_ends(tmp_path: Path, scope: str, grant: str, holds: bool) -> None:
    """`until` is the first moment that no longer counts, in UTC, and a condition on `now` is the same."""
    result = decided(tmp_path, allows("fs.read", "/a", more=scope), allows("fs.read", "/a", more=grant))
    assert result.verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


def test_the_offending_pattern_is_marked(tmp_path: Path) -> None:
    """Of three patterns of two entries, the one that exceeds."""
    one = desk(
        tmp_path, allows("fs.read", "/a/**"), allows("fs.read", "/a/b", "/c/d"), allows("fs.read", "/a/x")
    )
    (finding,) = check(ID, one).findings
    assert marked(finding.span, one) == '"/c/d"'


def test_each_offending_entry_is_told(tmp_path: Path) -> None:
    result = decided(tmp_path, allows("fs.read", "/a"), allows("fs.read", "/b"), allows("fs.read", "/c"))
    effects = [finding.counterexample.effect for finding in result.findings if finding.counterexample]
    assert effects == ["fs.read:/b", "fs.read:/c"]


def test_the_edit_keeps_what_was_within(tmp_path: Path) -> None:
    one = desk(
        tmp_path, allows("fs.read", "/a/**", more='when = "approved"'), allows("fs.read", "/a/b", "/**")
    )
    (finding,) = check(ID, one).findings
    text = mended(finding, one, LEAD)
    assert 'grant = [{ action = "fs.read", on = ["/a/b", "/a/**"], when = "approved" }]' in text


def test_the_edit_drops_what_no_part_of_is_allowed(tmp_path: Path) -> None:
    one = desk(tmp_path, allows("fs.read", "/a"), allows("fs.read", "/a"), allows("env.read", "HOME"))
    (finding,) = check(ID, one).findings
    assert 'grant = [{ action = "fs.read", on = ["/a"] }, ]' in mended(finding, one, LEAD)


def test_the_counterexample_is_concrete(tmp_path: Path) -> None:
    """An effect and a context of which the documents say so themselves."""
    one = desk(
        tmp_path,
        allows("fs.read", "/a/**", more='except = ["**/.env"], when = "mode != \'ci\'"'),
        allows("fs.read", "/a/**", more='except = ["**/.env"]'),
    )
    found = check(ID, one).findings[0].counterexample
    assert found is not None
    assert found.context["mode"] == "ci"
    effect = (found.action, found.resource, found.context)
    assert reference.allows(holders(one)[0].grant.grant, *effect)
    assert not reference.allows_all(holders(one)[0].profile.scope, *effect)


def test_no_grant_is_proved_and_no_plugin_is_vacuous(tmp_path: Path) -> None:
    assert decided(tmp_path / "one", allows("fs.read", "/a")).verdict is Verdict.PROVED
    bare = setting(tmp_path / "two", {LEAD: profile("lead", allows("fs.read", "/a"))})
    assert check(ID, bare).verdict is Verdict.VACUOUS


def test_many_exceptions_are_decided(tmp_path: Path) -> None:
    """Forty exceptions that overlap in every way make two classes, not two to the fortieth."""
    names = ", ".join(f'"**/{letter}{digit}/**"' for letter in "abcdefgh" for digit in range(5))
    more = f"except = [{names}]"
    same = decided(tmp_path / "one", allows("fs.read", "/**", more=more), allows("fs.read", "/**", more=more))
    assert same.verdict is Verdict.PROVED
    fewer = more.replace('"**/d3/**", ', "")
    less = decided(
        tmp_path / "two", allows("fs.read", "/**", more=more), allows("fs.read", "/**", more=fewer)
    )
    assert [f.counterexample.resource for f in less.findings if f.counterexample] == ["/d3"]
