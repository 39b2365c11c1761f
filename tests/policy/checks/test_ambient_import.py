"""`ambient-import`: what its vectors cannot say."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.setting import Setting
from capwright_registry.errors import InputError
from capwright_registry.interfaces import INTERFACES
from tests.support.checking import allows, check, enable, marked, mended, plugin, profile, request, setting

ID = "ambient-import"
LEAD, MANIFEST = "profiles/lead.toml", "plugins/p/plugin.toml"
READS = allows("fs.read", "/a/**")


def component(*imports: str) -> bytes:
    """A component that imports these interfaces and does nothing."""
    from wasmtime import wat2wasm

    body = " ".join(f'(import "{name}" (instance))' for name in imports)
    return bytes(wat2wasm(f"(component {body})"))


def desk(
    tmp_path: Path,
    artifact: bytes,
    *grant: str,
    requires: tuple[str, ...] = (),
    scope: tuple[str, ...] = (READS,),
    manifest: str | None = None,
) -> Setting:
    files: dict[str, str | bytes] = {
        MANIFEST: manifest or plugin("p", *requires, kind="wasm"),
        "plugins/p/plugin.wasm": artifact,
        LEAD: profile("lead", *scope, parts=[enable("project:p", *grant)]),
    }
    return setting(tmp_path, files)


FILES = "capwright:plugin/files@0.1.0"


@pytest.mark.parametrize(("interface", "action"), sorted(INTERFACES.items()))
def test_every_interface_needs_its_action(tmp_path: Path, interface: str, action: str) -> None:
    on = {"fs.read": "/a", "env.read": "HOME", "net.http": "GET https://a.example:443/x"}[action]
    grant = allows(action, on)
    granted = desk(
        tmp_path / "with", component(interface), grant, requires=(request(action, on),), scope=(grant,)
    )
    assert check(ID, granted).verdict is Verdict.PROVED
    assert check(ID, desk(tmp_path / "without", component(interface))).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "name",
    [
        "capwright:plugin/files@0.1.1",
        "capwright:plugin/files@0.2.0",
        "capwright:plugin/files",
        "capwright:plugin/files@0.1.0-rc.1",
        "capwright:plugins/files@0.1.0",
        "wasi:cli/environment@0.2.0",
        "wasi:sockets/tcp@0.2.0",
    ],
)
def test_another_name_is_another_interface(tmp_path: Path, name: str) -> None:
    one = desk(tmp_path, component(name), READS, requires=(request("fs.read", "/a/**"),))
    (finding,) = check(ID, one).findings
    assert (
        finding.message == f"the artifact of `project:p` imports `{name}`: no action that the host mediates"
    )
    assert finding.edits == ()


@pytest.mark.parametrize("layer", ["requires", "grant", "scope"])
def test_each_layer_must_name_the_action(tmp_path: Path, layer: str) -> None:
    one = desk(
        tmp_path,
        component(FILES),
        *([] if layer == "grant" else [READS]),
        requires=() if layer == "requires" else (request("fs.read", "/a/**"),),
        scope=() if layer == "scope" else (READS,),
    )
    assert check(ID, one).verdict is Verdict.REFUTED


def test_each_import_is_an_obligation(tmp_path: Path) -> None:
    one = desk(tmp_path, component(FILES, "a:b/c@1.0.0", "a:b/d@1.0.0"))
    result = check(ID, one)
    assert (result.obligations, len(result.findings)) == (3, 3)
    assert {marked(finding.span, one) for finding in result.findings} == {'"plugin.wasm"'}


def test_a_plugin_that_nobody_enables_is_not_loaded(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        MANIFEST: plugin("p", kind="wasm"),
        "plugins/p/plugin.wasm": component("wasi:cli/run@0.2.0"),
        LEAD: profile("lead"),
    }
    assert check(ID, setting(tmp_path, files)).verdict is Verdict.VACUOUS


def test_what_is_no_component_is_refused(tmp_path: Path) -> None:
    """Text and core modules, whose imports are no interfaces: not a finding, but no artifact at all."""
    from wasmtime import wat2wasm

    module = bytes(wat2wasm('(module (import "wasi_snapshot_preview1" "fd_write" (func)))'))
    for number, artifact in enumerate((b"(component)", module)):
        with pytest.raises(InputError, match="the artifact is"):
            check(ID, desk(tmp_path / str(number), artifact))


def after(one: Setting, tmp_path: Path, artifact: bytes) -> CheckResult:
    """The check after the edits of its one finding."""
    (finding,) = check(ID, one).findings
    text = mended(finding, one, LEAD)
    manifest = (one.workspace.root / MANIFEST).read_text()
    files: dict[str, str | bytes] = {MANIFEST: manifest, LEAD: text, "plugins/p/plugin.wasm": artifact}
    return check(ID, setting(tmp_path / "again", files))


@pytest.mark.parametrize(
    "requires",
    ["", '[[requires]]\naction = "env.read"\non = ["A"]\noptional = true', "[config]\na = 1"],
)
def test_the_edit_asks_and_grants(tmp_path: Path, requires: str) -> None:
    manifest = plugin("p", kind="wasm", more=requires)
    one = desk(tmp_path, component(FILES), manifest=manifest)
    assert after(one, tmp_path, component(FILES)).verdict is Verdict.PROVED


def test_the_edit_adds_to_an_array_of_requests(tmp_path: Path) -> None:
    asks = 'requires = [{ action = "env.read", on = ["A"], optional = true }]\n'
    one = desk(
        tmp_path, component(FILES), manifest=plugin("p", kind="wasm").replace("[runtime]", f"{asks}[runtime]")
    )
    assert after(one, tmp_path, component(FILES)).verdict is Verdict.PROVED


def test_the_grant_keeps_the_scopes_condition(tmp_path: Path) -> None:
    scope = allows("fs.read", "/a/**", more='when = "approved", until = 2028-01-01')
    one = desk(tmp_path, component(FILES), scope=(scope,))
    (finding,) = check(ID, one).findings
    assert 'when = "approved", until = 2028-01-01T00:00:00Z' in mended(finding, one, LEAD)


ASKS = request("fs.read", "/a/b/**")


def test_what_is_asked_for_already_is_not_asked_for_again(tmp_path: Path) -> None:
    one = desk(tmp_path, component(FILES), requires=(ASKS,))
    (finding,) = check(ID, one).findings
    assert finding.help.endswith(
        'or, if it is meant, grant `fs.read` on `["/a/b/**"]` and declare it in the `effects` of the tools '
        "that cause it"
    )
    before = (one.workspace.root / MANIFEST).read_text()
    text = mended(finding, one, LEAD)
    after = (one.workspace.root / MANIFEST).read_text()
    assert f"grant = [{allows('fs.read', '/a/b/**')}]" in text
    assert before.count("[[requires]]") == after.count("[[requires]]") == 1


def test_what_is_granted_already_is_not_granted_again(tmp_path: Path) -> None:
    """And no more is asked for than was granted."""
    grant = allows("fs.read", "/a/b/**")
    one = desk(tmp_path, component(FILES), grant)
    (finding,) = check(ID, one).findings
    assert "request `fs.read` on" in finding.help
    assert mended(finding, one, LEAD).count("fs.read") == 2  # the scope and the grant
    assert 'on = ["/a/b/**"]' in (one.workspace.root / MANIFEST).read_text()


@pytest.mark.parametrize(
    ("tools", "declared"),
    [
        (['name = "run"'], 1),
        (['name = "run"\neffects = []'], 1),
        (['name = "run"\neffects = [{ action = "env.read" }]'], 1),
        (['name = "run"', 'name = "walk"\neffects = [\n  { action = "env.read" },\n]'], 2),
        (['name = "run"', 'name = "walk"\neffects = [{ action = "fs.read" }]'], 1),
        ([], 0),
    ],
)
def test_the_edit_declares_the_effect(tmp_path: Path, tools: list[str], declared: int) -> None:
    """Without a declaration of the tool no call may cause it: it would verify, and then be denied."""
    one = desk(tmp_path, component(FILES), manifest=plugin("p", ASKS, kind="wasm", tools=tools))
    assert after(one, tmp_path, component(FILES)).verdict is Verdict.PROVED
    loaded = tomllib.loads((one.workspace.root / MANIFEST).read_text())
    effects = [e["action"] for tool in loaded.get("tool", ()) for e in tool.get("effects", ())]
    assert effects.count("fs.read") == declared


@pytest.mark.parametrize(
    ("tool", "enabled"),
    [
        ('name = "run"\n[[tool.effects]]\naction = "env.read"', enable("project:p")),
        (
            'name = "run"',
            '[[enable]]\nplugin = "project:p"\n[[enable.grant]]\naction = "env.read"\non = ["A"]',
        ),
    ],
)
def test_half_of_the_edits_is_not_offered(tmp_path: Path, tool: str, enabled: str) -> None:
    files: dict[str, str | bytes] = {
        MANIFEST: plugin("p", kind="wasm", tools=[tool]),
        "plugins/p/plugin.wasm": component(FILES),
        LEAD: profile("lead", READS, parts=[enabled]),
    }
    (finding,) = check(ID, setting(tmp_path, files)).findings
    assert finding.edits == ()
    assert "request and grant `fs.read` on" in finding.help
