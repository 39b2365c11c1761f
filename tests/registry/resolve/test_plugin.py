"""Manifests, resolved: runtimes, tools and hooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_registry.capability import Plugin
from tests.support.workspaces import PLUGIN, WORKSPACE, load, problems

HEAD = PLUGIN.partition("[runtime]")[0]
DECLARATIVE = HEAD + '[runtime]\nkind = "declarative"\n'
HOOK = '[[hook]]\non = "tool.before"\nmatch = "project:acme.notes/*"\n'


def plugin(tmp_path: Path, text: str, **files: str) -> Plugin:
    """The only plugin of a workspace."""
    below = {f"plugins/a/{name}": content for name, content in files.items()}
    return load(tmp_path, {"plugins/a/plugin.toml": text, **below}).plugins[0]


def refused(tmp_path: Path, text: str) -> str:
    """The problems of a manifest, without the file's name."""
    return problems(tmp_path, {"plugins/a/plugin.toml": text}).replace("plugins/a/plugin.toml:", "")


def test_a_server(tmp_path: Path) -> None:
    text = PLUGIN.replace(
        '["notes-server"]',
        '["mcp-server-git", "--repository", "${workspace}/repo", "$HOME"]\nenv = ["HOME"]\npins = "pins"\n'
        'limits = { wall = "5s" }',
    )
    found = plugin(tmp_path, text, pins="{}")
    assert found.command == ("mcp-server-git", "--repository", f"{tmp_path}/repo", "$HOME")
    assert found.env == ("HOME",)
    assert found.pins is not None
    assert (found.pins.path, found.pins.role) == ("plugins/a/pins", "pins")
    assert found.runtime == {
        "kind": "mcp",
        "command": list(found.command),
        "env": ["HOME"],
        "pins": "pins",
        "limits": {"wall": 5_000, "output": 65_536},
    }


def test_a_root_in_a_command_must_be_known(tmp_path: Path) -> None:
    assert refused(tmp_path, PLUGIN.replace('["notes-server"]', '["x", "--at=${repo}/x"]')) == (
        "7:23: unknown root `repo` (the only known name is `workspace`)\n"
    )


def test_a_root_may_be_declared(tmp_path: Path) -> None:
    files = {
        "capwright.toml": WORKSPACE.replace('workspace = "."', 'repo = "sub"'),
        "sub/x": "",
        "plugins/a/plugin.toml": PLUGIN.replace('"notes-server"', '"${repo}/x"'),
    }
    assert load(tmp_path, files).plugins[0].command == (f"{tmp_path}/sub/x",)


def test_a_component_has_default_limits(tmp_path: Path) -> None:
    found = plugin(tmp_path, HEAD + '[runtime]\nkind = "wasm"\nartifact = "a.wasm"\n', **{"a.wasm": ""})
    limits = {"fuel": 50_000_000, "memory": 67_108_864, "wall": 2_000, "output": 65_536}
    assert found.runtime == {"kind": "wasm", "artifact": "a.wasm", "limits": limits}


def test_a_declarative_hook_carries_its_rule(tmp_path: Path) -> None:
    text = (
        DECLARATIVE
        + HOOK
        + (
            'power = "deny"\nname = "no-keys"\nwhen = "mode == \'ci\'"\nmessage = "no keys"\n'
            'arguments = { "/path" = "*.pem" }\n'
        )
    )
    (hook,) = plugin(tmp_path, text).hooks
    assert (hook.name, hook.power, hook.message, hook.set) == ("no-keys", "deny", "no keys", {})
    assert hook.when is not None
    assert [(pointer, pattern.text) for pointer, pattern in hook.arguments] == [("/path", "*.pem")]


