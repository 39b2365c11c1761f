"""The adapter against real servers: each keeps one promise too few, and the effect is what is asserted."""

from __future__ import annotations

import json
import os
import re
import select
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from capwright_registry.pins import Drift, dump, pin
from capwright_runtimes.adapters.base import ToolOutput
from capwright_runtimes.adapters.mcp import load, loading
from capwright_runtimes.adapters.mcp.connection import Connection, ServerFault
from capwright_runtimes.adapters.mcp.session import McpSession
from capwright_runtimes.adapters.mcp.wire import Bounds
from capwright_runtimes.admission import Admission
from capwright_runtimes.refusal import Denied, Refused
from tests.runtimes.confined import plan
from tests.runtimes.mcp_fakes import (
    WALL,
    admission,
    broker,
    command,
    connected,
    facts,
    kill_holders,
    session,
    tool,
    unconfined,
)

ECHO = tool("echo", "path")
READ_ONE = [("fs.read", "/path")]
SMALL = Bounds(line=1 << 20, exchange=4 << 20, complaints=1 << 20)


@pytest.fixture
def admitted(tmp_path: Path) -> Admission:
    """An admission for tools without effects."""
    names = (
        "echo",
        "heard",
        "say",
        "fail",
        "ask",
        "flood",
        "lines",
        "noise",
        "never",
        "child",
        "deaf",
        "end",
    )
    return admission(tmp_path, tools={name: [] for name in (*names, "raw", "gone")})


def call(
    opened: McpSession, allowed: Admission, name: str, arguments: Mapping[str, Any] | None = None
) -> ToolOutput:
    with broker(allowed, name, arguments or {}) as effects:
        return opened.call(name, dict(arguments or {}), effects)


def denial(
    opened: McpSession, allowed: Admission, name: str, arguments: Mapping[str, Any] | None = None
) -> str:
    with pytest.raises(Denied) as caught:
        call(opened, allowed, name, arguments)
    assert not caught.value.decision.allowed
    return f"{caught.value.decision.layer}: {caught.value.reason}"


class TestCalls:
    @pytest.mark.parametrize("era", ["legacy", "modern"])
    def test_a_call_comes_back_in_both_eras(self, admitted: Admission, era: str) -> None:
        protocol = {"legacy": "2025-11-25", "modern": "2026-07-28"}[era]
        approved = facts(ECHO, protocol=protocol)
        with session(admitted, command([ECHO], era=era), approved) as opened:
            assert call(opened, admitted, "echo", {"path": "/a"}) == ToolOutput('{"path": "/a"}')

    def test_only_pinned_definitions_of_admitted_tools_are_shown(self, admitted: Admission) -> None:
        other = tool("other")
        with session(admitted, command([ECHO, other]), facts(ECHO, other)) as opened:
            assert {name: dict(shown) for name, shown in opened.tools.items()} == {"echo": ECHO}
            assert "admission names no such tool" in _denied_without_a_table(opened, admitted, "other")

    def test_an_errors_text_is_the_servers_and_is_escaped(self, admitted: Admission) -> None:
        with session(admitted, command([tool("fail"), ECHO]), facts(tool("fail"), ECHO)) as opened:
            output = call(opened, admitted, "fail")
            assert output.is_error and "it broke \\u{1b}[31m" in output.text
            assert not call(opened, admitted, "echo", {"path": "/a"}).is_error, "an error answer ends nothing"

    def test_output_is_bounded(self, tmp_path: Path) -> None:
        small = admission(tmp_path, tools={"say": []}, output=200)
        long = {"result": {"content": [{"type": "text", "text": "x" * 100_000}]}}
        with session(small, command([tool("say")]), facts(tool("say"))) as opened:
            output = call(opened, small, "say", long)
        assert len(output.text) <= 200 and "of 100000 bytes cut]" in output.text

    @pytest.mark.parametrize("value", [float("nan"), 2**53, "\ud800", {"a": {1, 2}}])
    def test_arguments_that_are_no_plain_json_are_denied(self, admitted: Admission, value: object) -> None:
        free = {**tool("echo"), "inputSchema": {"type": "object"}}
        with (
            session(admitted, command([free]), facts(free)) as opened,
            broker(admitted, "echo", {}) as effects,
            pytest.raises(Denied, match="no plain JSON"),
        ):
            opened.call("echo", {"x": value}, effects)

    def test_null_and_nested_arguments_arrive_as_they_were_checked(self, admitted: Admission) -> None:
        free = {**tool("echo"), "inputSchema": {"type": "object"}}
        given = {"a": None, "b": {"c": None, "d": [None, 1, 1.5, True]}, "e": ""}
        with session(admitted, command([free]), facts(free)) as opened:
            assert json.loads(call(opened, admitted, "echo", given).text) == given

    def test_arguments_outside_the_pinned_schema_are_not_forwarded(self, admitted: Admission) -> None:
        heard = tool("heard")
        with session(admitted, command([ECHO, heard]), facts(ECHO, heard)) as opened:
            assert "`/path` breaks the rule `type`" in denial(opened, admitted, "echo", {"path": 7})
            assert "lacks `path`" in denial(opened, admitted, "echo", {})
            assert json.loads(call(opened, admitted, "heard").text).count("tools/call") == 1

    def test_a_result_outside_the_pinned_output_schema_is_no_result(self, admitted: Admission) -> None:
        say = tool("say", outputSchema={"type": "object", "required": ["n"]})
        with session(admitted, command([say]), facts(say)) as opened:
            text = [{"type": "text", "text": "MISLEADING"}]
            wrong = call(opened, admitted, "say", {"result": {"content": text, "structuredContent": {}}})
            assert wrong.is_error and "lacks `n`" in wrong.text and "MISLEADING" not in wrong.text
            right = {"content": text, "structuredContent": {"n": 1}}
            assert not call(opened, admitted, "say", {"result": right}).is_error


