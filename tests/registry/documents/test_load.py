"""One file: every problem of it at once, each with its place and what to do."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from capwright_registry.documents.load import load_document
from capwright_registry.documents.plugin import PluginDoc
from capwright_registry.documents.profile import ProfileDoc
from capwright_registry.documents.workspace import WorkspaceDoc
from tests.support.workspaces import PLUGIN, PROFILE, ROOT, WORKSPACE, shown


def found(data: str | bytes, model: type[BaseModel] = PluginDoc) -> str:
    """The problems of a document, as golden text."""
    raw = data.encode() if isinstance(data, str) else data
    loaded = load_document(raw, "f.toml", model)
    assert (loaded.document is None) == bool(loaded.problems)
    return shown(loaded.problems, ROOT)


@pytest.mark.parametrize(
    ("text", "model"), [(WORKSPACE, WorkspaceDoc), (PLUGIN, PluginDoc), (PROFILE, ProfileDoc)]
)
def test_the_least_documents_load(text: str, model: type[BaseModel]) -> None:
    assert found(text, model) == ""


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a = '\x00'", "f.toml:1:6: not valid TOML: found invalid character `\\x00` (remove it)\n"),
        (
            b"\xef\xbb\xbfid = 'a'",
            "f.toml:1:1: the file starts with a byte order mark (save it as UTF-8 without one)\n",
        ),
        ("é = 'é\n".encode() + b"x\xff'", "f.toml:2:2: byte 0xff is not UTF-8 (save the file as UTF-8)\n"),
        (
            b"a = " + b"[" * 40,
            "f.toml:1:37: arrays and tables are nested more than 32 deep"
            " (split the document, or make it simpler)\n",
        ),
        (
            b"x = 1" + b"0" * 5_000,
            "f.toml:1:5: a word has more than 256 characters (split the document, or make it simpler)\n",
        ),
    ],
)
def test_what_is_no_toml(data: bytes, problem: str) -> None:
    assert found(data) == problem


MANY = """\
schema = "capwright.plugin/2"
id = "\u0430cme.notes"
versio = 3
api = ">=1"

[runtime]
kind = "script"

[[tool]]
name = "a b"
efects = []
effects = [{ action = "fs.read", form = "/a" }, 3]
input = 7

[[requires]]
action = "fs.read"
on = ["\u00e9", 3]
limits = { bytes = "64KB", calls = true }
except = "x"
to = "project:acme.notes"

[[requires]]
set = "shared"
acton = 1

[[requires]]
action = "fs.read"
until = 2027-01-31T00:00:00

