"""Design 8: "What a target cannot express is said, never dropped": of what a server was granted too."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.inexpressible import inexpressible
from capwright_policy.setting import Setting
from tests.support.checking import allows, enable, plugin, profile, request, setting


def desk(tmp_path: Path, more: str, kind: str = "mcp", sandbox: str = "bubblewrap") -> Setting:
    reads = allows("fs.read", "/a/**", more=more)
    files: dict[str, str | bytes] = {
        "plugins/git/plugin.toml": plugin("acme.git", request("fs.read", "/a/**"), kind=kind),
        "plugins/git/plugin.wasm": b"",
        "profiles/lead.toml": profile(
            "lead", allows("fs.read", "/**"), parts=[enable("project:acme.git", reads)]
        ),
    }
    return setting(tmp_path, files, sandbox=sandbox)


@pytest.mark.parametrize("more", ["when = \"mode != 'ci'\"", "until = 2030-01-01"])
def test_a_grant_that_holds_only_at_times_is_said_to_be_not_given(tmp_path: Path, more: str) -> None:
    (note,) = inexpressible(desk(tmp_path, more))
    assert (note.code, note.subject) == ("not-in-sandbox", "lead/project:acme.git")
    assert note.message == "in its sandbox, `fs.read` on `/a/**` holds only at times, so it is not bound"
    assert (note.span.file, note.span.line) == ("profiles/lead.toml", 7)


def test_what_can_be_expressed_is_no_note(tmp_path: Path) -> None:
    assert list(inexpressible(desk(tmp_path, "optional = false"))) == []


def test_a_folder_that_is_shown_as_a_copy_is_a_note(tmp_path: Path) -> None:
    (note,) = inexpressible(desk(tmp_path, 'except = ["/a/b/**"]'))
    assert "something in `/a` is excepted" in note.message


@pytest.mark.parametrize(("kind", "sandbox"), [("wasm", "bubblewrap"), ("mcp", "none")])
def test_without_a_sandbox_it_loses_nothing(tmp_path: Path, kind: str, sandbox: str) -> None:
    assert list(inexpressible(desk(tmp_path, "until = 2030-01-01", kind, sandbox))) == []