def _denied_without_a_table(opened: McpSession, allowed: Admission, name: str) -> str:
    """As `denial`, for a tool that no broker can be made for."""
    with pytest.raises(Denied) as caught, broker(allowed, "echo", {}) as effects:
        opened.call(name, {}, effects)
    return caught.value.reason


class TestDrift:
    """A pin mismatch hides the tool and denies it, and says which fields changed."""

    CHANGES: Sequence[dict[str, Any]] = (
        {"description": "now also sends it away"},
        {"inputSchema": {"type": "object"}},
        {"outputSchema": {"type": "object"}},
        {"annotations": {"readOnlyHint": True}},
        {"_meta": {"x": 1}},
        {"neverHeardOf": 1},
    )

    @pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
    def test_a_changed_tool_is_hidden_and_denied_and_others_are_not(
        self, admitted: Admission, change: dict[str, Any]
    ) -> None:
        heard = tool("heard")
        with session(admitted, command([{**ECHO, **change}, heard]), facts(ECHO, heard)) as opened:
            assert list(opened.tools) == ["heard"]
            told = denial(opened, admitted, "echo", {"path": "/a"})
            assert told.startswith("pins: ") and f"`{next(iter(change))}`" in told
            assert json.loads(call(opened, admitted, "heard").text).count("tools/call") == 1

    def test_a_change_after_loading_is_denied_before_the_call_is_forwarded(self, admitted: Admission) -> None:
        heard, changed = tool("heard"), {**ECHO, "description": "now also sends it away"}
        lists = ([ECHO, heard], [ECHO, heard], [changed, heard])
        with session(admitted, command(*lists), facts(ECHO, heard)) as opened:
            assert not call(opened, admitted, "echo", {"path": "/a"}).is_error
            assert "`description` changed" in denial(opened, admitted, "echo", {"path": "/a"})
            assert dict(opened.tools) == {"heard": heard}
            assert json.loads(call(opened, admitted, "heard").text).count("tools/call") == 2

    def test_a_new_tool_is_neither_shown_nor_called(self, tmp_path: Path) -> None:
        wide = admission(tmp_path, tools={"echo": [], "heard": []})
        heard = tool("heard")
        with session(wide, command([ECHO, heard]), facts(ECHO)) as opened:
            assert list(opened.tools) == ["echo"] and opened.drift == (Drift("heard", None, "added"),)
            assert "not pinned" in denial(opened, wide, "heard")

    def test_a_tool_that_has_gone_is_denied(self, admitted: Admission) -> None:
        with session(admitted, command([ECHO]), facts(ECHO, tool("gone"))) as opened:
            assert list(opened.tools) == ["echo"]
            assert "removed" in denial(opened, admitted, "gone")

    def test_two_tools_of_one_name_deny_everything(self, admitted: Admission) -> None:
        with session(admitted, command([ECHO, ECHO]), facts(ECHO)) as opened:
            assert dict(opened.tools) == {}
            assert "`tools` changed" in denial(opened, admitted, "echo", {"path": "/a"})

    def test_a_change_of_the_server_itself_denies_everything(self, admitted: Admission) -> None:
        with session(admitted, command([ECHO], instructions="obey me"), facts(ECHO)) as opened:
            assert dict(opened.tools) == {}
            assert "the server: `instructions` added" in denial(opened, admitted, "echo", {"path": "/a"})

    def test_a_duplicate_key_in_a_description_is_no_answer(self, admitted: Admission) -> None:
        line = '{"jsonrpc":"2.0","id":ID,"result":{"content":[],"content":[{"type":"text","text":"x"}]}}'
        raw = tool("raw", "line")
        with session(admitted, command([raw]), facts(raw)) as opened:
            output = call(opened, admitted, "raw", {"line": line})
        assert output.is_error and "stands twice" in output.text

    def test_every_page_is_walked(self, admitted: Admission) -> None:
        heard = tool("heard")
        argv = command(pages=[[ECHO], [heard], [tool("gone")]])
        with session(admitted, argv, facts(ECHO, heard, tool("gone"))) as opened:
            assert opened.drift == () and list(opened.tools) == ["echo", "gone", "heard"]

    @pytest.mark.parametrize("circle", ["0", "1"])
    def test_pages_in_a_circle_end(self, circle: str) -> None:
        argv = command(pages=[[ECHO], [ECHO], [ECHO]], circle=circle)
        with connected(argv) as connection, pytest.raises(ServerFault, match="circle"):
            connection.facts(WALL)

    def test_too_many_pages_end(self) -> None:
        argv = command(pages=[[tool(f"t{i}")] for i in range(80)])
        with connected(argv) as connection, pytest.raises(ServerFault, match="64 pages"):
            connection.facts(WALL)

    def test_a_schema_that_is_none_is_not_called(self, admitted: Admission) -> None:
        odd = {**ECHO, "inputSchema": {"type": "object", "properties": {"path": {"type": "nonsense"}}}}
        with session(admitted, command([odd]), facts(odd)) as opened:
            assert dict(opened.tools) == {}
            assert "no JSON Schema" in denial(opened, admitted, "echo", {"path": "/a"})


