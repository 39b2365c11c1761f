"""Roots and sources: what a workspace may call its own, and what it may name outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.workspaces import PLUGIN, PROFILE, WORKSPACE, load, problems, write


def rooted(line: str) -> str:
    """A workspace with one root, on line 7."""
    return WORKSPACE.replace('workspace = "."', line)


def test_a_root_is_a_real_absolute_path(tmp_path: Path) -> None:
    (tmp_path / "out/data").mkdir(parents=True)
    (tmp_path / "link").symlink_to("out")
    workspace = load(tmp_path / "desk", {"capwright.toml": rooted('data = "../link/data"')})
    assert workspace.roots == {
        "data": str(tmp_path / "out/data"),
        "workspace": str(tmp_path / "desk"),
    }


def test_the_workspace_root_may_be_narrower(tmp_path: Path) -> None:
    files = {"capwright.toml": rooted('workspace = "src"'), "src/x": ""}
    assert load(tmp_path, files).roots == {"workspace": str(tmp_path / "src")}


@pytest.mark.parametrize("text", ["..", "/", "/etc", "src"])
def test_the_workspace_root_never_lies_outside(tmp_path: Path, text: str) -> None:
    """Else `${workspace}` in a manifest would be whatever a cloned repository likes."""
    root = tmp_path / "desk"
    root.mkdir()
    (root / "src").symlink_to("/usr")
    assert problems(root, {"capwright.toml": rooted(f'workspace = "{text}"')}) == (
        "capwright.toml:7:13: the root `workspace` must not lie outside the folder of `capwright.toml`"
        ' (write `"."`, and use another name for this folder)\n'
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("none", "`none` does not exist (make the folder, or correct the path)"),
        ("loop", "`loop` is a loop of symbolic links (make the folder, or correct the path)"),
        ("capwright.toml", "`capwright.toml` is not a folder (make the folder, or correct the path)"),
    ],
)
def test_a_root_must_be_a_folder(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert problems(tmp_path, {"capwright.toml": rooted(f'data = "{text}"')}) == (
        f"capwright.toml:7:8: {problem}\n"
    )


def sourced(tier: str, path: str) -> str:
    """A workspace with one source, its path on line 10."""
    return WORKSPACE.replace('"project"', f'"{tier}"').replace('"plugins"', f'"{path}"')


@pytest.mark.parametrize("path", ["../out", "${data}"])
def test_a_user_source_may_lie_outside(tmp_path: Path, path: str) -> None:
    write(tmp_path / "out", {"a/plugin.toml": PLUGIN})
    (tmp_path / "alias").symlink_to("out")
    text = sourced("user", path).replace('workspace = "."', 'data = "../alias"')
    workspace = load(tmp_path / "desk", {"capwright.toml": text})
    (plugin,) = workspace.plugins
    assert (plugin.identity, plugin.folder) == ("user:acme.notes", tmp_path / "out/a")
    assert plugin.document.file == str(tmp_path / "out/a/plugin.toml")
    assert not workspace.sources[0].inside
    assert [file.path for file in workspace.inputs] == [str(tmp_path / "out/a/plugin.toml"), "capwright.toml"]


def test_a_source_of_a_higher_tier_inside_the_workspace_says_that_it_is_inside(tmp_path: Path) -> None:
    """The workspace's author wrote it, whatever tier it claims; a check decides what that means."""
    (source,) = load(tmp_path, {"capwright.toml": sourced("builtin", "plugins")}).sources
    assert (source.tier, source.inside) == ("builtin", True)


def test_a_link_from_outside_leads_inside(tmp_path: Path) -> None:
    root = write(tmp_path / "desk", {"capwright.toml": sourced("user", "../link")})
    (tmp_path / "link").symlink_to(root / "plugins")
    assert load(root, {"capwright.toml": sourced("user", "../link")}).sources[0].inside


@pytest.mark.parametrize("path", ["..", "/etc", "../desk-2", "plugins/../.."])
def test_a_project_source_lies_inside(tmp_path: Path, path: str) -> None:
    assert problems(tmp_path / "desk", {"capwright.toml": sourced("project", path)}) == (
        f"capwright.toml:10:8: `{path}` lies outside the workspace (move the folder into the workspace)\n"
    )


def test_a_source_is_named_once(tmp_path: Path) -> None:
    text = WORKSPACE + '[[source]]\ntier = "project"\npath = "./plugins/"\n'
    assert problems(tmp_path, {"capwright.toml": text}) == (
        "capwright.toml:14:8: `./plugins/` is a source already (remove one of the two entries)\n"
    )


def test_a_source_of_an_unknown_root(tmp_path: Path) -> None:
    assert problems(tmp_path, {"capwright.toml": sourced("user", "${dat}/x")}) == (
        "capwright.toml:10:9: unknown root `dat` (the only known name is `workspace`)\n"
    )


def test_what_uses_a_root_or_a_source_that_is_not_there_is_no_second_problem(tmp_path: Path) -> None:
    text = WORKSPACE.replace('workspace = "."', 'data = "none"').replace('"plugins"', '"plugin"')
    uses = (
        PROFILE
        + """\
scope.allow = [{ action = "fs.read", on = ["${data}/**"] }]
[[enable]]
plugin = "project:acme.notes"
lend = [{ to = "project:b", action = "fs.read", on = ["/x"] }]
"""
    )
    assert problems(tmp_path, {"capwright.toml": text, "profiles/lead.toml": uses}) == (
        "capwright.toml:7:8: `none` does not exist (make the folder, or correct the path)\n"
        "capwright.toml:10:8: `plugin` does not exist (create it, or correct the path)\n"
    )


def test_a_root_that_no_pattern_can_name_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "a\nb").mkdir()
    text = rooted('data = "a\\nb"') + '[sets.x]\nallow = [{ action = "fs.read", on = ["${data}/**"] }]\n'
    assert problems(tmp_path, {"capwright.toml": text}) == (
        "capwright.toml:7:8: no pattern can name `ROOT/a\nb`: the path holds a control character"
        " (rename the folder)\n"
    )


@pytest.mark.parametrize("name", ["a\nb", "a\udcffb"])
def test_a_workspace_that_no_pattern_can_name_is_told_once(tmp_path: Path, name: str) -> None:
    root = write(tmp_path / name, {})
    assert problems(root, {}).startswith("ROOT: no pattern can name what is in the workspace: ")
    assert problems(root, {}).count("no pattern") == 1
