"""Bounded before it is read, strict after: whatever a server sends on its output."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_runtimes.adapters.mcp.wire import Lines, WireFault, read_message


class TestLines:
    @given(st.lists(st.binary(max_size=20)), st.integers(1, 9))
    def test_any_cutting_into_chunks_gives_the_same_lines(self, lines: list[bytes], size: int) -> None:
        whole = [line.replace(b"\n", b" ") for line in lines]
        data = b"".join(line + b"\n" for line in whole)
        splitter = Lines(100)
        found = [line for at in range(0, len(data), size) for line in splitter.feed(data[at : at + size])]
        assert found == whole

    def test_the_longest_line(self) -> None:
        assert Lines(4).feed(b"abcd\n") == [b"abcd"]

    @pytest.mark.parametrize(
        "chunks", [[b"abcde\n"], [b"abcde"], [b"abc", b"de"], [b"x\nabcde"], [b"abcde\nx"]]
    )
    def test_a_longer_line_is_a_fault_before_it_ends(self, chunks: list[bytes]) -> None:
        lines = Lines(4)
        with pytest.raises(WireFault, match="a line of more than 4 bytes"):
            for chunk in chunks:
                lines.feed(chunk)


class TestMessages:
    def test_a_result_comes_through_whole(self) -> None:
        raw = {"tools": [{"name": "a", "unknown": {"kept": [1, None]}}]}
        message = read_message(json.dumps({"jsonrpc": "2.0", "id": 1, "result": raw}).encode())
        assert message is not None and message.model_dump()["result"] == raw

    @pytest.mark.parametrize(
        "line", [b"", b"  \r", b'{"jsonrpc":"2.0","method":"notifications/x","params":{}}']
    )
    def test_empty_lines_and_notifications_are_left_out(self, line: bytes) -> None:
        assert read_message(line) is None

    @pytest.mark.parametrize(
        "line",
        [
            b"Listening on stdio",
            b'{"jsonrpc":"2.0","id":1,"result":{"tools":[]},"result":{"tools":[1]}}',
            b'{"jsonrpc":"2.0","id":1,"result":{"a":NaN}}',
            b'{"jsonrpc":"2.0","id":1,"result":{"a":"\xff"}}',
            b'{"jsonrpc":"1.0","id":1,"result":{}}',
            b'{"id":1,"result":{}}',
            b"[]",
            b"null",
            b"[" * 200_000,
        ],
    )
    def test_anything_else_is_a_fault(self, line: bytes) -> None:
        with pytest.raises(WireFault, match="sent a line that is no"):
            read_message(line)

    @given(st.binary(max_size=200))
    def test_any_bytes_are_a_message_or_a_fault(self, line: bytes) -> None:
        try:
            message = read_message(line)
        except WireFault as fault:
            assert "sent a line that is no" in str(fault)
        else:
            assert message is None or message.jsonrpc == "2.0"
