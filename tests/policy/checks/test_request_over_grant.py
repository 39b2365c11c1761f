"""`request-over-grant`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting
from tests.support.checking import allows, check, mended, plugin, profile, request, setting

ID = "request-over-grant"
LEAD = "profiles/lead.toml"
ENABLE = '[[enable]]\nplugin = "project:acme.notes"'


def desk(tmp_path: Path, asked: str, enabled: str, *scope: str) -> Setting:
    files = {
        "plugins/notes/plugin.toml": plugin("acme.notes", asked),
        LEAD: profile("lead", *(scope or [allows("fs.read", "/**")]), parts=[enabled]),
    }
    return setting(tmp_path, files)


@pytest.mark.parametrize(
    ("asked", "granted", "met"),
    [
        ("", "when = \"mode == 'ci'\"", True),
        ("when = \"mode == 'ci'\"", "when = \"mode != 'ci'\"", False),
        ("when = \"mode == 'ci'\"", "when = \"mode != 'x'\"", True),
        ('when = "depth > 3"', 'when = "depth < 4"', False),
        ("", "until = 2000-01-01", True),
        ("when = \"now > timestamp('2027-01-01T00:00:00Z')\"", "until = 2026-12-01", False),
        ('when = "approved && !approved"', 'when = "false"', True),
    ],
)
def test_some_context_is_enough(tmp_path: Path, asked: str, granted: str, met: bool) -> None:
    """A request is met if it is granted in one context in which it is made; one never made is met."""
    grant = allows("fs.read", "/a", more=granted)
    one = desk(tmp_path, request("fs.read", "/a", more=asked), f"{ENABLE}\ngrant = [{grant}]")
    assert check(ID, one).verdict is (Verdict.PROVED if met else Verdict.REFUTED)


def test_an_exception_of_the_request_is_not_asked_for(tmp_path: Path) -> None:
    asked = request("fs.read", "/a/**", more='except = ["/a/b/**"]')
    grant = allows("fs.read", "/a/**", more='except = ["/a/b/**"]')
    assert check(ID, desk(tmp_path, asked, f"{ENABLE}\ngrant = [{grant}]")).verdict is Verdict.PROVED


def test_the_counterexample_is_the_shortest_that_is_missing(tmp_path: Path) -> None:
    one = desk(
        tmp_path, request("fs.read", "/a/**"), f"{ENABLE}\ngrant = [{allows('fs.read', '/a', '/a/*')}]"
    )
    found = check(ID, one).findings[0].counterexample
    assert found is not None
    assert found.resource.count("/") == 3


@pytest.mark.parametrize(
    "enabled",
    [
        ENABLE,
        f"{ENABLE}\ngrant = []",
        f"{ENABLE}\ngrant = [\n]",
        f"{ENABLE}\ngrant = [{allows('fs.read', '/b')}]",
        f"{ENABLE}\ngrant = [\n  {allows('fs.read', '/b')}, # with a comma\n]",
        f"{ENABLE}\ngrant = [\n  {allows('fs.read', '/b')} # without\n]",
    ],
)
def test_the_edit_grants_it_however_the_list_is_written(tmp_path: Path, enabled: str) -> None:
    one = desk(tmp_path, request("fs.read", "/a"), enabled)
    (finding,) = check(ID, one).findings
    text = mended(finding, one, LEAD)
    assert allows("fs.read", "/a") in text
    again = setting(
        tmp_path / "again",
        {"plugins/notes/plugin.toml": plugin("acme.notes", request("fs.read", "/a")), LEAD: text},
    )
    assert check(ID, again).verdict is Verdict.PROVED


def test_grants_with_headers_of_their_own_are_left_to_the_reader(tmp_path: Path) -> None:
    tables = f'{ENABLE}\n[[enable.grant]]\naction = "fs.read"\non = ["/b"]'
    (finding,) = check(ID, desk(tmp_path, request("fs.read", "/a"), tables)).findings
    assert finding.edits == ()
    assert finding.help.startswith("grant it in the profile of `lead`")


def test_no_grant_is_proposed_over_the_scope(tmp_path: Path) -> None:
    (finding,) = check(ID, desk(tmp_path, request("fs.read", "/a"), ENABLE, allows("fs.read", "/b"))).findings
    assert finding.edits == ()
    assert finding.help == "mark it `optional` in the manifest: the scope of `lead` does not allow it either"
