"""A grant that nothing of the plugin can use is told, by runtime kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Note
from tests.support.checking import allows, enable, plugin, profile, request, setting
from tests.support.components import component
from tests.support.warning import warnings

READS = 'name = "run"\neffects = [{ action = "fs.read" }]'
SOURCES = {"fs.read": "/a/**", "fs.write": "/a/**", "env.read": "LANG", "hook.deny": "tool.before/**"}


def of(tmp_path: Path, manifest: str, *actions: str, asked: bool = True) -> tuple[Note, ...]:
    requests = "".join(f"[[requires]]\n{request(a, SOURCES[a])}" for a in actions) if asked else ""
    grants = [allows(action, SOURCES[action]) for action in actions]
    files: dict[str, str | bytes] = {
        "plugins/git/plugin.toml": manifest + requests,
        "plugins/git/plugin.wasm": component(),
        "profiles/lead.toml": profile("lead", *grants, parts=(enable("project:acme.git", *grants, *grants),)),
    }
    return warnings(setting(tmp_path, files), "unused-grant")


@pytest.mark.parametrize("action", ["fs.write", "env.read", "hook.deny"])
def test_a_component_whose_tools_do_not_declare_it(tmp_path: Path, action: str) -> None:
    """Two entries of one action are told of once."""
    (found,) = of(tmp_path, plugin("acme.git", kind="wasm", tools=(READS,)), "fs.read", action)
    assert found.subject == "lead/project:acme.git"
    assert found.message.startswith(
        f"`project:acme.git` is granted `{action}`, and nothing of it can use it: "
    )
    assert found.span.file == "profiles/lead.toml"
    assert f"take `{action}` out of the grant" in found.help


def test_a_component_whose_tool_declares_it(tmp_path: Path) -> None:
    assert of(tmp_path, plugin("acme.git", kind="wasm", tools=(READS,)), "fs.read") == ()


def test_what_is_not_asked_for_is_another_warning(tmp_path: Path) -> None:
    assert of(tmp_path, plugin("acme.git", kind="wasm"), "fs.write", asked=False) == ()


def test_a_server_may_use_what_it_has(tmp_path: Path) -> None:
    assert of(tmp_path, plugin("acme.git"), "fs.read", "fs.write") == ()


@pytest.mark.parametrize("action", ["hook.deny", "env.read"])
def test_a_server_that_has_no_hook_and_no_variable(tmp_path: Path, action: str) -> None:
    assert len(of(tmp_path, plugin("acme.git"), action)) == 1


def test_a_server_that_passes_a_variable_on(tmp_path: Path) -> None:
    passes = plugin("acme.git").replace('command = ["server"]', 'command = ["server"]\nenv = ["LANG"]')
    assert of(tmp_path, passes, "env.read") == ()


HOOK = '[[hook]]\non = "tool.before"\npower = "deny"\nmessage = "no"\n'


def test_rules_use_the_powers_of_their_hooks_alone(tmp_path: Path) -> None:
    rules = plugin("acme.git", kind="declarative", tools=(), more=HOOK)
    assert of(tmp_path / "a", rules, "hook.deny") == ()
    (found,) = of(tmp_path / "b", rules, "hook.deny", "fs.read")
    assert "granted `fs.read`" in found.message
