"""The limits of one call of a component, and what is said of a call that broke one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from wasmtime import Config, Engine, Store, WasmtimeError

from capwright_registry.artifact import cause
from capwright_registry.decide import PERMISSION_ACTION, Decision
from capwright_runtimes.refusal import Denied, Refused

Cause = Literal["fuel", "wall", "memory", "output", "trap", "result"]

TICK_MILLISECONDS: Final = 10
MAX_STACK_BYTES: Final = 512 * 1024
# Generous for what a component tool chain makes, and a bound on what the host keeps for one call.
MAX_INSTANCES: Final = 64
MAX_TABLES: Final = 32
MAX_TABLE_ELEMENTS: Final = 100_000
_OVER: Final = ("exceeds memory limits", "exceeds table limits")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one call: `fuel` (units), `memory` and `output` (bytes), `wall` (milliseconds)."""

    fuel: int
    memory: int
    wall: int
    output: int

    @staticmethod
    def of(runtime: Mapping[str, object]) -> Limits:
        """Raises `Refused` (`bad-table`) unless all four are there, whole and positive."""
        limits = runtime.get("limits")
        if not isinstance(limits, Mapping):
            raise Refused("bad-table", "the runtime's table has no limits")
        return Limits(*(_positive(limits, name) for name in ("fuel", "memory", "wall", "output")))

    def store(self, engine: Engine) -> Store:
        """A fresh store under these limits. One memory alone, so that `memory` bounds them all."""
        store = Store(engine)
        store.set_fuel(self.fuel)
        store.set_epoch_deadline(-(-self.wall // TICK_MILLISECONDS) + 1)
        store.set_limits(
            memory_size=self.memory,
            memories=1,
            instances=MAX_INSTANCES,
            tables=MAX_TABLES,
            table_elements=MAX_TABLE_ELEMENTS,
        )
        return store


class CallFailed(Denied):
    """A component's call ended without an answer. `cause` says which limit it broke, or what it did.

    `fuel`, `wall`, `memory`, `output`: the limit of that name; `memory` stands for tables and instances too.
    `trap`: it stopped itself or broke a rule of WebAssembly, as one often does when its memory cannot grow.
    `result`: the answer is malformed.
    """

    def __init__(self, identity: str, cause: Cause, reason: str) -> None:
        self.cause = cause
        super().__init__(Decision(False, PERMISSION_ACTION, identity, "wasm", reason))


def failed(identity: str, limits: Limits, error: WasmtimeError) -> CallFailed:
    """What the engine's error says of the call."""
    text = cause(error)
    if text.endswith("all fuel consumed by WebAssembly"):
        return CallFailed(identity, "fuel", f"the call used up its `fuel` ({limits.fuel} units)")
    if text.endswith("wasm trap: interrupt"):
        return CallFailed(identity, "wall", f"the call ran longer than `wall` ({limits.wall} ms)")
    if text.endswith(_OVER) or text.startswith("resource limit exceeded"):
        told = f"the component needs more than it may have: {text} (`memory` is {limits.memory} bytes)"
        return CallFailed(identity, "memory", told)
    if text.startswith("wasm trap: "):
        return CallFailed(identity, "trap", f"the component stopped: {text.removeprefix('wasm trap: ')}")
    return CallFailed(identity, "result", f"the component answers out of form: {text}")


def limited_engine() -> Engine:
    """An engine that counts fuel and epochs, with the parts of WebAssembly off that plugins do not need."""
    config = Config()
    config.consume_fuel = True
    config.epoch_interruption = True
    config.max_wasm_stack = MAX_STACK_BYTES
    config.wasm_threads = False
    config.wasm_memory64 = False
    config.wasm_multi_memory = False
    config.wasm_exceptions = False
    config.wasm_function_references = False
    config.wasm_gc = False  # its heap is outside `memory`
    return Engine(config)


class Ticker:
    """Advances an engine's epoch every `TICK_MILLISECONDS` while a call runs, and rests otherwise.

    The thread ends after `close`, once the last call is over: closing never lifts the limit of a call.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._calls = 0
        self._closed = False
        self.thread = threading.Thread(target=self._run, name="capwright-wasm-ticker", daemon=True)
        self.thread.start()

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """The epoch advances inside. Raises `Refused` (`closed`) after `close`."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def close(self) -> None:
        """May be called more than once, from any thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            resting = self._calls == 0
        if resting:
            self.thread.join()

    def _count(self, change: int) -> None:
        with self._changed:
            if self._closed and change > 0:
                raise Refused("closed", "the session is closed")
            self._calls += change
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not (self._closed and self._calls == 0):
                if self._calls == 0:
                    self._changed.wait()
                elif not self._changed.wait(TICK_MILLISECONDS / 1000):
                    self._engine.increment_epoch()


def _positive(limits: Mapping[str, object], name: str) -> int:
    value = limits.get(name)
    if type(value) is not int or value <= 0:
        raise Refused("bad-table", "a limit must be a whole number above zero", name)
    return value
