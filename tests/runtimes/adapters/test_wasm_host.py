"""A component is linked to what was proved, by exact name and type, and a fault of ours ends its call."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from capwright_registry.interfaces import INTERFACES
from capwright_runtimes.adapters.base import ToolOutput
from capwright_runtimes.adapters.wasm import EXPORT_TYPE, load
from capwright_runtimes.adapters.wasm_host import OFFERED
from tests.runtimes.adapters.wasm_cases import (
    BYTES,
    ENV,
    FILES,
    FORWARD,
    NET,
    NOTES,
    TEXT,
    FakeBroker,
    admission,
    as_broker,
    binary,
    call,
    component,
    refusal,
    say,
)

WIT = Path(__file__).parents[3] / "specs" / "wit" / "plugin.wit"
RANDOM = '(import "wasi:random/random@0.2.3" (instance (export "get-random-u64" (func (result u64)))))'


def published() -> dict[str, dict[str, str]]:
    """The functions of the published interfaces by interface and name, types as the adapter writes them."""
    text = re.sub(r"///.*", "", WIT.read_text())
    package = re.search(r"package ([\w:]+)@([\d.]+);", text)
    assert package is not None
    return {
        f"{package[1]}/{interface}@{package[2]}": {
            name: f"func({kind}) -> {result}"
            for name, kind, result in re.findall(r"([\w-]+): func\(\w+: (\w+)\) -> ([^;]+);", body)
        }
        for interface, body in re.findall(r"interface (\w+) \{([^}]*)\}", text)
    }


def test_the_host_offers_the_published_interfaces_and_nothing_else() -> None:
    offered = {name: {f: known.type for f, known in has.items()} for name, has in OFFERED.items()}
    assert offered == published()
    assert offered.keys() == INTERFACES.keys()


def test_the_export_is_the_published_one() -> None:
    kinds = re.search(r"call-tool: func\(name: (\w+), arguments: (\w+)\) -> ([^;]+);", WIT.read_text())
    assert kinds is not None
    assert f"func({kinds[1]}, {kinds[2]}) -> {kinds[3]}" == EXPORT_TYPE


class TestWhatIsLinked:
    def test_wasi_is_not_there(self, tmp_path: Path) -> None:
        refused = refusal(admission(tmp_path, binary(f"(component {RANDOM})"), imports=[FILES, ENV, NET]))
        assert (refused.code, refused.detail) == ("ambient-import", "wasi:random/random@0.2.3")

    def test_wasi_is_not_there_even_if_a_proof_says_so(self, tmp_path: Path) -> None:
        refused = refusal(
            admission(tmp_path, binary(f"(component {RANDOM})"), imports=["wasi:random/random@0.2.3"])
        )
        assert refused.code == "ambient-import"

    def test_an_interface_that_was_not_proved(self, tmp_path: Path) -> None:
        refused = refusal(admission(tmp_path, component(call=(FILES, "read", BYTES)), imports=[ENV]))
        assert (refused.code, refused.detail) == ("unproved-import", FILES)

    @pytest.mark.parametrize("version", ["0.1.1", "0.1.0-rc", "0.2.0"])
    def test_another_version_however_compatible(self, tmp_path: Path, version: str) -> None:
        name = f"capwright:plugin/net@{version}"
        refused = refusal(admission(tmp_path, component(call=(name, "http-get", BYTES)), imports=[NET, name]))
        assert (refused.code, refused.detail) == ("ambient-import", name)

    @pytest.mark.parametrize(
        ("function", "kind"),
        [
            ("write", BYTES),
            ("read", TEXT),
            ("read", '(param "a" (list u8)) (result (result (list u8) (error string)))'),
            ("read", '(param "a" string) (result (result (list s8) (error string)))'),
        ],
    )
    def test_a_function_that_the_host_has_not(self, tmp_path: Path, function: str, kind: str) -> None:
        refused = refusal(admission(tmp_path, component(call=(FILES, function, kind)), imports=[FILES]))
        assert (refused.code, refused.detail) == ("import-mismatch", f"{FILES} {function}")

    def test_a_function_without_an_interface(self, tmp_path: Path) -> None:
        refused = refusal(admission(tmp_path, binary('(component (import "read" (func)))'), imports=["read"]))
        assert (refused.code, refused.detail) == ("ambient-import", "read")

    def test_read_gives_the_bytes(self, tmp_path: Path) -> None:
        broker = FakeBroker(files={"{}": b'{"read": "\xc3\xa9"}'})
        output = call(tmp_path, component(FORWARD, call=(FILES, "read", BYTES)), {}, broker, FILES)
        assert output == ToolOutput('{"read": "é"}')

    def test_read_text_replaces_what_is_not_text(self, tmp_path: Path) -> None:
        broker = FakeBroker(files={"{}": b'"\xff\x00"'.replace(b"\0", b"")})
        output = call(tmp_path, component(FORWARD, call=(FILES, "read-text", TEXT)), {}, broker, FILES)
        assert output == ToolOutput('"\ufffd"')

    def test_get_gives_the_variable(self, tmp_path: Path) -> None:
        broker = FakeBroker(variables={"{}": '"ü\udcff"'})
        output = call(tmp_path, component(FORWARD, call=(ENV, "get", TEXT)), {}, broker, ENV)
        assert output.text.startswith('"ü\ufffd')

    def test_a_name_that_is_not_utf8_is_given_as_text(self, tmp_path: Path) -> None:
        broker = FakeBroker(folders={"/n": ["\udcff.md"]}, files={"/n/\ufffd\ufffd\ufffd.md": b"word"})
        output = call(tmp_path, NOTES.read_bytes(), {"path": "/n", "query": "word"}, broker, FILES)
        assert "\ufffd.md" in json.loads(output.text)["matches"][0]["file"]

    def test_the_network_is_refused_by_the_proof(self, tmp_path: Path) -> None:
        broker = FakeBroker()
        output = call(tmp_path, component(FORWARD, call=(NET, "http-get", BYTES)), {}, broker, NET)
        assert output.is_error
        assert broker.asked == [("net.http", "GET {}")]

    def test_the_network_is_refused_by_its_mediator(self, tmp_path: Path) -> None:
        broker = FakeBroker(urls=["GET {}"])
        output = call(tmp_path, component(FORWARD, call=(NET, "http-get", BYTES)), {}, broker, NET)
        assert output.is_error
        assert "net-policy" in output.text

    def test_an_argument_without_end_reaches_no_broker(self, tmp_path: Path) -> None:
        broker = FakeBroker()
        data = component(FORWARD, call=(FILES, "read", BYTES), pages=4)
        output = call(tmp_path, data, {"long": "x" * 70_000}, broker, FILES)
        assert output.is_error
        assert broker.asked == []


class Broken:
    """A broker that fails in a way that is no denial."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.asked = 0

    def read_file(self, path: str) -> bytes:  # noqa: ARG002 - the broker's signature
        self.asked += 1
        raise self.error


