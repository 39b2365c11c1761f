"""`artifact-drift`: what its vectors cannot say."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.reference_artifact import exported
from capwright_policy.setting import Setting
from capwright_registry.artifact import describe
from capwright_registry.errors import InputError
from tests.support.checking import check, enable, marked, plugin, profile, setting
from tests.support.components import binary, component

ID = "artifact-drift"
LEAD, MANIFEST, ARTIFACT = "profiles/lead.toml", "plugins/p/plugin.toml", "plugins/p/plugin.wasm"


def desk(tmp_path: Path, artifact: bytes, manifest: str) -> Setting:
    files: dict[str, str | bytes] = {
        MANIFEST: manifest,
        ARTIFACT: artifact,
        LEAD: profile("lead", parts=[enable("project:p")]),
    }
    return setting(tmp_path, files)


def decided(tmp_path: Path, artifact: bytes, manifest: str) -> CheckResult:
    return check(ID, desk(tmp_path, artifact, manifest))


def said(digest: str) -> str:
    return plugin("p", kind="wasm").replace('"plugin.wasm"', f'"plugin.wasm"\nsha256 = "{digest}"')


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    digest = hashlib.sha256(component()).hexdigest()
    assert decided(tmp_path / "a", component(), said(digest)).verdict is Verdict.PROVED
    one = desk(tmp_path / "b", component(more="(core module)"), said(digest))
    (finding,) = check(ID, one).findings
    assert marked(finding.span, one) == f'"{digest}"'
    assert hashlib.sha256(component(more="(core module)")).hexdigest() in finding.message
    assert finding.edits == ()  # nobody should write what was not looked at


@pytest.mark.parametrize("digest", ["a" * 63, "A" * 64, "a" * 65, "", "g" * 64, "a" * 64 + "\\n"])
def test_a_digest_has_one_form(tmp_path: Path, digest: str) -> None:
    """Strictly 64 lower-case hexadecimal digits: anything else is no document."""
    with pytest.raises(InputError, match="sha256"):
        desk(tmp_path, component(), said(digest))


def test_a_plugin_without_tools_and_hooks_needs_no_export(tmp_path: Path) -> None:
    result = decided(tmp_path, component(export=None), plugin("p", kind="wasm", tools=()))
    assert result.verdict is Verdict.VACUOUS


def test_each_of_three_obligations_is_told(tmp_path: Path) -> None:
    hook = '[[hook]]\non = "tool.after"\npower = "observe"'
    result = decided(tmp_path, component(export="other"), said("0" * 64) + hook)
    assert (result.obligations, len(result.findings)) == (3, 3)


def test_a_core_module_in_its_place_is_no_artifact_at_all(tmp_path: Path) -> None:
    """Refused when it is read, so no check has to say it."""
    from wasmtime import wat2wasm

    module = bytes(wat2wasm('(module (func (export "call-tool")))'))
    with pytest.raises(InputError, match="the artifact is a core module, not a component"):
        decided(tmp_path, module, plugin("p", kind="wasm"))


FUNCTION = '(core module $n (func (export "f"))) (core instance $j (instantiate $n)) '
LIFTED = '(func $g (canon lift (core func $j "f")))'
EXPORTS = {
    "nothing": "",
    "one of a core module": '(core module $n) (export "a" (core module $n))',
    "one with its type": f'{FUNCTION} {LIFTED} (export "a" (func $g) (func))',
    "an instance": f'{FUNCTION} {LIFTED} (instance $k (export "i" (func $g))) (export "x:y/z" (instance $k))',
    "a component within": '(component $c (core module $n) (export "no" (core module $n)))',
    "types": '(type $t u8) (export "t" (type $t)) (type $r (resource (rep i32))) (export "r" (type $r))',
    "many": " ".join(
        f'(core module $m{n}) (export "m{n}" (core module $m{n}) (core module))' for n in range(200)
    ),
}


@pytest.mark.parametrize("text", EXPORTS.values(), ids=EXPORTS.keys())
@pytest.mark.parametrize("export", [None, "call-tool"])
def test_the_reference_reads_the_same_names_as_the_engine(text: str, export: str | None) -> None:
    """It reads the sections by itself; what it reads wrong would fail a replay."""
    artifact = component(export=export, more=text) if export else binary(text)
    assert sorted(exported(artifact)) == list(describe(artifact).exports)


@pytest.mark.parametrize("name", ["notes-desk", "notes-desk-escalated"])
def test_the_reference_reads_real_components(name: str) -> None:
    root = Path(__file__).parents[3] / "specs/examples" / name / "plugins/acme.notes/notes.wasm"
    assert exported(root.read_bytes()) == ["call-tool"]
