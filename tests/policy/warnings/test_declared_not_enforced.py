"""What nothing carries out is told where somebody counts on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Note
from tests.support.checking import enable, plugin, profile, setting
from tests.support.components import component
from tests.support.warning import warnings

CODE = "declared-not-enforced"


def of(tmp_path: Path, manifest: str, parts: tuple[str, ...] = ()) -> tuple[Note, ...]:
    files: dict[str, str | bytes] = {
        "plugins/git/plugin.toml": manifest,
        "plugins/git/plugin.wasm": component(),
        "profiles/lead.toml": profile("lead", parts=(enable("project:acme.git"), *parts)),
        "profiles/aide.toml": profile("aide"),
    }
    return warnings(setting(tmp_path, files), CODE)


def hook(on: str = "tool.before", power: str = "observe", more: str = "") -> str:
    return f'[[hook]]\nname = "look"\non = "{on}"\npower = "{power}"\n{more}'


@pytest.mark.parametrize("kind", ["mcp", "wasm"])
def test_hooks_that_no_adapter_fires(tmp_path: Path, kind: str) -> None:
    (found,) = of(tmp_path, plugin("acme.git", kind=kind, more=hook()))
    told = f"`project:acme.git` has hooks, which no `{kind}` plugin can have here: it is not loaded"
    assert (found.subject, found.message) == ("project:acme.git", told)
    assert found.span.file == "plugins/git/plugin.toml"
    assert "declarative" in found.help


@pytest.mark.parametrize("on", ["session.start", "turn.end", "child.spawn"])
def test_hooks_at_events_that_nobody_fires(tmp_path: Path, on: str) -> None:
    (found,) = of(tmp_path, plugin("acme.git", kind="declarative", tools=(), more=hook(on)))
    assert found.message == f"the hook `look` never runs: the host does not fire `{on}` yet"


@pytest.mark.parametrize("on", ["tool.before", "tool.after"])
def test_hooks_that_are_fired(tmp_path: Path, on: str) -> None:
    assert of(tmp_path, plugin("acme.git", kind="declarative", tools=(), more=hook(on))) == ()


def test_a_plugin_that_nobody_enables(tmp_path: Path) -> None:
    files = {
        "plugins/git/plugin.toml": plugin("acme.git", more=hook()),
        "profiles/lead.toml": profile("lead"),
    }
    assert warnings(setting(tmp_path, files), CODE) == ()


def test_a_budget_of_children(tmp_path: Path) -> None:
    child = '[[child]]\nprofile = "aide"\nmax_children = 2\n'
    (found,) = of(tmp_path / "a", plugin("acme.git"), (f"{child}budget = {{ calls = 10 }}\n",))
    assert (found.subject, found.message) == (
        "lead/aide",
        "nothing counts yet what `aide` spends of its `budget`",
    )
    assert of(tmp_path / "b", plugin("acme.git"), (child,)) == ()


def schema(text: str) -> str:
    return f'name = "run"\ninput = {{ {text} }}'


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('type = "object", additionalProperties = false', "additionalProperties"),
        ('properties = { n = { type = "integer", maximum = 3 } }', "maximum"),
        ('properties = { l = { type = "array", items = { type = "string", pattern = "a" } } }', "pattern"),
        ('properties = { enum = { enum = ["a", "b"] } }', "enum"),
        ('additionalProperties = { type = "string", maxLength = 3 }', "maxLength"),
    ],
)
def test_bounds_in_the_schema_of_a_component(tmp_path: Path, text: str, word: str) -> None:
    (found,) = of(tmp_path, plugin("acme.git", kind="wasm", tools=(schema(text),)))
    assert found.subject == "project:acme.git/run"
    assert f"`{word}`" in found.message


@pytest.mark.parametrize(
    "text",
    [
        'type = "object", required = ["a"], properties = { a = { description = "maximum" } }',
        'properties = { maximum = { type = "integer", default = 3 } }',
        'type = "object", additionalProperties = true',
    ],
)
def test_a_schema_that_only_describes(tmp_path: Path, text: str) -> None:
    assert of(tmp_path, plugin("acme.git", kind="wasm", tools=(schema(text),))) == ()


def test_a_server_reads_its_arguments_by_itself(tmp_path: Path) -> None:
    bounded = schema('type = "object", additionalProperties = false')
    assert of(tmp_path, plugin("acme.git", tools=(bounded,))) == ()
