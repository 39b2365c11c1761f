"""A running server, used from any thread: one exchange at a time, each within its time.

The SDK lives in an event loop of its own thread. The thread is a daemon, so that a session that nobody closed
does not keep the process from ending; the server dies with the thread that started it.
"""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar, cast

import mcp_types as types
from mcp import Client
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter, ValidationError

from capwright_registry.errors import CapwrightError, InternalError
from capwright_registry.pins import ServerFacts
from capwright_runtimes.adapters.mcp.pipes import Pipes
from capwright_runtimes.adapters.mcp.wire import Bounds, WireFault
from capwright_runtimes.sandbox import Copies

MAX_PAGES: Final = 64
MAX_TOOLS: Final = 1024
STARTUP_MS: Final = 30_000
JOIN_SECONDS: Final = 20.0
_T = TypeVar("_T")
# Through an adapter of a plain dict the SDK hands out the object as it came, unknown keys kept.
_RAW: Final = cast(Any, TypeAdapter(dict[str, Any]))


class ServerFault(Exception):  # noqa: N818 - it is the server's fault, not an error of ours
    """The server did not do its part and is stopped. The text completes `the server ...`.

    `complaint` is the end of what it wrote to its error stream, untrusted.
    """

    def __init__(self, told: str, complaint: bytes = b"") -> None:
        self.complaint = complaint
        super().__init__(told)


class ErrorAnswer(Exception):  # noqa: N818 - as above
    """The server answered with an error; it goes on. The text is the server's own, untrusted."""


class Connection:
    """One server process and the SDK's client of it. Raises `ServerFault` when it does not start.

    `start` makes the process, as the leader of its own group with three pipes. It is called in the thread
    that lives as long as the connection. `copies` are what the process is shown as copies, if it is.
    """

    def __init__(
        self,
        start: Callable[[], subprocess.Popen[bytes]],
        bounds: Bounds = Bounds(),  # noqa: B008 - a frozen value
        startup_ms: int = STARTUP_MS,
        copies: Copies | None = None,
    ) -> None:
        self._copies = copies
        self._startup_ms = startup_ms
        self._lock = threading.Lock()
        self._ready: Future[Client] = Future()
        self._done = asyncio.Event()
        self._pipes = Pipes(start, bounds)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="mcp server", daemon=True)
        self._thread.start()
        try:
            self._client = self._ready.result()
        except BaseException:
            self.close()
            raise

    def facts(self, wall_ms: int) -> ServerFacts:
        """What the server says of itself now, its tools page by page. Raises `ServerFault`, `ErrorAnswer`."""
        tools = self._exchange(_listing, wall_ms)
        info = self._client.server_info
        return ServerFacts(
            name=info.name if info else None,
            version=info.version if info else None,
            instructions=self._client.instructions,
            protocol=self._client.protocol_version,
            tools=tools,
        )

    def renew(self) -> None:
        """Bring what the server is shown as copies up to date, between exchanges. Raises `Refused`."""
        with self._lock:
            if self._copies is not None:
                self._copies.renew()

    def call(self, tool: str, arguments: dict[str, object], wall_ms: int) -> dict[str, object]:
        """The raw result object of a call. Raises `ServerFault`, `ErrorAnswer`."""

        async def request(session: ClientSession) -> dict[str, object]:
            params = types.CallToolRequestParams(name=tool, arguments=arguments)
            return cast(
                dict[str, object], await session.send_request(types.CallToolRequest(params=params), _RAW)
            )

        return self._exchange(request, wall_ms)

    def close(self) -> None:
        """Stop the server and its thread, wait for both, and remove the copies. May be called more than once.

        Raises `InternalError` when the thread does not end.
        """
        self._soon(self._done.set)
        self._thread.join(JOIN_SECONDS)
        if self._copies is not None:
            self._copies.close()
        if self._thread.is_alive():
            raise InternalError(f"the thread of a server did not end within {JOIN_SECONDS:.0f} s")

    def _exchange(self, request: Callable[[ClientSession], Awaitable[_T]], wall_ms: int) -> _T:
        with self._lock:
            work = self._timed(request, wall_ms)
            try:
                future = asyncio.run_coroutine_threadsafe(work, self._loop)
            except RuntimeError as error:
                work.close()
                raise ServerFault("was stopped") from error
            try:
                return future.result()
            except (ServerFault, ErrorAnswer):
                raise
            except BaseException:
                self._soon(lambda: self._pipes.stop("was stopped in the middle of a call"))
                raise

    async def _timed(self, request: Callable[[ClientSession], Awaitable[_T]], wall_ms: int) -> _T:
        self._pipes.renew()
        told = f"did not answer within {wall_ms} ms"
        timer = self._loop.call_later(max(wall_ms, 0) / 1000, self._pipes.stop, told)
        try:
            return await request(self._client.session)
        except (MCPError, ValidationError, WireFault, RuntimeError) as error:
            raise await self._told(error) from error
        finally:
            timer.cancel()

    async def _told(self, error: Exception) -> ServerFault | ErrorAnswer:
        if self._pipes.fault:
            await self._pipes.complained()
            return ServerFault(self._pipes.fault, self._pipes.complaint)
        if isinstance(error, MCPError):
            return ErrorAnswer(error.error.message)
        told = (
            str(error) if isinstance(error, WireFault) else "sent an answer that the protocol does not know"
        )
        self._pipes.stop(told)
        return ServerFault(told)

    def _soon(self, action: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(action)
        except RuntimeError:  # the loop is closed: there is nothing left to stop
            return

    def _serve(self) -> None:
        try:
            self._loop.run_until_complete(self._hold())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _hold(self) -> None:
        """Keep the client open, from one task as the SDK needs it, until `close`."""
        told = f"did not start within {self._startup_ms} ms"
        timer = self._loop.call_later(self._startup_ms / 1000, self._pipes.stop, told)
        try:
            info = types.Implementation(name="capwright", version="1")
            async with Client(self._pipes.running(), cache=None, client_info=info) as client:
                timer.cancel()
                self._ready.set_result(client)
                await self._done.wait()
        except BaseException as error:
            timer.cancel()
            if self._ready.done():
                raise
            self._ready.set_exception(self._unstarted(error))

    def _unstarted(self, error: BaseException) -> BaseException:
        if isinstance(error, CapwrightError) or not isinstance(error, Exception):
            return error
        return ServerFault(self._pipes.fault or "does not speak the protocol", self._pipes.complaint)


async def _listing(session: ClientSession) -> list[dict[str, object]]:
    tools: list[dict[str, object]] = []
    cursors: set[str] = set()
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        params = types.PaginatedRequestParams(cursor=cursor)
        page = await session.send_request(types.ListToolsRequest(params=params), _RAW)
        tools += _tools(page)
        cursor = page.get("nextCursor")
        if cursor is None:
            return tools
        if not isinstance(cursor, str) or cursor in cursors:
            raise WireFault("lists its tools in a circle")
        cursors.add(cursor)
        if len(tools) > MAX_TOOLS:
            break
    raise WireFault(f"lists more than {MAX_TOOLS} tools, or on more than {MAX_PAGES} pages")


def _tools(page: dict[str, Any]) -> list[dict[str, object]]:
    tools = page.get("tools")
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise WireFault("sent a list of tools that is none")
    return tools
