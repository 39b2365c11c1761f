"""Components written as text, admissions for them, a broker that remembers: for the tests of the adapter."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

import pytest
import wasmtime

from capwright_registry.decide import Decision
from capwright_runtimes.adapters.base import ToolOutput
from capwright_runtimes.adapters.wasm import load
from capwright_runtimes.admission import Admission, AdmissionFields, _mint
from capwright_runtimes.broker import Broker
from capwright_runtimes.refusal import Refused, deny
from tests.runtimes.host_fakes import PLUGIN, tool

T = TypeVar("T")
EXAMPLES = Path(__file__).parents[3] / "specs" / "examples"
NOTES = EXAMPLES / "notes-desk" / "plugins" / "acme.notes" / "notes.wasm"
ESCALATED = EXAMPLES / "notes-desk-escalated" / "plugins" / "acme.notes" / "notes.wasm"
FILES = "capwright:plugin/files@0.1.0"
ENV = "capwright:plugin/env@0.1.0"
NET = "capwright:plugin/net@0.1.0"
LIMITS = {"fuel": 500_000_000, "memory": 1 << 20, "wall": 60_000, "output": 64 * 1024}

BYTES = '(param "a" string) (result (result (list u8) (error string)))'
TEXT = '(param "a" string) (result (result string (error string)))'
FORWARD = "(call $host (local.get 2) (local.get 3) (i32.const 16)) (i32.const 16)"
SAY = "(i32.store (i32.const 20) (i32.const 100)) (i32.store (i32.const 24) (i32.const {})) (i32.const 16)"
EXPORT = f'(func (export "call-tool") (param "name" string) (param "arguments" string) {TEXT[18:]}'


def say(answer: str, before: str = "") -> str:
    """The body that answers with this text (ASCII), after doing `before`."""
    stores = (f"(i32.store8 (i32.const {100 + n}) (i32.const {ord(c)}))" for n, c in enumerate(answer))
    return f"{before} (i32.store8 (i32.const 16) (i32.const 0)) {' '.join(stores)} {SAY.format(len(answer))}"


def component(
    body: str = say("{}"),
    *,
    declare: str = "",
    beside: str = "",
    pages: int = 1,
    call: tuple[str, str, str] | None = None,
) -> bytes:
    """A component whose `call-tool` is `body`, which leaves the address of its answer.

    Locals 0 to 3 are name and arguments as address and length. Bytes 16 to 27 are free for the answer (0 or
    1, an address, a length), bytes 100 to 999 for its text. `declare` stands in the core module, `beside`
    next to it; its memory has `pages`. `call` is (interface, function, type): what `$host` calls, with an
    address, a length and an address for the answer.
    """
    memory = '(memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))'
    imported, lowered, core, given = "", "", "", ""
    if call is not None:
        interface, function, kind = call
        imported = f'(import "{interface}" (instance $asked (export "{function}" (func {kind}))))'
        lowered = f'(core func $lowered (canon lower (func $asked "{function}") {memory}))'
        core = '(import "host" "f" (func $host (param i32 i32 i32)))'
        given = '(with "host" (instance (export "f" (func $lowered))))'
    return binary(f"""(component {imported}
        (core module $libc
          (memory (export "memory") {pages})
          (global $top (mut i32) (i32.const 1024))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
            (global.set $top (i32.add (local.get $at) (local.get 3)))
            (local.get $at)))
        (core instance $libc (instantiate $libc))
        {beside}
        {lowered}
        (core module $main
          (import "libc" "memory" (memory 1))
          {core}
          {declare}
          (func (export "call-tool") (param i32 i32 i32 i32) (result i32) {body}))
        (core instance $main (instantiate $main (with "libc" (instance $libc)) {given}))
        {EXPORT} (canon lift (core func $main "call-tool") {memory})))""")


def binary(wat: str) -> bytes:
    """The binary of WebAssembly text."""
    return bytes(wasmtime.wat2wasm(wat))


@dataclass
class FakeBroker:
    """Answers from dictionaries, denies what is not there, remembers what it was asked and what it gave."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    folders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    urls: Sequence[str] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def read_file(self, path: str) -> bytes:
        return self._answer("fs.read", path, self.files)

    def list_dir(self, path: str) -> list[str]:
        return list(self._answer("fs.read", path, self.folders))

    def env(self, name: str) -> str:
        return self._answer("env.read", name, self.variables)

    def check(self, action: str, resource: str) -> Decision:
        self.asked.append((action, resource))
        return Decision(resource in self.urls, action, resource, "granted", "no rule of `granted` covers it")

    def _answer(self, action: str, resource: str, have: Mapping[str, T]) -> T:
        self.asked.append((action, resource))
        if resource not in have:
            raise deny(action, resource, "granted", "no rule of `granted` covers it")
        self.given.append(resource)
        return have[resource]


def as_broker(broker: object) -> Broker:
    """A fake, where the real broker is expected."""
    return cast(Broker, broker)


def admission(
    root: Path,
    data: bytes,
    *,
    imports: Sequence[str] = (),
    limits: Mapping[str, object] | None = None,
    artifact: Mapping[str, object] | None = None,
    kind: str = "wasm",
) -> Admission:
    """An admission for these bytes, which are written to `root`. Nothing is checked here."""
    (root / "plugin.wasm").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    return _mint(
        AdmissionFields(
            agent="lead",
            plugin=PLUGIN,
            kind=kind,
            root=root,
            folder=root,
            tables={},
            runtime={"kind": kind, "limits": {**LIMITS, **(limits or {})}},
            tools={"search": tool(("fs.read", "/path"))},
            artifact=artifact or {"path": "plugin.wasm", "sha256": digest},
            imports=frozenset(imports),
        )
    )


def call(
    root: Path, data: bytes, arguments: Mapping[str, object], broker: object, *imports: str
) -> ToolOutput:
    """Load the bytes with these imports proved, call `search` once, close."""
    with closing(load(admission(root, data, imports=imports))) as session:
        return session.call("search", dict(arguments), as_broker(broker))


def refusal(admitted: object) -> Refused:
    """How loading is refused."""
    with pytest.raises(Refused) as caught:
        load(cast(Admission, admitted))
    return caught.value