def test_a_rewrite_says_the_new_values(tmp_path: Path) -> None:
    text = DECLARATIVE + HOOK + 'power = "rewrite"\nset = { "/limit" = 10, "/filter" = { deep = [true] } }\n'
    (hook,) = plugin(tmp_path, text).hooks
    assert hook.set == {"/limit": 10, "/filter": {"deep": [True]}}
    assert hook.name == "hook-1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HOOK.replace("tool.before", "tool.befor") + 'power = "observ"\n',
         "8:6: unknown event `tool.befor` (did you mean `tool.before`?)\n"
         "10:9: unknown power `observ` (did you mean `observe`?)\n"),
        (HOOK.replace("notes/*", "a b") + 'power = "observe"\n',
         "9:9: no name holds a space or a character that cannot be seen (leave it out)\n"),
        (HOOK + 'power = "deny"\n', "7:1: the hook has power `deny` and no message (add `message`)\n"),
        (HOOK + 'power = "rewrite"\n',
         '7:1: the rewrite says no new value (add `set`, like `set = { "/limit" = 10 }`)\n'),
        (HOOK + 'power = "observe"\nset = { "/a" = 1 }\n',
         "11:7: only a hook of power `rewrite` sets values (remove `set`)\n"),
        (HOOK + 'power = "rewrite"\nset = { "/a" = [2027-01-31] }\n',
         "11:7: `set` holds a date, which JSON does not have (write it as a string)\n"),
        (HOOK + 'power = "observe"\nname = "a"\n' + HOOK + 'power = "observe"\nname = "a"\n',
         "12:1: there is another hook `a` (rename one of them)\n"),
        (HOOK + 'power = "observe"\nwhen = "mod"\n', "11:9: unknown variable `mod` (did you mean `mode`?)\n"),
        ('[[tool]]\nname = "t"\n',
         "7:1: a declarative plugin has no code that a tool could run (remove the tool)\n"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_declarative_plugin(tmp_path: Path, text: str, problem: str) -> None:
    assert refused(tmp_path, DECLARATIVE + text) == problem


def test_a_plugin_with_code_carries_no_rules(tmp_path: Path) -> None:
    text = PLUGIN + HOOK + 'power = "deny"\nmessage = "x"\nset = {}\n'
    assert refused(tmp_path, text) == (
        "17:1: `message` is the rule of a declarative hook; this plugin has code"
        " (remove `message`, and decide in the plugin)\n"
        "18:1: `set` is the rule of a declarative hook; this plugin has code"
        " (remove `set`, and decide in the plugin)\n"
    )


SCHEMA = (
    "{ type = 'object', properties = { path = { type = 'string' }, n = { type = 'integer' }, any = {},"
    " many = { type = 'array', items = { type = 'string' } }, 'a/b~c' = { type = 'string' },"
    " deep = { type = 'object', properties = { path = { type = 'string' } } } } }"
)


def with_pointer(pointer: str) -> str:
    """A manifest whose tool takes its resource from `pointer`."""
    old = PLUGIN.splitlines()
    schema = f"input = {SCHEMA}"
    return "\n".join([*old[:9], schema, f'effects = [{{ action = "fs.read", from = "{pointer}" }}]'])


@pytest.mark.parametrize(
    "pointer", ["/path", "/any", "/many", "/many/0", "/many/-", "/a~1b~0c", "/deep/path"]
)
def test_a_pointer_names_an_argument(tmp_path: Path, pointer: str) -> None:
    assert plugin(tmp_path, with_pointer(pointer)).tools[0].effects[0].pointer == pointer


@pytest.mark.parametrize(
    ("pointer", "problem"),
    [
        ("/none", "the tool's input has no property `/none`"),
        ("/path/x", "the tool's input has no property `/path/x`"),
        ("/many/x", "the tool's input has no property `/many/x`"),
        ("/Path", "the tool's input has no property `/Path`"),
        ("/n", "`/n` is of type `integer`, which cannot name a resource"),
        ("/deep", "`/deep` is of type `object`, which cannot name a resource"),
    ],
)
def test_a_pointer_that_names_no_resource(tmp_path: Path, pointer: str, problem: str) -> None:
    assert refused(tmp_path, with_pointer(pointer)) == (
        f"11:41: {problem} (name a property of `input` that holds the resource)\n"
    )


@pytest.mark.parametrize("pointer", ["path", "#/path", "/a~2"])
def test_what_is_no_pointer(tmp_path: Path, pointer: str) -> None:
    assert refused(tmp_path, with_pointer(pointer)) == (
        f"11:41: `from` cannot be `{pointer}` (write a JSON Pointer, like `/path`)\n"
    )


def test_an_effect_of_no_known_action(tmp_path: Path) -> None:
    assert refused(tmp_path, PLUGIN.replace("fs.read", "fs.raed")) == (
        "11:23: unknown action `fs.raed` (did you mean `fs.read`?)\n"
    )


def test_two_tools_of_one_name(tmp_path: Path) -> None:
    assert refused(tmp_path, PLUGIN + '[[tool]]\nname = "search"\n') == (
        "14:8: there is another tool `search` (rename one of them)\n"
    )


def test_a_schema_that_json_cannot_say(tmp_path: Path) -> None:
    text = PLUGIN + "[config]\nat = { default = 10:00:00 }\n"
    assert refused(tmp_path, text) == (
        "13:1: `config` holds a time, which JSON does not have (write it as a string)\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('">=1.2,<2"', '"1.2"', "4:7: `1.2` is not a version range (write a range like `>=1.2,<2`)"),
        ('"1.2.0"', '"1.2.x"', "3:11: `1.2.x` is not a version (write a version like `1.2.0`)"),
    ],
)
def test_what_is_no_version(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert refused(tmp_path, PLUGIN.replace(old, new)) == f"{problem}\n"
