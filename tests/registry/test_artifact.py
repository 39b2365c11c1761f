"""An artifact's imports come from its bytes, whatever hides them; only WebAssembly is an artifact."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import wasmtime

from capwright_registry.artifact import Artifact, ArtifactError, Import, describe
from capwright_registry.interfaces import INTERFACES, action_of
from capwright_registry.vocabulary import ACTIONS

EXAMPLES = Path(__file__).parents[2] / "specs" / "examples"
NOTES = EXAMPLES / "notes-desk" / "plugins" / "acme.notes" / "notes.wasm"
ESCALATED = EXAMPLES / "notes-desk-escalated" / "plugins" / "acme.notes" / "notes.wasm"
FILES = Import("capwright:plugin/files@0.1.0", ("list-dir", "read-text"))
RANDOM = '(import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))'


def binary(wat: str) -> bytes:
    return bytes(wasmtime.wat2wasm(wat))


def described(wat: str) -> Artifact:
    return describe(binary(wat))


def test_the_example_imports_files_alone() -> None:
    assert describe(NOTES.read_bytes()) == Artifact("component", (FILES,), ("call-tool",))


def test_its_escalated_twin_reads_the_environment_too() -> None:
    env = Import("capwright:plugin/env@0.1.0", ("get",))
    assert describe(ESCALATED.read_bytes()).imports == (env, FILES)


def test_a_component_without_imports() -> None:
    assert described("(component)") == Artifact("component", (), ())


def test_the_version_is_part_of_the_name() -> None:
    wat = """(component
        (import "capwright:plugin/net@0.1.0" (instance (export "http-get" (func))))
        (import "capwright:plugin/net@0.1.1" (instance (export "http-get" (func)))))"""
    names = [item.name for item in described(wat).imports]
    assert [action_of(name) for name in names] == ["net.http", None]


def test_functions_and_types_imported_without_an_interface_count() -> None:
    wat = '(component (import "now" (func (result u64))) (import "handle" (type (sub resource))))'
    assert described(wat).imports == (Import("handle", ()), Import("now", ()))


def test_functions_of_inner_instances_and_of_resources_are_named() -> None:
    wat = """(component (import "a:b/c@1.0.0" (instance
        (export "stream" (type $s (sub resource)))
        (export "[method]stream.read" (func (param "self" (borrow $s))))
        (export "inner" (instance (export "f" (func)))))))"""
    assert described(wat).imports == (Import("a:b/c@1.0.0", ("[method]stream.read", "inner.f")),)


def test_a_core_module_is_told_apart_with_what_it_imports() -> None:
    wat = """(module
        (import "wasi_snapshot_preview1" "fd_write" (func))
        (import "wasi_snapshot_preview1" "fd_read" (func))
        (import "env" "memory" (memory 1))
        (func (export "run")))"""
    wasi = Import("wasi_snapshot_preview1", ("fd_read", "fd_write"))
    assert described(wat) == Artifact("module", (Import("env", ("memory",)), wasi), ("run",))


class TestWhatIsNested:
    """A nested component or core module gets from outside only what the outermost component imports."""

    def test_an_import_that_is_not_passed_on_does_not_validate(self) -> None:
        with pytest.raises(ArtifactError, match=r"missing import named `wasi:random/random@0\.2\.0`"):
            described(f"(component (component $n {RANDOM}) (instance (instantiate $n)))")

    def test_an_import_that_is_passed_on_is_an_import_of_the_outermost(self) -> None:
        named = RANDOM.replace("(instance ", "(instance $r ")
        passed = '(instance (instantiate $n (with "wasi:random/random@0.2.0" (instance $r))))'
        wat = f"(component {named} (component $n {RANDOM}) {passed})"
        assert described(wat).imports == (Import("wasi:random/random@0.2.0", ("get-random-u64",)),)

    def test_a_core_module_gets_nothing_by_itself(self) -> None:
        with pytest.raises(ArtifactError, match="missing module instantiation argument named `env`"):
            described(
                '(component (core module $m (import "env" "f" (func))) (core instance (instantiate $m)))'
            )

    def test_what_nothing_instantiates_asks_for_nothing(self) -> None:
        assert described(f"(component (component $n {RANDOM}))").imports == ()

    def test_a_nested_component_cannot_be_handed_out(self) -> None:
        with pytest.raises(ArtifactError, match="exporting a component"):
            described(f'(component (component $n {RANDOM}) (export "n" (component $n)))')

    def test_the_imports_of_an_exported_core_module_count(self) -> None:
        module = '(core module $m (import "env" "f" (func))) (export "m" (core module $m))'
        assert described(f"(component {module})").imports == (Import("env", ("f",)),)
        inside = (
            f'(component (component $c {module}) (instance $i (instantiate $c)) (export "i" (instance $i)))'
        )
        assert described(inside).imports == (Import("env", ("f",)),)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"(component)", "must begin with"),
        (b"(module)", "must begin with"),
        (b"", "must begin with"),
        (b"\0as", "must begin with"),
        (b" \0asm\x0d\0\1\0", "must begin with"),
        (b"\0asm", "unknown version"),
        (b"\0asm\x0e\0\1\0", "unknown version"),
        (b"\0asm\1\0\0\0\xff", "malformed section id"),
        (b"\0asm\x0d\0\1\0\1\5junk1", "magic header not detected"),
    ],
)
def test_what_is_no_artifact_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(ArtifactError, match=reason) as caught:
        describe(data)
    assert "\n" not in caught.value.message


def test_damaged_bytes_are_refused_or_read_and_nothing_else() -> None:
    data = binary('(component (import "a:b/c@1.0.0" (instance (export "f" (func)))))')
    refused = 0
    for at in range(len(data)):
        for damaged in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]):
            try:
                describe(damaged)
            except ArtifactError:
                refused += 1
    assert refused > len(data)


def test_every_interface_stands_for_an_action() -> None:
    assert set(INTERFACES.values()) <= set(ACTIONS)


def test_the_engine_is_loaded_only_to_describe() -> None:
    code = "import sys, capwright_registry.artifact; sys.exit('wasmtime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