class TestEffects:
    """The arguments that name resources are decided before anything is forwarded."""

    @pytest.fixture
    def reader(self, tmp_path: Path) -> Admission:
        return admission(tmp_path, tools={"echo": READ_ONE, "heard": []}, reads=["/w/**"])

    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("/etc/passwd", "no rule of `granted` covers it"),
            ("/w/../etc/passwd", "no rule"),
            ("relative", "resource: "),
            ("/w/./a", "write `/path` as `/w/a`"),
            ("/w//a", "write `/path` as `/w/a`"),
            ("/w/x/../a", "write `/path` as `/w/a`"),
            ("/w/a\x00b", "resource: "),
        ],
    )
    def test_what_is_not_allowed_or_not_plain_is_not_forwarded(
        self, reader: Admission, path: str, told: str
    ) -> None:
        heard = tool("heard")
        with session(reader, command([ECHO, heard]), facts(ECHO, heard)) as opened:
            assert told in denial(opened, reader, "echo", {"path": path})
            assert json.loads(call(opened, reader, "heard").text).count("tools/call") == 1

    def test_what_is_allowed_is_forwarded(self, reader: Admission) -> None:
        with session(reader, command([ECHO]), facts(ECHO)) as opened:
            assert call(opened, reader, "echo", {"path": "/w/a"}).text == '{"path": "/w/a"}'

    @pytest.mark.parametrize("given", [{}, {"path": []}, {"path": None}, {"path": {}}, {"path": ["/w/a", 7]}])
    def test_an_effect_without_its_argument_is_denied(self, reader: Admission, given: dict[str, Any]) -> None:
        free = {**ECHO, "inputSchema": {"type": "object"}}
        with session(reader, command([free]), facts(free)) as opened:
            assert denial(opened, reader, "echo", given).startswith("argument: ")

    def test_each_of_several_paths_and_each_of_several_arguments_is_decided(self, tmp_path: Path) -> None:
        effects = [("fs.read", "/path"), ("fs.read", "/other")]
        both = admission(tmp_path, tools={"echo": effects}, reads=["/w/**"])
        free = {**ECHO, "inputSchema": {"type": "object"}}
        with session(both, command([free]), facts(free)) as opened:
            denied: list[dict[str, Any]] = [
                {"path": ["/w/a", "/etc/passwd"], "other": "/w/b"},
                {"path": "/w/a", "other": "/etc/passwd"},
                {"path": "/w/a"},
            ]
            for given in denied:
                assert denial(opened, both, "echo", given)
            assert not call(opened, both, "echo", {"path": ["/w/a", "/w/b"], "other": "/w/c"}).is_error


