"""A condition that decides nothing is told wherever one can stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.setting import Setting
from tests.support.checking import allows, plugin, profile, setting
from tests.support.warning import said, warnings
from tests.support.workspaces import WORKSPACE

CONTEXT = WORKSPACE + '[context.region]\ntype = "enum"\nvalues = ["eu", "us"]\n'


def desk(tmp_path: Path, when: str, more: str = "") -> Setting:
    one = allows("fs.read", "/a/**", more=f'when = "{when}"{more}')
    return setting(tmp_path, {"capwright.toml": CONTEXT, "profiles/lead.toml": profile("lead", one)})


@pytest.mark.parametrize(
    "when",
    [
        "depth < 0",
        "mode == 'ci' && mode == 'dev'",
        "region != 'eu' && region != 'us'",
        "now < timestamp('2027-01-01T00:00:00Z') && now > timestamp('2028-01-01T00:00:00Z')",
    ],
)
def test_one_that_never_holds(tmp_path: Path, when: str) -> None:
    (found,) = warnings(desk(tmp_path, when), "vacuous-condition")
    assert found.message == f"this `fs.read` does nothing: `{when}` holds in no context"
    assert (found.subject, found.span.file, found.help.partition(",")[0]) == (
        "lead",
        "profiles/lead.toml",
        "mend the condition",
    )


@pytest.mark.parametrize("when", ["depth >= 0", "region in ['eu', 'us']", "approved || !approved"])
def test_one_that_always_holds(tmp_path: Path, when: str) -> None:
    (found,) = warnings(desk(tmp_path, when), "vacuous-condition")
    assert found.message == f"`{when}` narrows nothing of this `fs.read`: it holds in every context"
    assert found.help == "remove `when`, or write the condition that was meant"


@pytest.mark.parametrize("when", ["depth < 1", "region == 'eu'", "mode in ['ci', 'dev']", "approved"])
def test_one_that_decides_something(tmp_path: Path, when: str) -> None:
    assert warnings(desk(tmp_path, when), "vacuous-condition") == ()


@pytest.mark.parametrize(("year", "count"), [("2028", 1), ("2026", 0)])
def test_it_is_read_before_the_end(tmp_path: Path, year: str, count: int) -> None:
    when = f"now >= timestamp('{year}-01-01T00:00:00Z')"
    found = warnings(desk(tmp_path, when, ", until = 2027-01-01"), "vacuous-condition")
    assert len(found) == count
    assert all("holds in no context before its `until`" in note.message for note in found)


RULE = '{ tool = "project:acme.rules/*", action = "deny", when = "depth < 0" }'
HOOK = """[[hook]]
name = "no-ci"
on = "tool.before"
power = "deny"
when = "depth >= 0"
message = "no"
"""


def test_rules_and_hooks_are_looked_at(tmp_path: Path) -> None:
    files = {
        "plugins/rules/plugin.toml": plugin("acme.rules", kind="declarative", tools=(), more=HOOK),
        "profiles/lead.toml": profile("lead", parts=[f"[permissions]\nrules = [{RULE}]"]),
        "profiles/aide.toml": profile("aide", parts=[]).replace("[scope]", 'extends = "lead"\n[scope]'),
    }
    one = setting(tmp_path, files)
    assert [note.message for note in warnings(one, "vacuous-condition")] == [
        "`depth >= 0` narrows nothing of the hook `no-ci`: it holds in every context",
        "this `deny` rule does nothing: `depth < 0` holds in no context",
    ]


def test_the_place_is_the_entry(tmp_path: Path) -> None:
    one = desk(tmp_path, "depth < 0")
    (found,) = said(one, "vacuous-condition")
    assert found[1] == '{ action = "fs.read", on = ["/a/**"], when = "depth < 0" }'
