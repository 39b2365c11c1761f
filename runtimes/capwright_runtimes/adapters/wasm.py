"""The `wasm` adapter: runs a component that can reach nothing but what the proof lets it be linked to.

What is loaded is what was proved: the bytes are read once, their digest is compared with the admission's, and
the same bytes are compiled. No WASI, no host function but those of `wasm_host.OFFERED`, each bound to the
broker of the call that runs. Every call gets a fresh store, so nothing stays in memory from one to the next.
"""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Final

from wasmtime import Engine, WasmtimeError
from wasmtime.component import Component, ComponentInstanceType, FuncType, Linker, Variant

from capwright_registry import strict_json
from capwright_registry.artifact import ArtifactError, binary_kind, cause
from capwright_registry.decide import PERMISSION_ACTION
from capwright_registry.errors import InternalError
from capwright_registry.files import ARTIFACT_LIMIT
from capwright_runtimes.adapters.base import ToolOutput
from capwright_runtimes.adapters.wasm_host import OFFERED, HostCall, link
from capwright_runtimes.adapters.wasm_limits import CallFailed, Limits, Ticker, failed, limited_engine
from capwright_runtimes.adapters.wasm_types import function_type
from capwright_runtimes.admission import Admission, require_admission
from capwright_runtimes.broker import Broker
from capwright_runtimes.mediators.scoped_fs import ScopedFs
from capwright_runtimes.records import plain_arguments
from capwright_runtimes.refusal import Denied, Refused, deny

if TYPE_CHECKING:
    from wasmtime.component import ComponentItem

EXPORT: Final = "call-tool"
EXPORT_TYPE: Final = "func(string, string) -> result<string, string>"

# wasmtime-py converts values and carries exceptions through variables of its modules: of two threads at once,
# one call in 400 was seen to fail. So one component runs at a time in a process.
_ONE_AT_A_TIME: Final = threading.RLock()


class WasmSession:
    """One loaded component. Safe to use from several threads; their calls take turns."""

    def __init__(self, admission: Admission, limits: Limits, engine: Engine, component: Component) -> None:
        self._admission = admission
        self._limits = limits
        self._engine = engine
        self._component = component
        self._interfaces = tuple(sorted(component.type.imports(engine)))
        self._ticker = Ticker(engine)

    def call(self, tool: str, arguments: dict[str, object], broker: Broker) -> ToolOutput:
        """Run the tool; what the component answers as `err` is an error output, with its text as it is.

        Raises `CallFailed` (a `Denied`) for a broken limit, a trap or a malformed answer, and `Refused` after
        `close`. What `broker` raises is raised here, but for `Denied`, which the component gets as `err`.
        """
        identity = f"{self._admission.plugin}/{tool}"
        if tool not in self._admission.tools:
            raise deny(PERMISSION_ACTION, identity, "adapter", "the plugin has no such tool")
        text = json.dumps(plain_arguments(identity, arguments))
        host = HostCall(broker)
        with _ONE_AT_A_TIME, self._ticker.ticking():
            try:
                answer = self._run(tool, text, host)
            except WasmtimeError as error:
                if host.failure is not None:
                    raise host.failure  # noqa: B904 - it has its own cause; the trap came of it
                raise failed(identity, self._limits, error) from None
        return self._output(identity, answer)

    def close(self) -> None:
        """Take no more calls, and stop the ticker once the last is over. May be called more than once."""
        self._ticker.close()

    def _run(self, tool: str, arguments: str, host: HostCall) -> Variant:
        """One call in a store and a linker of its own. Raises `WasmtimeError`."""
        with self._limits.store(self._engine) as store, Linker(self._engine) as linker:
            link(linker, self._interfaces, host)
            function = linker.instantiate(store, self._component).get_func(store, EXPORT)
            if function is None:
                raise InternalError(f"a loaded component lost its `{EXPORT}`")
            answer = function(store, tool, arguments)
        if not isinstance(answer, Variant) or not isinstance(answer.payload, str):
            raise InternalError(f"`{EXPORT}` answered with another type than it was checked for")
        return answer

    def _output(self, identity: str, answer: Variant) -> ToolOutput:
        text = str(answer.payload)
        data = text.encode()
        limit = self._limits.output
        if len(data) > limit:
            reason = f"the answer of {len(data)} bytes is longer than `output` ({limit} bytes)"
            raise CallFailed(identity, "output", reason)
        if answer.tag == "err":
            return ToolOutput(text, is_error=True)
        try:
            strict_json.parse(data, limit)
        except strict_json.JsonError as error:
            raise CallFailed(identity, "result", f"the answer is not JSON: {error.message}") from None
        return ToolOutput(text)


