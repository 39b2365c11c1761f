"""`policy-write`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.setting import Setting
from tests.support.checking import HOST, allows, check, enable, marked, mended, plugin, profile, setting
from tests.support.workspaces import WORKSPACE

ID = "policy-write"
LEAD = "profiles/lead.toml"


def decided(tmp_path: Path, *scope: str) -> CheckResult:
    return check(ID, setting(tmp_path, {LEAD: profile("lead", *scope)}))


@pytest.mark.parametrize(
    "pattern",
    [
        "${workspace}/capwright.toml",
        "${workspace}/*.toml",
        "${workspace}/.capwright/proof.json",
        "${workspace}/.capwright",
        "${workspace}/plugins/acme.notes/plugin.toml",
        "${workspace}/plugins/new/plugin.toml",
        "${workspace}/profiles/new.toml",
        "${workspace}/pro?iles/*",
        "**/hooks/*",
        "${workspace}/.git",
        "${workspace}/.git/config.worktree",
        "${workspace}/sub/.git/modules/x/hooks/post-checkout",
        "${workspace}/.claude/settings.local.json",
        "${workspace}/.mcp.json",
        "${workspace}/docs/CLAUDE.md",
        "${workspace}/.vscode/tasks.json",
        "${workspace}/.github/workflows/ci.yml",
        "/home/*/.bashrc",
        "/home/anna/.ssh/authorized_keys",
        "/home/anna/.config/capwright/host.toml",
        "/home/anna/.local/state/capwright/trusted.json",
        "/root/.z*",
        "/root/.kshrc",
        "/root/.cshrc",
        "/root/.tcshrc",
        "/root/.login",
        "/root/.xprofile",
        "/root/.inputrc",
        "/root/.vimrc",
        "${workspace}/.exrc",
        "/root/.vim/plugin/x.vim",
        "/root/.emacs",
        "/root/.emacs.d/init.el",
        "${workspace}/.devcontainer/devcontainer.json",
        "${workspace}/.devcontainer.json",
        "${workspace}/.zed/tasks.json",
        "${workspace}/.windsurfrules",
        "${workspace}/.windsurf/rules/x.md",
        "${workspace}/opencode.json",
        "${workspace}/opencode.jsonc",
        "${workspace}/.clinerules",
        "${workspace}/.clinerules/x.md",
        "${workspace}/.kiro/hooks/x",
        "${workspace}/.roo/mcp.json",
        "${workspace}/.continue/config.yaml",
        "${workspace}/.aider.conf.yml",
        "${workspace}/lefthook.yml",
        "${workspace}/.lefthook.yml",
        "${workspace}/.gitattributes",
        "${workspace}/mise.toml",
        "${workspace}/.mise.toml",
        "${workspace}/.tool-versions",
        "${workspace}/.npmrc",
        "${workspace}/.yarnrc",
        "${workspace}/.yarnrc.yml",
        "${workspace}/.pnpmfile.cjs",
        "${workspace}/.venv/lib/python3.12/site-packages/x.pth",
        "${workspace}/src/sitecustomize.py",
        "${workspace}/src/usercustomize.py",
        "/etc/profile.d/x.sh",
        "/**",
    ],
)
@pytest.mark.parametrize("action", ["fs.write", "fs.delete"])
def test_what_governs_may_not_be_written(tmp_path: Path, action: str, pattern: str) -> None:
    assert decided(tmp_path, allows(action, pattern)).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "pattern",
    [
        "${workspace}/docs/a.md",
        "${workspace}/docs/[a-z]*.txt",
        "${workspace}/plugins-old/a",
        "${workspace}/profile",
        "${workspace}/git/config",
        "/home/anna/notes.txt",
        "/tmp/bashrc",
        "${workspace}/package.json",
        "${workspace}/pnpm-workspace.yaml",
        "${workspace}/src/customize.py",
    ],
)
def test_what_only_looks_like_it_may(tmp_path: Path, pattern: str) -> None:
    assert decided(tmp_path, allows("fs.write", pattern)).verdict is Verdict.PROVED


def test_reading_what_governs_is_nothing_to_prove(tmp_path: Path) -> None:
    assert decided(tmp_path, allows("fs.read", "/**")).verdict is Verdict.VACUOUS


def test_a_condition_that_never_holds_writes_nothing(tmp_path: Path) -> None:
    never = allows("fs.write", "/**", more='when = "approved && !approved"')
    assert decided(tmp_path, never).verdict is Verdict.PROVED


@pytest.mark.parametrize("name", ["a[b]c", "wild*card", "que?stion", "with space", "back\\slash"])
def test_a_folder_of_any_name_is_protected(tmp_path: Path, name: str) -> None:
    """The workspace may lie in a folder whose name looks like a pattern: it is that folder which counts."""
    scope = [allows("fs.write", "${workspace}/capwright.toml"), allows("fs.write", "${workspace}/docs/a.txt")]
    result = check(ID, setting(tmp_path / name, {LEAD: profile("lead", *scope)}))
    found = [f.counterexample.resource for f in result.findings if f.counterexample]
    assert found == [str(tmp_path / name / "desk" / "capwright.toml")]


def test_sources_and_profiles_are_protected_where_they_are(tmp_path: Path) -> None:
    workspace = (
        WORKSPACE.replace('path = "plugins"', 'path = "parts/tools"') + '[profiles]\npath = "agents"\n'
    )
    files = {
        "capwright.toml": workspace,
        "parts/tools/README": "",
        "agents/lead.toml": profile(
            "lead", allows("fs.write", "${workspace}/agents/x.toml", "${workspace}/parts/tools/x")
        ),
    }
    (finding,) = check(ID, setting(tmp_path, files)).findings
    assert "`${workspace}/agents/**`" in finding.help
    assert "`${workspace}/parts/tools/**`" in finding.help


def test_the_host_policy_is_protected_where_it_is(tmp_path: Path) -> None:
    one = setting(tmp_path, {LEAD: profile("lead", allows("fs.write", f"{tmp_path}/*.toml"))}, host=HOST)
    (finding,) = check(ID, one).findings
    assert "it governs every workspace" in finding.message


def test_programs_that_servers_run_are_protected(tmp_path: Path) -> None:
    """Named by their path: the program, and the scripts among its arguments; what is data stays data."""
    server = plugin("acme.notes").replace(
        'command = ["server"]',
        'command = ["${workspace}/bin/run", "${workspace}/lib/main.py", "--data", "${workspace}/data"]',
    )
    files = {
        "plugins/notes/plugin.toml": server,
        LEAD: profile(
            "lead",
            allows("fs.write", "${workspace}/bin/run"),
            allows("fs.write", "${workspace}/lib/*"),
            allows("fs.write", "${workspace}/data/a.txt"),
        ),
    }
    one = setting(tmp_path, files)
    found = check(ID, one).findings
    assert [marked(finding.span, one) for finding in found] == [
        '"${workspace}/bin/run"',
        '"${workspace}/lib/*"',
    ]
    assert all("a server of this workspace runs it" in f.message for f in found[:1])


def test_calling_what_changes_policy(tmp_path: Path) -> None:
    result = decided(tmp_path, allows("tool.call", "builtin:*/**"), allows("tool.call", "builtin:shell/**"))
    found = [f.counterexample.effect for f in result.findings if f.counterexample]
    assert found == ["tool.call:builtin:capwright/a"]


def edited(one: Setting, tmp_path: Path) -> CheckResult:
    """The check once more, after the edits of all its findings."""
    for finding in check(ID, one).findings:
        text = mended(finding, one, LEAD)
    return check(ID, setting(tmp_path / "again", {LEAD: text}))


def test_the_edit_of_a_whole_workspace_is_decided(tmp_path: Path) -> None:
    """Whatever governs, excepted in one list: exact, and no matter how they overlap."""
    one = setting(tmp_path, {LEAD: profile("lead", allows("fs.write", "${workspace}/**"))})
    assert edited(one, tmp_path).verdict is Verdict.PROVED


def test_exceptions_that_are_there_are_kept(tmp_path: Path) -> None:
    scope = allows("fs.write", "${workspace}/.claude/*", more='except = ["${workspace}/.claude/a"]')
    one = setting(tmp_path, {LEAD: profile("lead", scope)})
    assert edited(one, tmp_path).verdict is Verdict.PROVED


def test_a_set_is_not_edited_for_one_of_its_users(tmp_path: Path) -> None:
    """A set is others' too, ceilings among them: the finding points there, and changes nothing."""
    workspace = f"{WORKSPACE}[sets.work]\nallow = [{allows('fs.write', '${workspace}/**')}]\n"
    one = setting(tmp_path, {"capwright.toml": workspace, LEAD: profile("lead", '{ set = "work" }')})
    (finding,) = check(ID, one).findings
    assert finding.span.file == "capwright.toml"
    assert finding.edits == ()


