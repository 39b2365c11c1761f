"""A whole workspace: what the design's example says, and what several broken documents say together."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from capwright_registry.errors import InputError
from capwright_registry.workspace import load_workspace
from tests.support.workspaces import PLUGIN, PROFILE, WORKSPACE, Files, load, problems, shown, write

EXAMPLE: Files = {
    "capwright.toml": """\
# capwright.toml: the workspace
schema = "capwright.workspace/1"
name = "notes-desk"
[host]
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[roots]
workspace = "."
[context.region]
type = "enum"
values = ["eu", "us"]
[[source]]
tier = "project"
path = "plugins"
[ceiling.project]
allow = [
  { action = "fs.read", on = ["${workspace}/**"] },
  { action = "net.connect", on = ["*.example.com:443"] },
]
[[accept]]                       # a finding that the operator takes on, never silently
finding = "deputy"
at = "lead/acme.notes"
reason = "..."
until = 2027-01-31
""",
    "plugins/acme.notes/plugin.toml": """\
schema = "capwright.plugin/1"
id = "acme.notes"
version = "1.2.0"
api = ">=1.2,<2"
[runtime]
kind = "wasm"                    # mcp | declarative | wasm
artifact = "notes.wasm"
limits = { fuel = 50_000_000, memory = "64MiB", wall = "2s", output = "64KiB" }
[[tool]]
name = "search"                  # full identity: project:acme.notes/search
description = "Search the notes"
input = { type = "object", properties = { path = { type = "string" } }, required = ["path"] }
effects = [{ action = "fs.read", from = "/path" }]      # JSON Pointer: which argument names the resource
[[hook]]
on = "tool.after"
match = "shell.*"
power = "annotate"
[[requires]]
action = "fs.read"
on = ["${workspace}/notes/**"]
reason = "search the notes"
[[requires]]
action = "net.connect"
on = ["api.example.com:443"]
optional = true
[config]                         # JSON Schema of the plugin's own settings
""",
    "plugins/acme.notes/notes.wasm": b"\0asm",
    "profiles/lead.toml": """\
schema = "capwright.profile/1"
name = "lead"
[scope]
allow = [{ action = "fs.read", on = ["${workspace}/**"], except = ["**/.env", "**/*.pem"] }]
[delegable]                      # what it may hand down; left out: the same as scope
allow = [{ action = "fs.read", on = ["${workspace}/docs/**"] }]
[permissions]
default = "deny"
rules = [
  { tool = "project:acme.notes/*", action = "allow" },
  { tool = "builtin:shell/*", action = "ask", when = "mode == 'interactive'" },
]
[[enable]]
plugin = "project:acme.notes"
version = ">=1.2,<2"
grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], when = "mode != 'ci'" }]
[[child]]
profile = "researcher"
max_depth = 2
max_children = 4
scope = "any-subset"             # chosen at run time: proved for every choice the template allows
budget = { calls = 100, output = "1MiB" }
""",
    "profiles/researcher.toml": PROFILE.replace("lead", "researcher"),
}


class TestTheDesignsExample:
    """Every key of the three documents in the design loads, and means what the design says."""

    def test_the_workspace(self, tmp_path: Path) -> None:
        workspace = load(tmp_path, EXAMPLE, {"deputy"})
        assert (workspace.name, workspace.api, workspace.root) == ("notes-desk", "1.4.0", tmp_path)
        assert workspace.roots == {"workspace": str(tmp_path)}
        assert [c.action for c in workspace.ceilings["project"]] == ["fs.read", "net.connect"]
        assert workspace.variables["region"].values == ("eu", "us")
        assert workspace.accepts[0].until == date(2027, 1, 31)
        assert str(workspace.accepts[0].span) == "capwright.toml:20:1"
        assert workspace.sources[0].inside

    def test_the_plugin(self, tmp_path: Path) -> None:
        (plugin,) = load(tmp_path, EXAMPLE).plugins
        assert plugin.identity == "project:acme.notes"
        assert plugin.folder == tmp_path / "plugins/acme.notes"
        assert plugin.runtime["limits"] == {
            "fuel": 50_000_000,
            "memory": 64 * 1024**2,
            "wall": 2_000,
            "output": 64 * 1024,
        }
        assert plugin.artifact is not None
        assert plugin.artifact.sha256 == hashlib.sha256(b"\0asm").hexdigest()
        assert [c.optional for c in plugin.requires] == [False, True]
        assert "1.4.0" in plugin.api
        assert "2.0" not in plugin.api
        (tool,) = plugin.tools
        assert tool.identity == "project:acme.notes/search"
        assert [(e.action, e.pointer) for e in tool.effects] == [("fs.read", "/path")]
        assert [(h.name, h.on, h.power, h.match.text) for h in plugin.hooks] == [
            ("hook-1", "tool.after", "annotate", "shell.*")
        ]

    def test_the_profile(self, tmp_path: Path) -> None:
        lead, researcher = load(tmp_path, EXAMPLE).profiles
        ((read,),) = lead.scope
        assert [p.canonical for p in read.on] == [f"{tmp_path}/**"]
        assert [str(span) for span in read.except_spans] == [
            "profiles/lead.toml:4:68",
            "profiles/lead.toml:4:79",
        ]
        assert lead.delegable_declared
        assert lead.delegable[0][0].on[0].canonical == f"{tmp_path}/docs/**"
        assert [r.action for r in lead.permissions] == ["allow", "ask"]
        assert lead.permissions[1].when is not None
        (grant,) = lead.grants
        assert grant.plugin.identity == grant.identity == "project:acme.notes"
        assert (str(grant.span), str(grant.grant_span)) == (
            "profiles/lead.toml:13:1",
            "profiles/lead.toml:16:9",
        )
        (child,) = lead.children
        assert (child.profile, child.max_depth, child.max_children, child.scope) == (
            "researcher",
            2,
            4,
            "any-subset",
        )
        assert child.budget == {"calls": 100, "output": 1024**2}
        assert (researcher.scope, researcher.delegable, researcher.default) == (((),), ((),), "deny")
        assert not researcher.delegable_declared

    def test_the_inputs(self, tmp_path: Path) -> None:
        inputs = load(tmp_path, EXAMPLE).inputs
        assert [(file.path, file.role) for file in inputs] == [
            ("capwright.toml", "workspace"),
            ("plugins/acme.notes/notes.wasm", "artifact"),
            ("plugins/acme.notes/plugin.toml", "plugin"),
            ("profiles/lead.toml", "profile"),
            ("profiles/researcher.toml", "profile"),
        ]
        for file in inputs:
            content = (tmp_path / file.path).read_bytes()
            assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


BROKEN = {
    "capwright.toml": WORKSPACE.replace('"history"]', '"histroy"]')
    + '[context.mode]\ntype = "int"\n[ceiling.project]\n'
    'allow = [{ action = "fs.raed", on = ["/x"] }, { action = "fs.read", on = ["${wrkspace}/**"] }]\n'
    '[[accept]]\nfinding = "deputi"\nat = "lead"\nreason = "r"\nuntil = 2027-01-31\n',
    "plugins/a/plugin.toml": PLUGIN.replace('"1.2.0"', '"one"').replace('"/path"', '"/file"'),
    "plugins/b/plugin.toml": "id = [",
    "profiles/lead.toml": PROFILE
    + """\