[[hook]]
on = 3
power = "deny"
arguments = { "path" = "*.pem" }
"""

MANY_PROBLEMS = """\
f.toml:1:1: `version` is missing (add `version`)
f.toml:1:10: `schema` cannot be `capwright.plugin/2` (did you mean `capwright.plugin/1`?)
f.toml:2:6: `id` cannot be `\u0430cme.notes` \
(use ASCII letters, digits, `_` and `-`, in parts separated by single dots)
f.toml:3:1: unknown key `versio` (did you mean `version`?)
f.toml:7:8: runtime kind `script` is refused: nothing here can bound the effects of its code \
(compile it to a WASM component (`wasm`), serve it over MCP (`mcp`), or say it as rules (`declarative`))
f.toml:10:8: `name` cannot be `a b` (use ASCII letters, digits, `_` and `-`)
f.toml:11:1: unknown key `efects` (did you mean `effects`?)
f.toml:12:34: unknown key `form` (did you mean `from`?)
f.toml:12:49: an entry of `effects` must be a table, not an integer \
(write a table in braces, like `{ action = ... }`)
f.toml:13:9: `input` must be a table, not an integer (write a table in braces: `input = { ... }`)
f.toml:17:12: an entry of `on` must be a string, not an integer (put it in quotes: `"3"`)
f.toml:18:20: `bytes` is not a size \
(write a whole number and a unit (`B`, `KiB`, `MiB`, `GiB`) in quotes, like `64KiB`)
f.toml:18:36: `calls` must be an integer, not a boolean (write a whole number)
f.toml:19:10: `except` must be an array, not a string (put it in brackets: `except = ["x"]`)
f.toml:20:1: unknown key `to` (the known names are `action`, `except`, `limits`, `on`, `optional`, `reason`, \
`until`, `when`)
f.toml:24:1: unknown key `acton` (the only known name is `set`)
f.toml:28:9: `until` has no offset from UTC (end it with `Z`, or with `+01:00`)
f.toml:31:6: `on` must be a string, not an integer (put it in quotes: `on = "3"`)
f.toml:33:15: a key of `arguments` cannot be `path` (write a JSON Pointer, like `/path`)
"""


def test_every_problem_of_a_file_is_told_at_once() -> None:
    assert found(MANY) == MANY_PROBLEMS


@pytest.mark.parametrize(
    ("runtime", "problem"),
    [
        ("kind = 'wsm'", "f.toml:6:8: `wsm` is not a runtime kind (did you mean `wasm`?)\n"),
        (
            "kind = 3",
            "f.toml:6:8: `kind` must be a string, not an integer"
            " (the known names are `declarative`, `mcp`, `wasm`)\n",
        ),
        (
            "artifact = 'a'",
            "f.toml:5:1: `kind` is missing (the known names are `declarative`, `mcp`, `wasm`)\n",
        ),
        (
            "kind = 'wasm'\nartifact = '/etc/a'",
            "f.toml:7:12: `artifact` is not inside the plugin's folder"
            " (write a relative path with `/`, and without `..`)\n",
        ),
        (
            "kind = 'wasm'\nartifact = 'a/../../b'",
            "f.toml:7:12: `artifact` is not inside the plugin's folder"
            " (write a relative path with `/`, and without `..`)\n",
        ),
        (
            "kind = 'wasm'\nartifact = './a'",
            "f.toml:7:12: `artifact` is not in its shortest form (leave out `.`, and every `/` too many)\n",
        ),
        (
            "kind = 'wasm'\nartifact = 'a'\nlimits = { memory = '1KiB', fuel = 0, wall = '25h' }",
            "f.toml:8:21: `memory` is less than 64KiB (write 64KiB or more)\n"
            "f.toml:8:36: `fuel` is less than 1 (write 1 or more)\n"
            "f.toml:8:46: `wall` is more than 24h (write 24h or less)\n",
        ),
        (
            "kind = 'mcp'\ncommand = []\nlimits = { fuel = 3 }",
            "f.toml:7:11: `command` is empty (write at least one entry)\n"
            "f.toml:8:12: unknown key `fuel` (the known names are `output`, `wall`)\n",
        ),
        (
            'kind = \'mcp\'\ncommand = ["a\\u0000b"]\nenv = ["A=B"]',
            "f.toml:7:12: an entry of `command` has a NUL character (remove `\\u0000`)\n"
            "f.toml:8:8: an entry of `env` cannot be `A=B` (use ASCII letters, digits and `_`)\n",
        ),
        (
            "kind = 'declarative'\nartifact = 'a'",
            "f.toml:7:1: unknown key `artifact` (the only known name is `kind`)\n",
        ),
    ],
)
def test_what_is_wrong_with_a_runtime(runtime: str, problem: str) -> None:
    head = 'schema = "capwright.plugin/1"\nid = "a"\nversion = "1"\napi = ">=1"\n'
    assert found(f"{head}[runtime]\n{runtime}\n") == problem


def test_a_runtime_that_is_no_table() -> None:
    text = 'schema = "capwright.plugin/1"\nid = "a"\nversion = "1"\napi = ">=1"\nruntime = "wasm"\n'
    assert found(text) == (
        "f.toml:5:11: `runtime` must be a table, not a string"
        " (write `[runtime]` on a line of its own, with `kind` below it)\n"
    )


@pytest.mark.parametrize("name", ["a.b", "a b", "-a", "", "a/b", "\u0430", "a\\n", "a" * 65])
def test_a_tool_name_is_short_and_ascii(name: str) -> None:
    assert "f.toml:9:8: `name` " in found(PLUGIN.replace('"search"', f'"{name}"'))


@pytest.mark.parametrize("name", [".", "..", "a..b", ".a", "a.", "a/b", "A\u0301", "a" * 129])
def test_a_plugin_id_is_ascii_parts_between_dots(name: str) -> None:
    assert "f.toml:2:6: `id` " in found(PLUGIN.replace('"acme.notes"', f'"{name}"'))


def test_counts_are_bounded() -> None:
    tools = "".join(f'[[tool]]\nname = "t{n}"\n' for n in range(1025))
    head = PLUGIN.partition("[[tool]]")[0]
    assert found(head + tools) == "f.toml:8:1: `tool` has more than 1024 entries (make it shorter)\n"


def test_a_problem_does_not_repeat_a_long_text() -> None:
    assert found(PROFILE + "x" * 200 + " = 1\n", ProfileDoc) == (
        "f.toml:3:1: unknown key `" + "x" * 57 + "...` (the known names are `child`, `delegable`, `enable`,"
        " `extends`, `name`, `permissions`, `schema`, `scope`)\n"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[[accept]]\nfinding = "deputy"\nat = "x"\nreason = ""\nuntil = "2027-01-31"',
            "f.toml:16:9: `until` is not a date (write a date without quotes or time, like `2027-01-31`)\n",
        ),
        (
            "[ceiling.projct]\nallow = []",
            "f.toml:12:10: a key of `ceiling` cannot be `projct` (did you mean `project`?)\n",
        ),
        (
            '[sets.a]\nallow = [{ set = "b" }]',
            "f.toml:13:10: `action` is missing (add `action`)\n"
            "f.toml:13:12: unknown key `set` (the known names are `action`, `except`, `limits`, `on`,"
            " `optional`, `reason`, `until`, `when`)\n",
        ),
        (
            '[context.region]\ntype = "enumm"',
            "f.toml:13:8: `type` cannot be `enumm` (did you mean `enum`?)\n",
        ),
        (
            "ceiling = 3",
            "f.toml:12:11: `ceiling` must be a table, not an integer"
            " (write `[ceiling]` on a line of its own, with its keys below it)\n",
        ),
    ],
)
def test_what_is_wrong_with_a_workspace(text: str, problem: str) -> None:
    text = f"{WORKSPACE}{text}" if text.startswith("[") else WORKSPACE.replace("[host]", f"{text}\n[host]")
    assert found(text, WorkspaceDoc) == problem.replace("12:11", "3:11")
