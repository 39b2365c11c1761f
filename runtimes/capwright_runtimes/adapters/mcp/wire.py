"""Lines of JSON-RPC from a server that may send anything: bounded before they are read, strict after.

The SDK's own reader keeps a line until its end comes, however long, and of two equal keys keeps the last. The
stdio transport says one message a line and nothing else on that stream (MCP, Transports, stdio).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mcp_types import JSONRPCMessage, jsonrpc_message_adapter
from pydantic import ValidationError

from capwright_registry.strict_json import JsonError, parse

MIB: Final = 1024 * 1024


class WireFault(Exception):  # noqa: N818 - it is the server's fault, not an error of ours
    """The server broke a bound or the protocol. The text completes `the server ...`."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes that a server may send: in one line, in one exchange, and on the stream for its complaints."""

    line: int = 4 * MIB
    exchange: int = 16 * MIB
    complaints: int = 4 * MIB


class Lines:
    """Splits chunks into lines, and never holds more than one line of `limit` bytes and one chunk."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk. Raises `WireFault` for a line that is too long."""
        first, *rest = chunk.split(b"\n")
        self._held += first
        lines: list[bytes] = []
        for part in rest:
            lines.append(self._taken())
            self._held += part
        if len(self._held) > self._limit:
            raise WireFault(f"sent a line of more than {self._limit} bytes")
        return lines

    def _taken(self) -> bytes:
        if len(self._held) > self._limit:
            raise WireFault(f"sent a line of more than {self._limit} bytes")
        line = bytes(self._held)
        self._held.clear()
        return line


def read_message(line: bytes) -> JSONRPCMessage | None:
    """The message of a line; None for an empty line and for a notification, which nothing here waits for.

    Raises `WireFault` for a line that is no message, or that two readers would read differently.
    """
    if not line.strip():
        return None
    try:
        value = parse(line, len(line))
        if isinstance(value, dict) and "method" in value and "id" not in value:
            return None
        return jsonrpc_message_adapter.validate_python(value, by_name=False)
    except JsonError as error:
        raise WireFault(f"sent a line that is no message: {error.message}") from error
    except ValidationError as error:
        raise WireFault("sent a line that is no JSON-RPC message") from error
