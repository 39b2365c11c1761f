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


def test_folders_of_a_file_system(tmp_path: Path) -> None:
    assert "`/srv/notes` is that one resource" in told(
        tmp_path, "/srv/notes", "/srv/notes/private/**", action="fs.read"
    )
    assert told(tmp_path, "/srv/a.py", "/srv/a.pyc", action="fs.read") == ""


@pytest.mark.parametrize("name", ["notes-desk", "notes-desk-escalated"])
def test_the_examples_raise_no_doubt(name: str) -> None:
    assert doubts(load_workspace(EXAMPLES / name)) == ()
