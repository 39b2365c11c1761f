"""The adapter loads what was proved, and a call answers in form or not at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from capwright_runtimes.adapters import adapter_for
from capwright_runtimes.adapters.wasm import _ONE_AT_A_TIME, load
from capwright_runtimes.adapters.wasm_limits import CallFailed
from capwright_runtimes.refusal import Denied, Refused
from tests.runtimes.adapters.wasm_cases import (
    FILES,
    NOTES,
    SAY,
    FakeBroker,
    admission,
    as_broker,
    binary,
    call,
    component,
    refusal,
    say,
)


class TestWhatLoads:
    def test_the_registry_of_adapters_finds_it(self) -> None:
        assert adapter_for("wasm").load is load

    def test_a_value_that_is_no_admission(self) -> None:
        assert refusal(object()).code == "no-admission"

    def test_another_kind(self, tmp_path: Path) -> None:
        assert refusal(admission(tmp_path, component(), kind="mcp")).code == "wrong-kind"

    @pytest.mark.parametrize("at", [0, 8, 1000, -1])
    def test_one_changed_byte(self, tmp_path: Path, at: int) -> None:
        data = bytearray(NOTES.read_bytes())
        admitted = admission(tmp_path, bytes(data), imports=[FILES])
        data[at] ^= 1
        (tmp_path / "plugin.wasm").write_bytes(data)
        assert refusal(admitted).code == "artifact-drift"

    def test_text_that_the_engine_would_compile(self, tmp_path: Path) -> None:
        assert refusal(admission(tmp_path, b"(component)")).code == "bad-artifact"

    @pytest.mark.parametrize(
        ("wat", "reason"),
        [
            ("(module)", "core module"),
            ("(component)", "must export"),
            ('(component (core module $m) (export "call-tool" (core module $m)))', "must export"),
        ],
    )
    def test_no_component_with_the_export(self, tmp_path: Path, wat: str, reason: str) -> None:
        refused = refusal(admission(tmp_path, binary(wat)))
        assert refused.code == "bad-artifact"
        assert reason in refused.reason

    def test_an_export_of_another_type(self, tmp_path: Path) -> None:
        wat = """(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
            (func (export "call-tool") (canon lift (core func $i "f"))))"""
        refused = refusal(admission(tmp_path, binary(wat)))
        assert (refused.code, "must export" in refused.reason) == ("bad-artifact", True)

    def test_malformed_bytes(self, tmp_path: Path) -> None:
        assert refusal(admission(tmp_path, component()[:-1])).code == "bad-artifact"

    @pytest.mark.parametrize("path", ["gone.wasm", "../plugin.wasm", "/etc/passwd", "."])
    def test_no_such_file_below_the_root(self, tmp_path: Path, path: str) -> None:
        admitted = admission(tmp_path, component(), artifact={"path": path, "sha256": "0" * 64})
        assert refusal(admitted).code == "artifact-unreadable"

    def test_a_link_to_the_proved_bytes(self, tmp_path: Path) -> None:
        admitted = admission(tmp_path, component())
        (tmp_path / "plugin.wasm").rename(tmp_path / "other.wasm")
        (tmp_path / "plugin.wasm").symlink_to("other.wasm")
        assert refusal(admitted).code == "artifact-unreadable"

    @pytest.mark.parametrize(
        "artifact", [{"path": "plugin.wasm"}, {"sha256": "0"}, {"path": 1, "sha256": ""}]
    )
    def test_a_proof_without_an_artifact(self, tmp_path: Path, artifact: Mapping[str, object]) -> None:
        assert refusal(admission(tmp_path, component(), artifact=artifact)).code == "bad-table"


class TestCalls:
    def test_a_tool_that_the_plugin_has_not(self, tmp_path: Path) -> None:
        with (
            closing(load(admission(tmp_path, component()))) as session,
            pytest.raises(Denied, match="no such tool"),
        ):
            session.call("other", {}, as_broker(FakeBroker()))

    def test_nothing_stays_in_memory_from_one_call_to_the_next(self, tmp_path: Path) -> None:
        count = """(i32.store8 (i32.const 200) (i32.add (i32.load8_u (i32.const 200)) (i32.const 1)))"""
        shown = "(i32.store8 (i32.const 100) (i32.add (i32.load8_u (i32.const 200)) (i32.const 0x30)))"
        body = f"{count} {shown} {SAY.format(1)}"
        with closing(load(admission(tmp_path, component(body)))) as session:
            answers = [session.call("search", {}, as_broker(FakeBroker())).text for _ in range(3)]
        assert answers == ["1", "1", "1"]

    def test_each_call_has_its_own_broker_on_every_thread(self, tmp_path: Path) -> None:
        admitted = admission(tmp_path, NOTES.read_bytes(), imports=[FILES])
        arguments: dict[str, object] = {"path": "/n", "query": "word"}

        def go(number: int) -> bool:
            names = [f"{number}.md"] * 3
            broker = FakeBroker(folders={"/n": names}, files={f"/n/{number}.md": b"word %d" % number})
            output = session.call("search", copy.copy(arguments), as_broker(broker))
            found = {match["text"] for match in json.loads(output.text)["matches"]}
            return found == {f"word {number}"} and len(broker.given) == 4

        with closing(load(admitted)) as session, ThreadPoolExecutor(4) as pool:
            assert all(pool.map(go, range(200)))

    def test_one_component_runs_at_a_time(self, tmp_path: Path) -> None:
        """The engine's Python side shares variables among threads; see `_ONE_AT_A_TIME`."""

        class Asking(FakeBroker):
            def list_dir(self, path: str) -> list[str]:
                with ThreadPoolExecutor(1) as another:
                    free.append(another.submit(_ONE_AT_A_TIME.acquire, blocking=False).result())
                return super().list_dir(path)

        free: list[bool] = []
        broker = Asking(folders={"/n": []})
        call(tmp_path, NOTES.read_bytes(), {"path": "/n", "query": "word"}, broker, FILES)
        assert free == [False]

    def test_arguments_that_are_no_json(self, tmp_path: Path) -> None:
        with (
            closing(load(admission(tmp_path, component()))) as session,
            pytest.raises(Denied, match="no JSON"),
        ):
            session.call("search", {"x": float("nan")}, as_broker(FakeBroker()))

    def test_after_close(self, tmp_path: Path) -> None:
        session = load(admission(tmp_path, component()))
        session.close()
        session.close()
        with pytest.raises(Refused) as caught:
            session.call("search", {}, as_broker(FakeBroker()))
        assert caught.value.code == "closed"

    def test_an_answer_that_is_not_json(self, tmp_path: Path) -> None:
        with (
            closing(load(admission(tmp_path, component(say("{"))))) as session,
            pytest.raises(CallFailed, match="not JSON") as caught,
        ):
            session.call("search", {}, as_broker(FakeBroker()))
        assert caught.value.cause == "result"