class TestOurOwnFailures:
    """A fault of the host ends the call and is raised from it; the component can neither see nor hide it."""

    SWALLOW = say("{}", f"(drop (block (result i32) {FORWARD})) (drop (block (result i32) {FORWARD}))")

    @pytest.mark.parametrize("error", [OSError("no space for history"), KeyboardInterrupt(), ValueError()])
    def test_it_is_raised_from_the_call(self, tmp_path: Path, error: BaseException) -> None:
        broker = Broken(error)
        with pytest.raises(type(error)) as caught:
            call(tmp_path, component(self.SWALLOW, call=(FILES, "read", BYTES)), {}, broker, FILES)
        assert caught.value is error
        assert broker.asked == 1

    def test_a_denial_can_be_handled_by_the_component(self, tmp_path: Path) -> None:
        broker = FakeBroker()
        data = component(self.SWALLOW, call=(FILES, "read", BYTES))
        assert call(tmp_path, data, {}, broker, FILES) == ToolOutput("{}")
        assert len(broker.asked) == 2

    def test_the_next_call_is_not_touched(self, tmp_path: Path) -> None:
        admitted = admission(tmp_path, component(FORWARD, call=(FILES, "read", BYTES)), imports=[FILES])
        with closing(load(admitted)) as session:
            with pytest.raises(OSError, match="history"):
                session.call("search", {}, as_broker(Broken(OSError("history"))))
            assert session.call("search", {}, as_broker(FakeBroker(files={"{}": b"[]"}))).text == "[]"
