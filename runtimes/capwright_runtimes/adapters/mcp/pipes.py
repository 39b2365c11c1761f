"""The transport under the SDK: a server process on three pipes, each of them bounded, stopped as a group."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final, TypeAlias

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from capwright_runtimes.adapters.mcp.wire import Bounds, Lines, WireFault, read_message

CHUNK: Final = 64 * 1024
TAIL: Final = 2 * 1024
GRACE_SECONDS: Final = 1.0
REAP_SECONDS: Final = 5.0
_GONE: Final = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)

Inbox: TypeAlias = tuple[
    MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]
]
_ToSession: TypeAlias = MemoryObjectSendStream[SessionMessage | Exception]
_FromSession: TypeAlias = MemoryObjectReceiveStream[SessionMessage]


class Pipes:
    """An MCP transport over a process that leads its own group; it runs once.

    `fault` is empty until the server broke a bound, was stopped, or ended; it completes `the server ...`.
    `complaint` is the end of what it wrote to its error stream, untrusted; `complained` waits for all of it.
    """

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]], bounds: Bounds) -> None:
        self.fault = ""
        self.complaint = b""
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None
        self._bounds = bounds
        self._left = bounds.exchange
        self._noise_left = bounds.complaints
        self._ended = asyncio.Event()
        self._drained = asyncio.Event()
        self._outputs: list[asyncio.BaseTransport] = []
        self._inputs: list[asyncio.WriteTransport] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Inbox]:
        """The transport, for the SDK: start the process; at the end let it end by itself, or stop it."""
        process = self._process = self._start()
        to_session, from_server = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        to_server, from_session = anyio.create_memory_object_stream[SessionMessage](0)
        try:
            stdin, stdout, stderr = await self._opened(process)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._read, stdout, to_session)
                tasks.start_soon(self._drain, stderr)
                tasks.start_soon(self._write, stdin, from_session)
                try:
                    yield from_server, to_server
                finally:
                    with anyio.CancelScope(shield=True):
                        await self._wind_down()
                    tasks.cancel_scope.cancel()
        finally:
            self.stop("was stopped")
            for end in (to_session, from_server, to_server, from_session):
                end.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(REAP_SECONDS)

    async def complained(self) -> None:
        """Wait for the end of the error stream of a server that ended, for as long as a grace lasts."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._drained.wait(), GRACE_SECONDS)

    def renew(self) -> None:
        """Begin an exchange: what the server may send is counted from here."""
        self._left = self._bounds.exchange
        self._noise_left = self._bounds.complaints

    def stop(self, reason: str) -> None:
        """Kill the whole process group and end all three streams. The first reason is kept."""
        self.fault = self.fault or reason
        # The leader is reaped only after this, so its number cannot be another process's by now.
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._end_input()
        for transport in self._outputs:
            transport.close()

    def _end_input(self) -> None:
        """Close its input; what was not taken yet is thrown away, for nobody may ever take it."""
        for transport in self._inputs:
            if not transport.is_closing():
                transport.abort() if transport.get_write_buffer_size() else transport.close()

    async def _wind_down(self) -> None:
        self._end_input()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await self._ended.wait()
                await self._drained.wait()  # its last words: why it ended
        self.stop("was stopped")
        await asyncio.sleep(0)  # once around the loop, in which the closed pipes are let go

    async def _opened(
        self, process: subprocess.Popen[bytes]
    ) -> tuple[asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamReader]:
        loop = asyncio.get_running_loop()
        stdout, stderr = asyncio.StreamReader(limit=CHUNK), asyncio.StreamReader(limit=CHUNK)
        for reader, pipe in ((stdout, process.stdout), (stderr, process.stderr)):
            protocol = partial(asyncio.StreamReaderProtocol, reader)
            self._outputs.append((await loop.connect_read_pipe(protocol, pipe))[0])
        control = asyncio.StreamReaderProtocol(asyncio.StreamReader())  # for its flow control alone
        stdin, _ = await loop.connect_write_pipe(lambda: control, process.stdin)
        self._inputs.append(stdin)
        return asyncio.StreamWriter(stdin, control, None, loop), stdout, stderr

    async def _read(self, stdout: asyncio.StreamReader, session: _ToSession) -> None:
        lines = Lines(self._bounds.line)
        try:
            while chunk := await stdout.read(CHUNK):
                self._spend(len(chunk))
                for line in lines.feed(chunk):
                    message = read_message(line)
                    if message is not None:
                        with suppress(*_GONE):  # what still comes is read, so that the process can end
                            await session.send(SessionMessage(message))
        except WireFault as fault:
            self.stop(str(fault))
        finally:
            self.fault = self.fault or "ended"
            session.close()
            self._ended.set()

    async def _drain(self, stderr: asyncio.StreamReader) -> None:
        try:
            while chunk := await stderr.read(CHUNK):
                self.complaint = (self.complaint + chunk)[-TAIL:]
                self._noise_left -= len(chunk)
                if self._noise_left < 0:
                    self.stop(f"wrote more than {self._bounds.complaints} bytes to its error stream")
        finally:
            self._drained.set()

    async def _write(self, stdin: asyncio.StreamWriter, session: _FromSession) -> None:
        with suppress(*_GONE):
            async for message in session:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                stdin.write(text.encode() + b"\n")
                await stdin.drain()

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise WireFault(f"sent more than {self._bounds.exchange} bytes in one exchange")
