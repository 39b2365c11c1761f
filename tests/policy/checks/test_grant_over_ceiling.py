"""`grant-over-ceiling`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting, holders, host_ceiling, origin
from tests.support.checking import HOST, allows, check, enable, marked, mended, plugin, profile, setting
from tests.support.workspaces import WORKSPACE

ID = "grant-over-ceiling"
LEAD = "profiles/lead.toml"
ALL_OF_OTHER_TIERS = "".join(
    f"[ceiling.{tier}]\nallow = [{allows('fs.read', '/**')}]\n" for tier in ("user", "builtin")
)


def desk(tmp_path: Path, grant: str, *, workspace: str = WORKSPACE, host: str | None = HOST) -> Setting:
    files = {
        "capwright.toml": workspace,
        "plugins/notes/plugin.toml": plugin("acme.notes"),
        LEAD: profile("lead", parts=[enable("project:acme.notes", grant)]),
    }
    return setting(tmp_path, files, host=host)


def test_both_ceilings_are_told_apart(tmp_path: Path) -> None:
    """Over the workspace's and over the host's: two findings, each with the ceiling's own place."""
    ceiling = f"[ceiling.project]\nallow = [{allows('fs.read', '/a')}]\n"
    host = HOST.replace('{ action = "fs.read", on = ["/**"] },', '{ action = "fs.read", on = ["/b"] },')
    one = desk(tmp_path, allows("fs.read", "/c"), workspace=WORKSPACE + ceiling, host=host)
    found = check(ID, one).findings
    assert [f.message for f in found] == [
        "`lead` grants `project:acme.notes` more than the ceiling of tier `project`",
        "`lead` grants `project:acme.notes` more than the ceiling of tier `project` in the host policy",
    ]
    assert [f.related[0].span.file for f in found] == ["capwright.toml", str(tmp_path / "host.toml")]
    assert marked(found[0].span, one) == '"/c"'


def test_a_tier_that_the_host_does_not_name_may_do_nothing(tmp_path: Path) -> None:
    host = HOST.replace("[ceiling.project]", "[ceiling.user]")
    result = check(ID, desk(tmp_path, allows("fs.read", "/a"), host=host))
    assert result.verdict is Verdict.REFUTED


def test_the_host_policy_is_under_its_own_workspace_root(tmp_path: Path) -> None:
    """`${workspace}` of the host policy is the folder of `capwright.toml`, whatever the document says."""
    workspace = WORKSPACE.replace('workspace = "."', 'workspace = "plugins"\nall = "."')
    host = HOST.replace(
        'on = ["/**"] },\n  { action = "fs.write"', 'on = ["${workspace}/**"] },\n  { action = "fs.write"'
    )
    one = desk(tmp_path, allows("fs.read", "${all}/README"), workspace=workspace, host=host)
    assert check(ID, one).verdict is Verdict.PROVED


def test_an_edit_writes_the_hosts_patterns_for_this_workspace(tmp_path: Path) -> None:
    """A root of the host policy is none of the workspace's: the edit spells the path out."""
    (tmp_path / "shared").mkdir(parents=True)
    host = HOST.replace(
        '{ action = "fs.read", on = ["/**"] }', '{ action = "fs.read", on = ["${shared}/docs/**"] }'
    )
    host = host.replace("[ceiling.project]", f'[roots]\nshared = "{tmp_path}/shared"\n[ceiling.project]')
    one = desk(tmp_path, allows("fs.read", "/**"), host=host)
    (finding,) = check(ID, one).findings
    assert f'on = ["{tmp_path}/shared/docs/**"]' in mended(finding, one, LEAD)


class TestOrigin:
    """Decision 7: the host believes a tier only of what lies in `plugins/TIER` beside its own policy."""

    def desk(self, tmp_path: Path, tier: str, path: str, *, host: str | None = HOST) -> Setting:
        claimed = f'tier = "{tier}"\npath = "{path}"'
        (tmp_path / "desk" / path / "notes").mkdir(parents=True)
        files = {
            "capwright.toml": WORKSPACE.replace('tier = "project"\npath = "plugins"', claimed),
            f"{path}/notes/plugin.toml": plugin("acme.notes"),
            LEAD: profile("lead", parts=[enable(f"{tier}:acme.notes", allows("fs.read", "/etc/hosts"))]),
        }
        return setting(tmp_path, files, host=host)

    @pytest.mark.parametrize("tier", ["builtin", "user"])
    @pytest.mark.parametrize("path", ["plugins", "../elsewhere", "../plugins", "../plugins/user-old"])
    def test_elsewhere_is_project(self, tmp_path: Path, tier: str, path: str) -> None:
        """Inside the workspace, and in a folder of the same repository outside of it."""
        host = HOST.replace('"fs.read", on = ["/**"]', '"fs.read", on = ["/nothing"]') + ALL_OF_OTHER_TIERS
        one = self.desk(tmp_path, tier, path, host=host)
        (holder,) = holders(one)
        assert holder.plugin.tier == tier
        assert origin(one, holder.plugin) == "project"
        assert host_ceiling(one, holder) == one.host.ceilings["project"]
        assert check(ID, one).verdict is Verdict.REFUTED

    @pytest.mark.parametrize("tier", ["builtin", "user"])
    def test_beside_the_host_policy_is_what_it_claims(self, tmp_path: Path, tier: str) -> None:
        host = HOST.replace('"fs.read", on = ["/**"]', '"fs.read", on = ["/nothing"]') + ALL_OF_OTHER_TIERS
        one = self.desk(tmp_path, tier, f"../plugins/{tier}", host=host)
        assert origin(one, one.workspace.plugins[0]) == tier
        assert check(ID, one).verdict is Verdict.PROVED

    def test_another_tier_than_the_folders_is_not_believed(self, tmp_path: Path) -> None:
        one = self.desk(tmp_path, "builtin", "../plugins/user", host=HOST + ALL_OF_OTHER_TIERS)
        assert origin(one, one.workspace.plugins[0]) == "project"

    def test_a_policy_that_is_no_file_believes_nobody(self, tmp_path: Path) -> None:
        one = self.desk(tmp_path, "builtin", "../plugins/builtin", host=None)
        assert origin(one, one.workspace.plugins[0]) == "project"