def load(admission: Admission) -> WasmSession:
    """The plugin's component, compiled and checked, not yet run.

    Raises `Refused`: `no-admission`, `wrong-kind`, `bad-table`; `artifact-unreadable`, `artifact-drift` (its
    bytes are not those that were proved), `bad-artifact` (no component, or no `call-tool`); `ambient-import`
    (no capability covers it), `unproved-import`, `import-mismatch` (not a function as the host offers it).
    """
    admitted = require_admission(admission)
    if admitted.kind != "wasm":
        raise Refused("wrong-kind", "the wasm adapter loads no other kind", admitted.kind)
    limits = Limits.of(admitted.runtime)
    data = _proved_bytes(admitted)
    engine = limited_engine()
    component = _compiled(engine, data)
    for name, item in component.type.imports(engine).items():
        _require_import(admitted, engine, name, item.ty)
    exports = component.type.exports(engine)
    _require_export(exports[EXPORT].ty if EXPORT in exports else None)
    return WasmSession(admitted, limits, engine, component)


def _proved_bytes(admission: Admission) -> bytes:
    """The artifact's bytes, read once, if their digest is the one that was proved."""
    artifact = admission.artifact or {}
    path, digest = artifact.get("path"), artifact.get("sha256")
    if not isinstance(path, str) or not isinstance(digest, str):
        raise Refused("bad-table", "the proof names no artifact for the plugin", admission.plugin)
    files = ScopedFs(admission.root, max_bytes=ARTIFACT_LIMIT)
    try:
        data = files.read(str(admission.root / path)).data
    except Denied as error:
        raise Refused("artifact-unreadable", f"the artifact cannot be read: {error.reason}", path) from error
    finally:
        files.close()
    if hashlib.sha256(data).hexdigest() != digest:
        raise Refused("artifact-drift", "the artifact is not the one that was proved; verify again", path)
    return data


def _compiled(engine: Engine, data: bytes) -> Component:
    try:
        if binary_kind(data) != "component":
            raise ArtifactError("the artifact is a core module; build it as a component")
        return Component(engine, data)
    except ArtifactError as error:
        raise Refused("bad-artifact", error.message) from error
    except WasmtimeError as error:
        raise Refused("bad-artifact", "the artifact does not compile", cause(error)) from error


def _require_import(admission: Admission, engine: Engine, name: str, item: ComponentItem) -> None:
    """The import is an interface the host has, that was proved, and asks only for functions as offered."""
    offered = OFFERED.get(name)
    if offered is None:
        raise Refused("ambient-import", "the component imports what no capability covers", name)
    if name not in admission.imports:
        raise Refused("unproved-import", "the component imports what was not proved for it", name)
    if not isinstance(item, ComponentInstanceType):
        raise Refused("import-mismatch", "the import is not an interface", name)
    for function, asked in item.exports(engine).items():
        kind, known = asked.ty, offered.get(function)
        if known is None or not isinstance(kind, FuncType) or function_type(kind) != known.type:
            raise Refused("import-mismatch", "the host offers no such function", f"{name} {function}")


def _require_export(kind: ComponentItem | None) -> None:
    if not isinstance(kind, FuncType) or function_type(kind) != EXPORT_TYPE:
        raise Refused("bad-artifact", f"the component must export `{EXPORT}: {EXPORT_TYPE}`")
