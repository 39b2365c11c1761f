"""Step 11: what runs in a plugin's name is what the manifest in its folder says.

The plugins are the user's own, beside the host policy, and the host lets them do more than the workspace's:
the prize of a forged proof in which something else runs under their name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from capwright_runtimes.refusal import Refused
from tests.runtimes.forging import Body, Scene, host, rebound, scene, table
from tests.support.checking import allows, enable, profile, request
from tests.support.pinning import pins_of
from tests.support.proofs import COMPONENT
from tests.support.workspaces import WORKSPACE

NOTES, GIT, RULES = "user:acme.notes", "user:acme.git", "user:acme.rules"
HEAD = 'schema = "capwright.plugin/1"\nid = "{}"\nversion = "1.2"\napi = ">=1.2,<2"\n[runtime]\n'
TOOL = """\
[[tool]]
name = "search"
description = "Search"
input = { type = "object", properties = { path = { type = "string" } } }
effects = [{ action = "fs.read", from = "/path" }]
[[requires]]
"""
ASKS = TOOL + request("fs.read", "/srv/**")
HOOK = """\
[[hook]]
name = "short"
on = "tool.before"
match = "user:acme.git/*"
power = "rewrite"
when = "mode == 'ci'"
arguments = { "/path" = "*x*" }
set = { "/limit" = 3 }
"""
SERVER = (
    HEAD.format("acme.git")
    + 'kind = "mcp"\ncommand = ["git-server", "${workspace}/repo", "--lib=${tools}/lib"]\nenv = ["LANG"]\n'
    + 'pins = "pins.json"\nlimits = { wall = "5s" }\n'
    + ASKS
)
PINS = pins_of(SERVER)
DIGEST = hashlib.sha256(COMPONENT).hexdigest()
USER: Mapping[str, str | bytes] = {
    "notes/plugin.toml": HEAD.format("acme.notes")
    + f'kind = "wasm"\nartifact = "a.wasm"\nsha256 = "{DIGEST}"\n'
    + ASKS,
    "notes/a.wasm": COMPONENT,
    "notes/b.wasm": COMPONENT,
    "git/plugin.toml": SERVER,
    "git/pins.json": PINS,
    "rules/plugin.toml": HEAD.format("acme.rules") + 'kind = "declarative"\n' + HOOK,
}


@pytest.fixture
def made(tmp_path: Path) -> Scene:
    (tmp_path / "tools").mkdir()
    read, hooks = allows("fs.read", "/srv/**"), allows("hook.rewrite", "tool.before/**")
    grants = [enable(NOTES, read), enable(GIT, read), enable(RULES, hooks)]
    workspace = WORKSPACE.replace('workspace = "."', 'workspace = "."\ntools = "../tools"')
    workspace += f'[[source]]\ntier = "user"\npath = "{tmp_path}/host/plugins/user"\n'
    files: dict[str, str | bytes] = {
        "capwright.toml": workspace,
        "profiles/lead.toml": profile("lead", read, hooks, parts=grants),
        "plugins/evil/evil.wasm": COMPONENT,
        "plugins/evil/server": "#!/bin/sh\n",
        "plugins/evil/pins.json": PINS,
    }
    policy = host(allows("fs.read", "${workspace}/**"), user=f"{read}, {hooks}")
    return scene(tmp_path, files, policy, USER)


def folder_of(made: Scene, name: str) -> str:
    return str(made.root.parent / "host/plugins/user" / name)


@pytest.mark.parametrize(
    ("plugin", "name", "role"), [(NOTES, "a.wasm", "artifact"), (GIT, "pins.json", "pins")]
)
def test_what_is_loaded_lies_in_the_plugins_own_folder(
    made: Scene, plugin: str, name: str, role: str
) -> None:
    """The attack: code of the workspace, an input too, with the name and ceiling of the user's plugin."""
    ours = {"artifact": "plugins/evil/evil.wasm", "pins": "plugins/evil/pins.json"}[role]

    def elsewhere(body: Body) -> None:
        old = table(body, plugin)[role]["path"]
        assert old == f"{folder_of(made, plugin.rpartition('.')[2])}/{name}"
        rebound(body, old, made.root / ours, ours)
        table(body, plugin)[role]["path"] = ours

    assert "is not in its folder" in made.refusal(elsewhere)


def test_another_file_of_the_folder_is_not_the_one_that_the_manifest_names(made: Scene) -> None:
    def other(body: Body) -> None:
        folder = folder_of(made, "notes")
        rebound(body, f"{folder}/a.wasm", Path(folder) / "b.wasm", f"{folder}/b.wasm")
        table(body, NOTES)["artifact"]["path"] = f"{folder}/b.wasm"

    assert "`artifact` of `lead/user:acme.notes`" in made.refusal(other)


