"""What has ended is told, on the day on which it has, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.test_idle_accepts import accept, desk
from tests.support.checking import allows, enable, plugin, profile, request, setting
from tests.support.warning import said, warnings
from tests.support.workspaces import WORKSPACE

GIT = plugin("acme.git", request("fs.read", "/a/**"))


def ending(tmp_path: Path, until: str) -> list[tuple[str, str, str]]:
    one = allows("fs.read", "/a/**", more=f"until = {until}")
    files = {
        "plugins/git/plugin.toml": GIT,
        "profiles/lead.toml": profile(
            "lead", allows("fs.read", "/a/**"), parts=[enable("project:acme.git", one)]
        ),
    }
    return said(setting(tmp_path, files), "expired")


@pytest.mark.parametrize("until", ["2026-01-01", "2026-11-23", "2026-11-23T01:00:00+02:00"])
def test_an_entry_that_ended(tmp_path: Path, until: str) -> None:
    (found,) = ending(tmp_path, until)
    assert found[:2] == (
        "lead/project:acme.git",
        f'{{ action = "fs.read", on = ["/a/**"], until = {until} }}',
    )
    assert found[2].startswith("this `fs.read` ended on 2026-")


@pytest.mark.parametrize("until", ["2026-11-24", "2026-11-23T00:00:01Z", "2027-01-01"])
def test_an_entry_that_ends_today_or_later(tmp_path: Path, until: str) -> None:
    assert ending(tmp_path, until) == []


@pytest.mark.parametrize(("until", "ended"), [("2026-11-23", 1), ("2026-01-01", 1), ("2026-11-24", 0)])
def test_an_accept(tmp_path: Path, until: str, ended: int) -> None:
    found = warnings(desk(tmp_path, accept("lead/acme.git", until=until), sandbox="none"), "expired")
    told = f"this accept of `ambient-process` ended on {until}, and takes nothing on any more"
    assert [(n.subject, n.message) for n in found] == [("lead/acme.git", told)] * ended


def test_a_set_that_two_profiles_use_is_told_of_once(tmp_path: Path) -> None:
    old = '[sets.old]\nallow = [{ action = "fs.read", on = ["/a"], until = 2026-01-01 }]\n'
    files = {
        "capwright.toml": WORKSPACE + old,
        "profiles/a.toml": profile("a", '{ set = "old" }'),
        "profiles/b.toml": profile("b", '{ set = "old" }'),
    }
    (found,) = warnings(setting(tmp_path, files), "expired")
    assert found.span.file == "capwright.toml"