extends = "bas"
[scope]
allow = [
  { action = "fs.read", on = ["notes/**", "${workspace}//x"], when = "mod == 'ci'" },
  { set = "shared" },
  { action = "net.connect", on = ["${workspace}:443"] },
]
[permissions]
rules = [{ tool = "project:acme.notes/*", action = "allow", when = "region == 'eu'" }]
[[enable]]
plugin = "project:acme.note"
version = "1.2"
lend = [{ to = "project:b", action = "fs.read", on = ["/x"] }, { to = "user:x", set = "shared" }]
[[child]]
profile = "reseacher"
[[child]]
profile = "broken"
""",
    "profiles/researcher.toml": PROFILE.replace("lead", "researcher"),
    "profiles/broken.toml": PROFILE.replace("lead", "broken") + "x = 1\n",
}

BROKEN_PROBLEMS = """\
capwright.toml:5:90: unknown mediator `histroy` (did you mean `history`?)
capwright.toml:12:10: `mode` is a built-in variable (choose another name)
capwright.toml:15:21: unknown action `fs.raed` (did you mean `fs.read`?)
capwright.toml:15:76: unknown root `wrkspace` (did you mean `workspace`?)
capwright.toml:17:11: unknown check `deputi` (did you mean `deputy`?)
plugins/a/plugin.toml:3:11: `one` is not a version (write a version like `1.2.0`)
plugins/a/plugin.toml:11:41: the tool's input has no property `/file` \
(name a property of `input` that holds the resource)
plugins/b/plugin.toml:1:7: not valid TOML: invalid value \
(put a text in quotes; numbers, dates, `true` and `false` stand without)
profiles/broken.toml:3:1: unknown key `x` (the known names are `child`, `delegable`, `enable`, `extends`, \
`name`, `permissions`, `schema`, `scope`)
profiles/lead.toml:3:11: unknown profile `bas` (the known names are `broken`, `lead`, `researcher`)
profiles/lead.toml:6:31: the pattern is relative (write `${workspace}/notes/**`, \
or `**/notes/**` for anywhere)
profiles/lead.toml:6:43: the pattern holds an empty segment (write `${workspace}/x`)
profiles/lead.toml:6:71: unknown variable `mod` (did you mean `mode`?)
profiles/lead.toml:7:11: unknown set `shared` (declare it as `[sets.NAME]` in the workspace)
profiles/lead.toml:8:36: roots stand only in paths (write what the root stands for)
profiles/lead.toml:11:69: unknown variable `region` (declared are `approved`, `depth`, `mode`, `now`, \
`sandboxed`; more can be declared under `context`)
profiles/lead.toml:13:10: unknown plugin `project:acme.note` (did you mean `project:acme.notes`?)
profiles/lead.toml:14:11: `1.2` is not a version range (write a range like `>=1.2,<2`)
profiles/lead.toml:15:71: unknown plugin `user:x` (the known names are `project:acme.notes`, `project:b`)
profiles/lead.toml:15:87: unknown set `shared` (declare it as `[sets.NAME]` in the workspace)
profiles/lead.toml:17:11: unknown profile `reseacher` (did you mean `researcher`?)
"""


def test_the_problems_of_all_documents_are_told_together(tmp_path: Path) -> None:
    """A file that could not be read (`b`, `broken`) is reported once, not again by each use of its name."""
    assert problems(tmp_path, BROKEN, {"deputy"}) == BROKEN_PROBLEMS


def test_a_workspace_document_that_is_no_toml_is_told_alone(tmp_path: Path) -> None:
    assert problems(tmp_path, {**BROKEN, "capwright.toml": "name = 3\n[sets"}) == (
        "capwright.toml:2:6: not valid TOML: expected `]` at the end of a table declaration"
        " (close the header with `]`)\n"
    )


def test_a_workspace_document_that_does_not_validate_is_not_told_alone(tmp_path: Path) -> None:
    told = problems(tmp_path, {**BROKEN, "capwright.toml": "name = 3"})
    assert told.startswith(
        'capwright.toml:1:1: `schema` is missing (add `schema = "capwright.workspace/1"`)\n'
        "capwright.toml:1:1: `host` is missing (add `host`)\n"
        'capwright.toml:1:8: `name` must be a string, not an integer (put it in quotes: `name = "3"`)\n'
        "profiles/broken.toml:3:1: unknown key `x` "
    )
    assert "profiles/lead.toml:14:11: `1.2` is not a version range" in told


def test_two_plugins_of_one_identity_are_both_kept(tmp_path: Path) -> None:
    enable = PROFILE + '[[enable]]\nplugin = "project:acme.notes"\n'
    files = {"plugins/b/plugin.toml": PLUGIN, "plugins/a/plugin.toml": PLUGIN, "profiles/lead.toml": enable}
    workspace = load(tmp_path, files)
    assert [p.folder.name for p in workspace.plugins] == ["a", "b"]
    assert workspace.profiles[0].grants[0].plugin is workspace.plugins[0]


def test_what_is_no_plugin_and_no_profile_is_left_alone(tmp_path: Path) -> None:
    files = {
        "plugins/.hidden/plugin.toml": "[",
        "plugins/empty/notes.md": "",
        "plugins/plugin.toml": "[",
        "profiles/.lead.toml": "[",
        "profiles/README.md": "[",
    }
    workspace = load(tmp_path, files)
    assert (workspace.plugins, workspace.profiles) == ((), ())
    assert [file.path for file in workspace.inputs] == ["capwright.toml"]


def test_two_profiles_of_one_name_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, {"profiles/a.toml": PROFILE, "profiles/b.toml": PROFILE}) == (
        "profiles/b.toml:2:8: there is another profile `lead`, in `profiles/a.toml` (rename one of them)\n"
    )


def test_profiles_may_lie_elsewhere_in_the_workspace(tmp_path: Path) -> None:
    files = {"capwright.toml": WORKSPACE + '[profiles]\npath = "agents"\n', "agents/lead.toml": PROFILE}
    assert [p.name for p in load(tmp_path, files).profiles] == ["lead"]


def test_a_declared_folder_must_be_there(tmp_path: Path) -> None:
    text = WORKSPACE.replace('"plugins"', '"plugin"') + '[profiles]\npath = "../agents"\n'
    assert problems(tmp_path, {"capwright.toml": text}) == (
        "capwright.toml:10:8: `plugin` does not exist (create it, or correct the path)\n"
        "capwright.toml:13:8: `../agents` lies outside the workspace"
        " (move the folder into the workspace)\n"
    )


def test_the_workspace_is_loaded_by_its_folder_its_file_and_through_a_link_above(tmp_path: Path) -> None:
    root = write(tmp_path / "desk", {})
    (tmp_path / "link").symlink_to(root)
    for path in (root, root / "capwright.toml", tmp_path / "link", tmp_path / "link/capwright.toml"):
        assert load_workspace(path).root == root


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none", "ROOT/none: `ROOT/none` cannot be opened: no such file or directory"),
        ("file", "ROOT/file: `ROOT/file` is neither a folder nor a `capwright.toml`"),
        ("loop", "ROOT/loop: `ROOT/loop` cannot be opened: too many levels of symbolic links"),
        ("nul\0", "ROOT/nul\0: `ROOT/nul\0` cannot be opened: not a path"),
    ],
)
def test_what_is_no_workspace(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError) as caught:
        load_workspace(tmp_path / name)
    assert shown(caught.value.problems, tmp_path) == (
        f"{problem} (give the folder that holds `capwright.toml`)\n"
    )


def test_a_folder_without_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_workspace(tmp_path)
    assert shown(caught.value.problems, tmp_path) == (
        "capwright.toml: `capwright.toml` does not exist (create it, or correct the path)\n"
    )
