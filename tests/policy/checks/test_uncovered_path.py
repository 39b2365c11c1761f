"""`uncovered-path`: what its vectors cannot say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.setting import Setting
from capwright_registry.clients.places import PLACES, Place
from capwright_registry.errors import InputError
from tests.support.checking import HOST, check, marked, mended, profile, setting
from tests.support.workspaces import WORKSPACE

ID = "uncovered-path"
LETTING = HOST + '[accepted]\nproject = ["uncovered-path"]\n'
SERVER = {"command": "npx", "args": ["mail@1.2.3"]}


def desk(tmp_path: Path, file: str, content: object, *, host: str = HOST, more: str = "") -> Setting:
    """A workspace with one file of another client's; `content` is JSON, but for a text."""
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    files = {"capwright.toml": WORKSPACE + more, "profiles/lead.toml": profile("lead"), file: text}
    return setting(tmp_path, files, host=host)


def decided(tmp_path: Path, file: str, content: object) -> CheckResult:
    return check(ID, desk(tmp_path, file, content))


def loading(place: Place) -> list[tuple[str, str]]:
    """Contents in which one key of the place loads something, each with what that is called."""
    if place.form == "folder":
        return [("anything", f"{place.path}/x.md")]
    found = []
    for key in place.keys:
        own: object = {"command": "x"} if key.whole else {"it": True if key.kind == "plugin" else {"a": "b"}}
        for name in reversed(key.path):
            own = {name: own}
        text = json.dumps(own)
        if place.form == "toml":
            text = _toml(key.path, whole=key.whole)
        found.append((text, key.path[-1] if key.whole else "it"))
    return found


def _toml(path: tuple[str, ...], *, whole: bool) -> str:
    return f'{".".join(path)} = ["x"]' if whole else f'[{".".join((*path, "it"))}]\na = "b"'


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_each_place_is_read(tmp_path: Path, place: Place) -> None:
    """For every key that is listed: what stands there is found, and called by its name."""
    for number, (text, name) in enumerate(loading(place)):
        file = f"{place.path}/x.md" if place.form == "folder" else place.path
        (finding,) = decided(tmp_path / str(number), file, text).findings
        assert f"{place.client} loads " in finding.message
        assert f"`{name}`" in finding.message


@pytest.mark.parametrize(
    ("file", "content", "names"),
    [
        (".mcp.json", {"mcpServers": {"a": SERVER}, "b": SERVER, "version": 1}, ["a", "b"]),
        (".mcp.json", {"mcpServers": {}, "$schema": "x"}, []),
        (".mcp.json", {"mcpServers": "elsewhere.json"}, ["mcpServers"]),
        (".mcp.json", {"mcpServers": [SERVER]}, ["{'command': 'npx', 'args': ['mail@1.2.3']}"]),
        (".mcp.json", {"mcpServers": {"a": {**SERVER, "disabled": True}}}, ["a"]),
        (".claude/settings.json", {"hooks": {"Stop": []}, "statusLine": None}, []),
        (".claude/settings.json", {"enabledPlugins": {"a@b": True, "c@d": False}}, ["a@b"]),
        (".claude/settings.json", {"env": {"hooks": {"Stop": [1]}}}, []),
        ("opencode.json", {"plugin": ["file://x.mjs"], "mcp": {}}, ["file://x.mjs"]),
        (".vscode/settings.json", "", []),
        (".codex/config.toml", "[agents]\nmax_threads = 6\n", []),
        (".claude/agents/.hidden.md", "x", []),
        (".claude/agents", "a file, which nobody reads", []),
    ],
)
def test_what_is_loaded(tmp_path: Path, file: str, content: object, names: list[str]) -> None:
    found = decided(tmp_path, file, content).findings
    assert [finding.message.split("`")[1] for finding in found] == names


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (".mcp.json", "{", "not JSON"),
        (".mcp.json", '{ "mcpServers": {}, "mcpServers": {} }', "stands twice in one object"),
        (".mcp.json", "// mine\n{}", "not JSON"),
        (".mcp.json", "[]", "the file is no JSON object"),
        (".vscode/mcp.json", '{ "servers": { /* }', "not JSON"),
        (".codex/config.toml", "a = ", "invalid value"),
        (".codex/config.toml", "a = 1\na = 2", "cannot overwrite a value"),
    ],
)
def test_a_file_that_says_nothing_with_one_meaning(tmp_path: Path, file: str, text: str, told: str) -> None:
    """What a client makes of it nobody can tell, so there is no verdict at all."""
    with pytest.raises(InputError) as caught:
        desk(tmp_path, file, text)
    (problem,) = caught.value.problems
    assert problem.span.file == file
    assert told in problem.message


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    one = desk(tmp_path, "elsewhere/settings.json", {})
    (one.workspace.root / ".claude").symlink_to("elsewhere")
    with pytest.raises(InputError, match=r"`\.claude` is a symbolic link, which is not followed"):
        check(ID, setting(tmp_path, {"other": ""}))


def test_the_place_is_marked_among_comments(tmp_path: Path) -> None:
    text = '{ // "servers": {}\n  "servers": {\n    /* é */ "docs": { "url": "https://x/*" },\n  }, }'
    one = desk(tmp_path, ".vscode/mcp.json", text)
    (finding,) = check(ID, one).findings
    assert (finding.span.line, marked(finding.span, one)) == (3, '"docs"')


def test_the_edit_takes_on_what_is_there_and_nothing_else(tmp_path: Path) -> None:
    """A server that gets another command under its old name was not agreed to (CVE-2025-54136)."""
    one = desk(tmp_path, ".cursor/mcp.json", {"mcpServers": {"mail": SERVER}}, host=LETTING)
    (finding,) = check(ID, one).findings
    text = mended(finding, one, "capwright.toml").replace('reason = ""', 'reason = "tried"')
    accept = text.removeprefix(WORKSPACE)
    content = {"mcpServers": {"mail": SERVER}}
    again = desk(tmp_path / "again", ".cursor/mcp.json", content, host=LETTING, more=accept)
    assert check(ID, again).verdict is Verdict.PROVED
    content = {"mcpServers": {"mail": {**SERVER, "args": ["mail@1.2.4"]}}}
    changed = desk(tmp_path / "changed", ".cursor/mcp.json", content, host=LETTING, more=accept)
    with pytest.raises(InputError, match=r"there is nothing called `\.cursor/mcp\.json#mcpServers\.mail@"):
        check(ID, changed)


def test_a_workspace_may_not_take_it_on_by_itself(tmp_path: Path) -> None:
    one = desk(tmp_path, ".mcp.json", {"mcpServers": {"mail": SERVER}})
    (finding,) = check(ID, one).findings
    assert finding.edits == ()
    assert finding.help.endswith("the host policy does not let this tier take it on by name")


@pytest.mark.parametrize("name", ["\ud800", "a.b", "x" * 5000, "a/b:c", "\u202e", ""])
def test_names_are_whatever_they_are(tmp_path: Path, name: str) -> None:
    """A counterexample of each replays, and its subject can stand in a proof."""
    (finding,) = decided(tmp_path, ".mcp.json", {"mcpServers": {name: SERVER}}).findings
    assert len(finding.subject.encode()) < 200


def test_two_of_one_shown_name_are_told_apart(tmp_path: Path) -> None:
    names = ["x" * 100 + end for end in "ab"]
    found = decided(tmp_path, ".mcp.json", {"mcpServers": dict.fromkeys(names, SERVER)}).findings
    assert len({finding.subject for finding in found}) == 2
