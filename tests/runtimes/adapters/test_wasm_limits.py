"""Each limit of a call ends it, says which limit it was, and leaves the session as it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
import wasmtime

from capwright_runtimes.adapters.wasm import load
from capwright_runtimes.adapters.wasm_limits import (
    TICK_MILLISECONDS,
    CallFailed,
    Limits,
    Ticker,
    limited_engine,
)
from capwright_runtimes.refusal import Denied, Refused
from tests.runtimes.adapters.wasm_cases import (
    LIMITS,
    SAY,
    FakeBroker,
    admission,
    as_broker,
    component,
    refusal,
)

FOREVER = "(loop $l (br $l)) unreachable"
START = "(func $s (loop $l (br $l))) (start $s)"
RECURSE = "(func $r (param i32) (result i32) (i32.add (call $r (local.get 0)) (i32.const 1)))"
ENDLESS_FUEL = 10**12
PAGE = 65536


def failure(root: Path, data: bytes, **limits: int) -> CallFailed:
    """How a call fails. The session is called twice: the first failure must not change the second."""
    with closing(load(admission(root, data, limits=limits))) as session:
        caught = []
        for _ in range(2):
            with pytest.raises(CallFailed) as raised:
                session.call("search", {}, as_broker(FakeBroker()))
            caught.append(raised.value)
    assert (caught[0].cause, caught[0].reason) == (caught[1].cause, caught[1].reason)
    return caught[0]


def test_a_failure_is_a_denial_of_the_call(tmp_path: Path) -> None:
    failed = failure(tmp_path, component("unreachable"))
    assert isinstance(failed, Denied)
    decision = failed.decision
    assert (decision.allowed, decision.action, decision.layer) == (False, "tool.call", "wasm")
    assert decision.resource == "project:acme.notes/search"


@pytest.mark.parametrize("data", [component(FOREVER), component(declare=START)], ids=["call", "start"])
class TestWithoutEnd:
    def test_fuel(self, tmp_path: Path, data: bytes) -> None:
        failed = failure(tmp_path, data, fuel=100_000)
        assert (failed.cause, "`fuel` (100000 units)" in failed.reason) == ("fuel", True)

    def test_wall(self, tmp_path: Path, data: bytes) -> None:
        failed = failure(tmp_path, data, fuel=ENDLESS_FUEL, wall=30)
        assert (failed.cause, "`wall` (30 ms)" in failed.reason) == ("wall", True)


class TestMemory:
    def test_more_at_the_start_than_it_may_have(self, tmp_path: Path) -> None:
        failed = failure(tmp_path, component(pages=3), memory=2 * PAGE)
        assert (failed.cause, f"`memory` is {2 * PAGE} bytes" in failed.reason) == ("memory", True)

    def test_a_second_memory_beside_the_first(self, tmp_path: Path) -> None:
        data = component(beside="(core module $b (memory 1)) (core instance (instantiate $b))")
        assert failure(tmp_path, data).cause == "memory"

    def test_growing_stops_at_the_limit(self, tmp_path: Path) -> None:
        grow = "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))"
        pages = "(i32.store8 (i32.const 100) (i32.add (memory.size) (i32.const 0x30)))"
        data = component(f"{grow} {pages} {SAY.format(1)}")
        with closing(load(admission(tmp_path, data, limits={"memory": 7 * PAGE}))) as session:
            assert session.call("search", {}, as_broker(FakeBroker())).text == "7"

    def test_a_table_bomb(self, tmp_path: Path) -> None:
        assert failure(tmp_path, component(declare="(table 100001 funcref)")).cause == "memory"


class TestOutput:
    """An answer over `output`, `ok` or `err`, is denied whole."""

    @pytest.mark.parametrize("tag", [0, 1])
    def test_a_bomb(self, tmp_path: Path, tag: int) -> None:
        fill = "(memory.fill (i32.const 1000) (i32.const 0x20) (i32.const 60000))"
        where = "(i32.store (i32.const 20) (i32.const 1000)) (i32.store (i32.const 24) (i32.const 60000))"
        body = f"{fill} (i32.store8 (i32.const 16) (i32.const {tag})) {where} (i32.const 16)"
        failed = failure(tmp_path, component(body), output=59_999)
        assert (failed.cause, "60000 bytes" in failed.reason) == ("output", True)

    def test_bytes_count_and_not_characters(self, tmp_path: Path) -> None:
        body = f"(i32.store (i32.const 100) (i32.const 0x22a9c322)) {SAY.format(4)}"
        assert failure(tmp_path, component(body), output=3).cause == "output"
        with closing(load(admission(tmp_path, component(body), limits={"output": 4}))) as session:
            assert session.call("search", {}, as_broker(FakeBroker())).text == '"é"'


@pytest.mark.parametrize(
    ("body", "cause", "told"),
    [
        ("unreachable", "trap", "unreachable"),
        ("(i32.load (i32.const -8))", "trap", "out of bounds"),
        ("(i32.div_u (i32.const 1) (i32.const 0))", "trap", "divide by zero"),
        ("(call $r (i32.const 0))", "trap", "call stack exhausted"),
        ("(i32.const -8)", "result", "out of bounds"),
        ("(i32.const 3)", "result", "not aligned"),
        ("(i32.store8 (i32.const 16) (i32.const 7)) (i32.const 16)", "result", "discriminant 7"),
        (f"(i32.store8 (i32.const 100) (i32.const 255)) {SAY.format(1)}", "result", "utf-8"),
        (SAY.format(-1), "result", "out of bounds"),
    ],
)
def test_traps_and_malformed_answers(tmp_path: Path, body: str, cause: str, told: str) -> None:
    failed = failure(tmp_path, component(body, declare=RECURSE))
    assert failed.cause == cause
    assert told in failed.reason


def test_the_names_in_a_component_do_not_choose_the_cause(tmp_path: Path) -> None:
    name = '$"\\n\\nCaused by:\\n    wasm trap: interrupt"'
    data = component(f"(call {name} (i32.const 0))", declare=RECURSE.replace("$r", name))
    failed = failure(tmp_path, data)
    assert (failed.cause, failed.reason) == ("trap", "the component stopped: call stack exhausted")


@pytest.mark.parametrize(
    "wat",
    [
        "(memory i64 1)",
        "(memory 1 1 shared)",
        "(memory 1) (memory 1)",
        "(type (struct))",
        "(type $t (func)) (func (param (ref $t)))",
        "(tag)",
    ],
)
def test_parts_of_webassembly_that_plugins_do_not_need(tmp_path: Path, wat: str) -> None:
    data = component(beside=f"(core module $beside {wat})")
    assert refusal(admission(tmp_path, data)).code == "bad-artifact"


@pytest.mark.parametrize("limit", sorted(LIMITS))
@pytest.mark.parametrize("value", [None, 0, -1, 1.5, True, "64MiB"])
def test_a_limit_that_is_none(tmp_path: Path, limit: str, value: object) -> None:
    refused = refusal(admission(tmp_path, component(), limits={limit: value}))
    assert (refused.code, refused.detail) == ("bad-table", limit)


class FakeEngine:
    """Counts, and says when it has counted far enough."""

    def __init__(self, far: int) -> None:
        self.ticks = 0
        self.far = far
        self.reached = threading.Event()

    def increment_epoch(self) -> None:
        self.ticks += 1
        if self.ticks >= self.far:
            self.reached.set()


class TestTicker:
    @pytest.fixture
    def engine(self) -> FakeEngine:
        return FakeEngine(3)

    @pytest.fixture
    def ticker(self, engine: FakeEngine) -> Iterator[Ticker]:
        with closing(Ticker(cast(wasmtime.Engine, engine))) as ticker:
            yield ticker

    def test_it_ticks_while_a_call_runs(self, engine: FakeEngine, ticker: Ticker) -> None:
        with ticker.ticking():
            assert engine.reached.wait(60)

    def test_it_rests_without_a_call(self, engine: FakeEngine, ticker: Ticker) -> None:
        ticker.close()
        assert engine.ticks == 0

    def test_its_thread_ends_with_it(self, ticker: Ticker) -> None:
        assert ticker.thread.is_alive()
        ticker.close()
        ticker.close()
        assert not ticker.thread.is_alive()

    def test_closing_does_not_lift_the_limit_of_a_running_call(
        self, engine: FakeEngine, ticker: Ticker
    ) -> None:
        with ticker.ticking():
            ticker.close()
            assert engine.reached.wait(60)
        ticker.thread.join(60)
        assert not ticker.thread.is_alive()

    def test_no_call_begins_after_close(self, ticker: Ticker) -> None:
        ticker.close()
        with pytest.raises(Refused), ticker.ticking():
            pass


def test_the_deadline_is_never_before_the_limit() -> None:
    """A call begins somewhere within a tick, so one tick more than the limit holds."""
    limits: Mapping[str, int] = {**LIMITS, "wall": 2 * TICK_MILLISECONDS}
    engine = limited_engine()
    spin = wasmtime.Module(engine, '(module (func (export "f")))')
    store = Limits.of({"limits": limits}).store(engine)
    run = wasmtime.Instance(store, spin, []).exports(store)["f"]
    assert isinstance(run, wasmtime.Func)
    for _ in range(2):
        engine.increment_epoch()
        run(store)
    engine.increment_epoch()
    with pytest.raises(wasmtime.Trap, match="interrupt"):
        run(store)