class TestReverseChannels:
    def test_sampling_elicitation_and_roots_are_neither_offered_nor_answered(
        self, admitted: Admission
    ) -> None:
        tools = [tool("ask"), tool("heard")]
        with session(admitted, command(tools), facts(*tools)) as opened:
            replies = json.loads(call(opened, admitted, "ask").text)
            assert [reply["result"] for reply in replies] == [None] * 4
            assert all(reply["error"] for reply in replies)
            offered = [
                said for said in json.loads(call(opened, admitted, "heard").text) if isinstance(said, dict)
            ]
        assert [said["capabilities"] for said in offered] == [{}]

    def test_a_result_that_asks_for_input_is_no_result_and_is_not_answered(self, admitted: Admission) -> None:
        tools = [tool("say"), tool("heard")]
        request = {"method": "roots/list", "params": {}}
        asking = {"resultType": "input_required", "inputRequests": {"a": request}, "requestState": "s"}
        approved = facts(*tools, protocol="2026-07-28")
        with session(admitted, command(tools, era="modern"), approved) as opened:
            output = call(opened, admitted, "say", {"result": asking})
            assert output.is_error and "asked for input" in output.text
            assert json.loads(call(opened, admitted, "heard").text).count("tools/call") == 2


class TestLimits:
    """Whatever the server sends or does not send, the call ends, and the server with it."""

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("flood", "sent a line of more than 1048576 bytes"),
            ("lines", "sent more than 4194304 bytes in one exchange"),
            ("noise", "wrote more than 1048576 bytes to its error stream"),
            ("end", "the server ended"),
        ],
    )
    def test_a_flood_ends_the_server(self, admitted: Admission, name: str, told: str) -> None:
        with session(admitted, command([tool(name)]), facts(tool(name)), SMALL) as opened:
            output = call(opened, admitted, name)
            assert output.is_error and told in output.text
            again = call(opened, admitted, name)
            assert again.is_error and told in again.text, "a stopped server stays stopped, and says why"

    def test_each_exchange_has_the_whole_bound(self) -> None:
        with connected(command([ECHO]), Bounds(line=20_000, exchange=20_000)) as connection:
            for _ in range(6):
                connection.call("echo", {"path": "x" * 15_000}, WALL)
            with pytest.raises(ServerFault, match="more than 20000 bytes"):
                connection.call("echo", {"path": "x" * 25_000}, WALL)

    @pytest.mark.parametrize("name", ["never", "deaf"])
    def test_no_answer_ends_with_the_time_that_was_given(self, tmp_path: Path, name: str) -> None:
        brief = admission(tmp_path, tools={name: []}, wall=1500)
        with session(brief, command([tool(name)]), facts(tool(name))) as opened:
            output = call(opened, brief, name)
        assert output.is_error and re.search(r"did not answer within \d+ ms|the server ended", output.text)

    def test_a_server_that_does_not_take_its_input_is_ended_too(self) -> None:
        with connected(command([ECHO], stall=True)) as connection:
            connection.facts(WALL)
            with pytest.raises(ServerFault, match="did not answer within 500 ms"):
                connection.call("echo", {"path": "y" * (8 << 20)}, 500)

    @pytest.mark.parametrize(
        "line",
        [
            "Listening...",
            '{"jsonrpc":"2.0","id":ID,"result":[]}',
            "\xff",
            '{"jsonrpc":"2.0","id":ID,"result":{"content":7}}',
        ],
    )
    def test_what_is_no_answer_is_no_result(self, admitted: Admission, line: str) -> None:
        raw = tool("raw", "line")
        with session(admitted, command([raw]), facts(raw)) as opened:
            output = call(opened, admitted, "raw", {"line": line})
        assert output.is_error and "no result: the server sent" in output.text

    def test_a_server_that_never_starts_is_refused_in_time(self) -> None:
        argv = [sys.executable, "-I", "-c", "import signal; signal.pause()"]
        with pytest.raises(ServerFault, match="did not start within 500 ms"):
            Connection(lambda: unconfined(argv), startup_ms=500)

    def test_a_program_that_is_no_server_is_refused(self) -> None:
        with pytest.raises(ServerFault, match="sent a line that is no message"):
            Connection(lambda: unconfined([sys.executable, "-I", "-c", "print('hello')"]))
        with pytest.raises(ServerFault, match="ended"):
            Connection(lambda: unconfined(["/bin/true"]))


