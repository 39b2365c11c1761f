"""An allowance says what it still depends on."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.caveats import caveats
from capwright_policy.hook_caveats import hook_caveats
from capwright_policy.setting import find_holder, find_profile
from tests.policy.explain_desk import FILES, NOTES, PLUGIN, effect_of, setting_of


def told(root: Path, text: str, plugin: str = PLUGIN) -> tuple[str, ...]:
    setting = setting_of(root / "desk", {**FILES, "plugins/acme.notes/plugin.toml": plugin})
    return caveats(setting, find_holder(setting, "lead", NOTES), effect_of(setting, text))


def test_what_mounts_cannot_say_of_the_action_is_said(tmp_path: Path) -> None:
    found = told(tmp_path, "fs.read:${workspace}/notes/a")
    assert any("`fs.read`" in text and "only at times" in text for text in found)
    assert not any("`fs.write`" in text and "`fs.read`" not in text for text in found)


def test_a_server_has_no_network(tmp_path: Path) -> None:
    assert told(tmp_path, "net.connect:a.com:443") == ("the sandbox of a server has no network at all",)


@pytest.mark.parametrize("text", ["tool.call:project:acme.git/log", "env.read:HOME"])
def test_names_are_decided_by_the_layers_alone(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == ()


WASM = PLUGIN.replace('kind = "mcp"\ncommand = ["notes-server"]', 'kind = "wasm"\nartifact = "notes.wasm"')


def test_a_tool_causes_what_its_argument_names_and_nothing_that_it_does_not_declare(tmp_path: Path) -> None:
    (tmp_path / "desk/plugins/acme.notes").mkdir(parents=True)
    (tmp_path / "desk/plugins/acme.notes/notes.wasm").write_bytes(b"\0asm\1\0\0\0")
    assert told(tmp_path, "fs.read:${workspace}/notes/a", WASM) == (
        "`search` causes it only on what its argument `/path` names",
    )
    assert told(tmp_path, "fs.write:${workspace}/out/a", WASM) == (
        f"no tool of `{NOTES}` declares `fs.write`, so no call causes it",
    )


def test_an_effect_without_an_argument_has_no_caveat(tmp_path: Path) -> None:
    (tmp_path / "desk/plugins/acme.notes").mkdir(parents=True)
    (tmp_path / "desk/plugins/acme.notes/notes.wasm").write_bytes(b"\0asm\1\0\0\0")
    free = WASM.replace(', from = "/path"', "")
    assert told(tmp_path, "fs.read:${workspace}/notes/a", free) == ()


HOOKS = """\
schema = "capwright.plugin/1"
id = "acme.rules"
version = "1.0.0"
api = ">=1.2,<2"
[runtime]
kind = "declarative"
[[hook]]
name = "no-ci"
on = "tool.before"
match = "project:acme.notes/*"
power = "deny"
when = "mode == 'ci'"
arguments = { "/path" = "*secret*" }
message = "not in ci"
[[hook]]
name = "remark"
on = "tool.before"
match = "project:acme.notes/*"
power = "annotate"
message = "noted"
"""


def test_a_call_still_depends_on_the_hooks_before_it(tmp_path: Path) -> None:
    lead = FILES["profiles/lead.toml"]
    files = {
        **FILES,
        "plugins/acme.rules/plugin.toml": HOOKS,
        "profiles/lead.toml": f'{lead}\n[[enable]]\nplugin = "project:acme.rules"\n',
    }
    setting = setting_of(tmp_path, files)
    lead_profile = find_profile(setting, "lead")
    effect = effect_of(setting, "tool.call:project:acme.notes/search")
    assert list(hook_caveats(setting, lead_profile, effect)) == [
        "the hook `no-ci` of `project:acme.rules` denies it where `mode == 'ci'` and `/path` matches "
        "`*secret*` (plugins/acme.rules/plugin.toml:7:1)"
    ]
    other = effect_of(setting, "tool.call:project:acme.other/search")
    assert list(hook_caveats(setting, lead_profile, other)) == []


@pytest.mark.parametrize("text", ["net.connect:a.com:443", "net.http:GET https://a.com/x"])
def test_the_network_mediator_refuses_every_connection(tmp_path: Path, text: str) -> None:
    (tmp_path / "desk/plugins/acme.notes").mkdir(parents=True)
    (tmp_path / "desk/plugins/acme.notes/notes.wasm").write_bytes(b"\0asm\1\0\0\0")
    action = text.partition(":")[0]
    assert told(tmp_path, text, WASM) == (
        "the `net-policy` mediator opens no connections yet, whatever was granted",
        f"no tool of `{NOTES}` declares `{action}`, so no call causes it",
    )
    assert not any("net-policy" in caveat for caveat in told(tmp_path, "fs.read:${workspace}/notes/a", WASM))