def _tool(body: Body, plugin: str = NOTES) -> Any:
    return table(body, plugin)["tools"]["search"]


def _hook(body: Body) -> Any:
    return table(body, RULES)["hooks"][0]


def _match(body: Body) -> None:
    """The pattern of a hook."""
    body["patterns"][_hook(body)["match"]].update(text="**", elements=[[["deep"]]])


CHANGES: Mapping[str, tuple[str, Callable[[Body], object]]] = {
    "a program": ("runtime", lambda b: table(b, GIT)["runtime"]["command"].__setitem__(0, "/ws/server")),
    "an argument": ("runtime", lambda b: table(b, GIT)["runtime"]["command"].append("--all")),
    "a root": ("runtime", lambda b: table(b, GIT)["runtime"]["command"].__setitem__(1, "/repo")),
    "a root within a word": (
        "runtime",
        lambda b: table(b, GIT)["runtime"]["command"].__setitem__(2, "--lib=/l"),
    ),
    "a variable": ("runtime", lambda b: table(b, GIT)["runtime"]["env"].append("TOKEN")),
    "a limit": ("runtime", lambda b: table(b, GIT)["runtime"]["limits"].update(wall=10**9)),
    "a limit that the manifest leaves out": (
        "runtime",
        lambda b: table(b, NOTES)["runtime"]["limits"].update(memory=2**33),
    ),
    "no digest": ("runtime", lambda b: table(b, NOTES)["runtime"].pop("sha256")),
    "no effects": ("tools", lambda b: _tool(b).update(effects=[])),
    "an effect on anything": ("tools", lambda b: _tool(b)["effects"][0].update({"from": None})),
    "an input": ("tools", lambda b: _tool(b).update(input={})),
    "a description": ("tools", lambda b: _tool(b).update(description="Search them all")),
    "a tool": ("tools", lambda b: table(b, NOTES)["tools"].update(extra=_tool(b))),
    "a version": ("version", lambda b: table(b, NOTES).update(version="1.3")),
    "a hook twice": ("hooks", lambda b: table(b, RULES)["hooks"].append(_hook(b))),
    "what a hook sets": ("hooks", lambda b: _hook(b)["set"].update({"/path": "/"})),
    "a hook on another event": ("hooks", lambda b: _hook(b).update(on="tool.after")),
    "a hook of another power": ("hooks", lambda b: _hook(b).update(power="annotate")),
    "a hook's message": ("hooks", lambda b: _hook(b).update(message="x")),
    "a hook at all times": ("hooks", lambda b: _hook(b).update(when=None)),
    "a hook at other times": ("hooks", lambda b: _hook(b)["when"][2].__setitem__(2, "local")),
    "a hook of another document": ("hooks", lambda b: _hook(b).update(source="capwright.toml:1:1")),
    "what a hook matches": ("hooks", _match),
}


@pytest.mark.parametrize(("part", "change"), CHANGES.values(), ids=CHANGES.keys())
def test_a_part_that_the_manifest_does_not_say_is_refused(
    made: Scene, part: str, change: Callable[[Body], object]
) -> None:
    told = made.refusal(change)
    assert "step 11" in told or part == "tools", told  # what a tool causes is the seventh step's too
    assert f"`{part}` of `lead/user:acme." in told


def test_pins_that_the_manifest_names_are_not_left_out(made: Scene) -> None:
    """The tenth step's already: without them nothing of a server was approved."""
    told = made.refusal(lambda body: table(body, GIT).update(pins=None))
    assert "nothing of `lead/user:acme.git` was approved" in told


def test_a_plugin_is_not_another_of_the_folder(made: Scene) -> None:
    """`acme.git`, whose powers are its own, from the folder of `acme.notes`."""

    def moved(body: Body) -> None:
        plugins = body["tables"]["lead"]["plugins"]
        plugins[GIT] = {**plugins[NOTES], "plugin": GIT}

    assert "`id` of `lead/user:acme.git`" in made.refusal(moved)


def test_a_folder_behind_a_link_is_no_input(made: Scene) -> None:
    """`plugins/user/notes` led elsewhere, with the same bytes there."""
    folder = Path(folder_of(made, "notes"))
    folder.rename(made.root / "plugins/evil/notes")
    folder.symlink_to(made.root / "plugins/evil/notes")
    with pytest.raises(Refused, match="missing or cannot be read"):
        made.admit()