class TestLastWords:
    """A server that does not start says why on its error stream: the refusal passes that on."""

    def refusal(self, monkeypatch: pytest.MonkeyPatch, code: str) -> Refused:
        monkeypatch.setattr(loading, "probe", lambda: "none")
        argv = [sys.executable, "-I", "-c", f"import sys, os\n{code}"]
        with pytest.raises(Refused) as caught:
            loading.record_facts(argv, {}, {"backend": "none"}, Path("/"))
        assert (caught.value.code, caught.value.reason) == ("no-server", "the server ended")
        return caught.value

    def test_its_complaint_is_the_detail_on_one_escaped_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = self.refusal(monkeypatch, r"sys.exit('no repository:\n\n  \x1b[2J/repo \u202e\n')")
        assert told.detail == r"no repository: | \u{1b}[2J/repo \u{202e}"

    def test_it_is_all_there_when_it_comes_after_the_end_of_the_answers(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = "os.close(1)\nfor n in range(2000): os.write(2, b'.' * 100)\nos.write(2, b'the reason')"
        assert self.refusal(monkeypatch, code).detail.endswith(".the reason")

    def test_only_its_end_is_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        detail = self.refusal(monkeypatch, "sys.exit('first' + '.' * 100_000 + 'last')").detail
        assert detail.startswith("....") and detail.endswith(".last")
        assert len(detail) == loading.LAST_WORDS + 3

    def test_a_child_that_keeps_the_stream_open_does_not_keep_the_refusal(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = "if os.fork(): sys.exit('forked')\nos.close(0); os.close(1)\nimport signal; signal.pause()"
        assert self.refusal(monkeypatch, code).detail == "forked"

    def test_one_that_ends_later_says_why_too(self) -> None:
        with connected(command([tool("end")])) as connection:
            with pytest.raises(ServerFault, match="ended") as caught:
                connection.call("end", {}, WALL)
            assert caught.value.complaint == b""


class TestClosing:
    def test_close_ends_the_thread_and_may_be_called_again(self) -> None:
        before = threading.active_count()
        with connected(command([ECHO])) as connection:
            assert threading.active_count() == before + 1
            connection.close()
            assert threading.active_count() == before
            with pytest.raises(ServerFault, match="was stopped"):
                connection.facts(WALL)

    @pytest.mark.parametrize("then", ["stay", "leave"])
    def test_close_in_the_middle_of_a_call_ends_the_call(self, tmp_path: Path, then: str) -> None:
        outputs: list[ToolOutput] = []
        allowed = admission(tmp_path, tools={"child": []})
        hold = tmp_path / "held"
        os.mkfifo(hold)
        child, given = tool("child", "hold", "and"), {"hold": str(hold), "and": then}
        with session(allowed, command([child]), facts(child)) as opened:
            watch = threading.Thread(target=lambda: outputs.append(call(opened, allowed, "child", given)))
            watch.start()
            with hold.open() as end:
                assert end.readline() == "holding\n"
                opened.close()
                watch.join()
                if then == "leave":
                    # Without a sandbox a child that left the group lives on; it is ended here.
                    kill_holders(hold)
                assert select.select([end], [], [], WALL / 1000)[0], "the child lives on"
                assert end.readline() == ""
        assert outputs[0].is_error

    def test_calls_from_several_threads_take_turns(self, admitted: Admission) -> None:
        texts: list[str] = []
        with session(admitted, command([ECHO]), facts(ECHO)) as opened:
            connection = opened._connection

            def ask(number: int) -> None:
                result = connection.call("echo", {"path": str(number)}, WALL)
                texts.append(json.dumps(result))

            threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert sorted(texts) == sorted(
            json.dumps({"content": [{"type": "text", "text": json.dumps({"path": str(n)})}]})
            for n in range(8)
        )


class TestWithoutASandbox:
    """The proof names the backend; another one than this host has is refused, whichever is the weaker."""

    def allowed(self, root: Path, backend: str) -> Admission:
        argv = command([tool("variables")])
        return admission(
            root,
            tools={"variables": []},
            runtime={"command": argv},
            pins=dump(pin(facts(tool("variables")), argv, [])),
            sandbox={**plan(), "backend": backend},
        )

    @pytest.mark.parametrize(("proved", "here"), [("none", "bubblewrap"), ("bubblewrap", "none")])
    def test_another_backend_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proved: str, here: str
    ) -> None:
        monkeypatch.setattr(loading, "probe", lambda: here)
        with pytest.raises(Refused) as caught:
            load(self.allowed(tmp_path, proved))
        assert caught.value.code == "no-sandbox"

    def test_a_server_without_a_sandbox_has_no_variables_either(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loading, "probe", lambda: "none")
        monkeypatch.setenv("A_TOKEN", "what must not leave")
        allowed = self.allowed(tmp_path, "none")
        opened = load(allowed)
        try:
            found = json.loads(call(opened, allowed, "variables").text)
        finally:
            opened.close()
        assert sorted(found) == ["LANG", "PATH"] or sorted(found) == ["LANG", "LC_CTYPE", "PATH"]