def test_a_grant_is_told_beside_the_scope(tmp_path: Path) -> None:
    wide = allows("fs.write", "${workspace}/.git/config")
    files = {
        "plugins/notes/plugin.toml": plugin("acme.notes"),
        LEAD: profile("lead", wide, parts=[enable("project:acme.notes", wide)]),
    }
    found = check(ID, setting(tmp_path, files)).findings
    assert [finding.subject for finding in found] == ["lead", "lead/project:acme.notes"]


def test_no_plugin_rewrites_the_program_of_another(tmp_path: Path) -> None:
    """The attack: a script without a suffix, which one server runs and another plugin may write."""
    trusted = plugin("acme.trusted").replace('"server"', '"python3", "${workspace}/tools/runner"')
    write = allows("fs.write", "${workspace}/tools/runner")
    files = {
        "plugins/trusted/plugin.toml": trusted,
        "plugins/evil/plugin.toml": plugin("acme.evil"),
        LEAD: profile(
            "lead", write, parts=[enable("project:acme.trusted"), enable("project:acme.evil", write)]
        ),
    }
    found = check(ID, setting(tmp_path, files)).findings
    assert [finding.subject for finding in found] == ["lead", "lead/project:acme.evil"]
    assert all("a server of this workspace runs it" in finding.message for finding in found)


def test_the_fix_of_a_whole_workspace_can_be_read(tmp_path: Path) -> None:
    one = setting(tmp_path, {LEAD: profile("lead", allows("fs.write", "${workspace}/**"))})
    (finding,) = check(ID, one).findings
    assert "`**/.*/**`" in finding.help
    assert finding.help.count("`, `") < 20
