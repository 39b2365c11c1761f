"""Warnings about patterns that read like prefixes."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_registry.doubts import doubts
from capwright_registry.workspace import load_workspace
from tests.support.workspaces import PROFILE, load, shown

EXAMPLES = Path("specs/examples")


def told(root: Path, *patterns: str, action: str = "net.http") -> str:
    lines = "".join(f'  {{ action = "{action}", on = ["{pattern}"] }},\n' for pattern in patterns)
    workspace = load(root, {"profiles/lead.toml": f"{PROFILE}[scope]\nallow = [\n{lines}]\n"})
    return shown(doubts(workspace), root)


def test_a_version_beside_a_neighbour_that_begins_with_it(tmp_path: Path) -> None:
    assert told(tmp_path, "GET https://h/v1", "GET https://h/v1evil") == (
        "profiles/lead.toml:5:32: `GET https://h/v1` is that one resource: it matches nothing below it, "
        "and not `https://h:443/v1evil` (write `GET https://h/v1/**` for it and all that is below; "
        "or leave it, if just this one is meant)\n"
    )


@pytest.mark.parametrize("other", ["* https://h/v1/users", "POST https://h/v1evil/**", "GET https://h/v1*"])
def test_other_neighbours(tmp_path: Path, other: str) -> None:
    assert told(tmp_path, other, "GET https://h/v1").startswith(
        "profiles/lead.toml:6:32: `GET https://h/v1` is"
    )


@pytest.mark.parametrize(
    "patterns",
    [
        ("GET https://h/v1", "GET https://h/v1/**"),
        ("GET https://h/v1/**", "GET https://h/v1evil"),
        ("GET https://h/v1", "GET https://other/v1evil"),
        ("GET https://h/v1", "GET https://h/v2"),
        ("GET https://h/v1", "POST https://h/v1"),
    ],
)
def test_what_is_clear_is_not_warned_about(tmp_path: Path, patterns: tuple[str, ...]) -> None:
    assert told(tmp_path, *patterns) == ""


def test_a_whole_tree_elsewhere_makes_a_lone_place_no_clearer(tmp_path: Path) -> None:
    """The scope has `/v1/**`, and the grant `/v1`: beside `/v1evil` that is hardly meant."""
    told_ = told(tmp_path, "GET https://h/v1/**", "GET https://h/v1evil", "GET https://h/v1")
    assert "`GET https://h/v1` is that one resource" in told_


def test_both_in_one_list_are_written_out(tmp_path: Path) -> None:
    lists = '["GET https://h/v1", "GET https://h/v1/**", "GET https://h/v1evil"]'
    scope = f'[scope]\nallow = [{{ action = "net.http", on = {lists} }}]\n'
    workspace = load(tmp_path, {"profiles/lead.toml": f"{PROFILE}{scope}"})
    assert doubts(workspace) == ()


def test_a_neighbour_that_sorts_in_between_hides_none(tmp_path: Path) -> None:
    said = told(tmp_path, "/q/v1.2", "/q/v1.2-beta", "/q/v1.2/users", action="fs.delete")
    assert "`/q/v1.2` is that one resource: it matches nothing below it, and not `/q/v1.2/users`" in said


def test_spaces_part_nothing_in_a_path(tmp_path: Path) -> None:
    assert told(tmp_path / "a", "/a x/v1", "/b x/v1evil", action="fs.read") == ""
    said = told(tmp_path / "b", "/a b/v1", "/a b/v1/sub dir/x", action="fs.read")
    assert "and not `/a b/v1/sub dir/x`" in said


@pytest.mark.parametrize("pattern", ["**/*.{pem,key}", "/a/{b,c}/**", "/a/x{1,2}"])
def test_braces_are_not_expanded_and_that_is_told(tmp_path: Path, pattern: str) -> None:
    assert f"`{pattern}` holds braces, which stand for themselves" in told(
        tmp_path, pattern, action="fs.read"
    )


@pytest.mark.parametrize("pattern", ["${workspace}/a", "/a/[{]b,c}", "/a/{b}", "/a/{b/c,d}"])
def test_braces_that_no_glob_would_expand(tmp_path: Path, pattern: str) -> None:
    assert told(tmp_path, pattern, action="fs.read") == ""


def test_a_network_in_a_url_is_a_host_and_a_path(tmp_path: Path) -> None:
    assert "write `[10.0.0.0/8]:8080` for the network" in told(tmp_path, "GET http://10.0.0.0:8080/8/v1")
    for clear in ("GET http://[10.0.0.0/8]/8/v1", "GET http://10.0.0.0/33/v1", "GET http://h/8"):
        assert told(tmp_path / clear[-4:].replace("/", "_"), clear) == ""


def test_folders_of_a_file_system(tmp_path: Path) -> None:
    assert "`/srv/notes` is that one resource" in told(
        tmp_path, "/srv/notes", "/srv/notes/private/**", action="fs.read"
    )
    assert told(tmp_path, "/srv/a.py", "/srv/a.pyc", action="fs.read") == ""


@pytest.mark.parametrize("name", ["notes-desk", "notes-desk-escalated"])
def test_the_examples_raise_no_doubt(name: str) -> None:
    assert doubts(load_workspace(EXAMPLES / name)) == ()
