"""Small real MCP servers that misbehave, and admissions for them. The tests alone make admissions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from capwright_registry.pins import ServerFacts, dump, load_pins, pin
from capwright_runtimes.adapters.mcp.connection import Connection
from capwright_runtimes.adapters.mcp.session import McpSession
from capwright_runtimes.adapters.mcp.wire import Bounds
from capwright_runtimes.admission import Admission, AdmissionFields, _mint
from capwright_runtimes.broker import Broker
from capwright_runtimes.mediators.history import History
from capwright_runtimes.mediators.scoped_fs import ScopedFs
from tests.runtimes.confined import plan
from tests.runtimes.host_fakes import table

PLUGIN = "project:acme.server"
WALL = 60_000

SERVER = Path(__file__).with_name("mcp_server.py")


def tool(name: str, *required: str, **more: Any) -> dict[str, Any]:
    """A raw tool object with text arguments."""
    schema = {
        "type": "object",
        "properties": {key: {"type": "string"} for key in required},
        "required": list(required),
    }
    return {"name": name, "description": f"does {name}", "inputSchema": schema, **more}


def command(
    *lists: Sequence[Mapping[str, Any]], pages: Sequence[Any] | None = None, **told: Any
) -> list[str]:
    """The argument vector of a server that answers `tools/list` with each of these in turn."""
    answers = [list(pages)] if pages is not None else [[list(one)] for one in lists]
    return [sys.executable, "-I", str(SERVER), json.dumps({"lists": answers, **told})]


def unconfined(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    """The process without a sandbox, for what does not depend on one."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        list(argv), stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True
    )


@contextmanager
def connected(argv: Sequence[str], bounds: Bounds = Bounds()) -> Iterator[Connection]:  # noqa: B008 - frozen
    """A connection to the unconfined server."""
    connection = Connection(lambda: unconfined(argv), bounds)
    try:
        yield connection
    finally:
        connection.close()


def facts(*tools: Mapping[str, Any], **changes: Any) -> ServerFacts:
    """What the fake server says of itself."""
    said: dict[str, Any] = {"name": "fake", "version": "1", "instructions": None, "protocol": "2025-11-25"}
    return ServerFacts(tools=tools, **{**said, **changes})


def admission(
    root: Path,
    *,
    tools: Mapping[str, Sequence[tuple[str, str | None]]],
    reads: Sequence[str] = (),
    runtime: Mapping[str, object] | None = None,
    pins: bytes | None = None,
    sandbox: Mapping[str, object] | None = None,
    wall: int = WALL,
    output: int = 4096,
    env: Sequence[str] = (),
) -> Admission:
    """An admission of kind `mcp`; `pins` are written beside the root's other files and bound by digest."""
    if pins is not None:
        (root / "pins.json").write_bytes(pins)
    declared = {"kind": "mcp", "limits": {"wall": wall, "output": output}, **(runtime or {})}
    tables = {name: table(name, on) for name, on in (("fs.read", reads), ("env.read", env)) if on}
    return _mint(
        AdmissionFields(
            agent="lead",
            plugin=PLUGIN,
            kind="mcp",
            root=root,
            folder=root,
            tables=tables,
            runtime=declared,
            tools={
                name: {
                    "description": "",
                    "input": {},
                    "effects": [{"action": a, "from": p} for a, p in effects],
                }
                for name, effects in tools.items()
            },
            pins=None if pins is None else {"path": "pins.json", "sha256": sha256(pins).hexdigest()},
            sandbox=sandbox or plan(),
        )
    )


@contextmanager
def broker(admitted: Admission, tool_name: str, arguments: Mapping[str, object]) -> Iterator[Broker]:
    """A real broker for one call, with a history of its own."""
    with ExitStack() as stack:
        history = History(admitted.root / "history.jsonl")
        stack.callback(history.close)
        files = ScopedFs()
        stack.callback(files.close)
        yield Broker(admitted, tool_name, arguments, {"now": 0}, history=history, files=files, environ={})


@contextmanager
def session(
    admitted: Admission,
    argv: Sequence[str],
    approved: ServerFacts,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
) -> Iterator[McpSession]:
    """A session over the unconfined server, after its first look at what the server says."""
    pins = load_pins(dump(pin(approved, argv, [])))
    with connected(argv, bounds) as connection:
        opened = McpSession(admitted, pins, connection)
        opened.refresh(WALL)
        yield opened


def kill_holders(place: Path) -> None:
    """End the processes of this test that hold the file open, but not the test itself."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid() and _holds(folder / "fd", place):
            os.kill(int(folder.name), signal.SIGKILL)


def _holds(handles: Path, place: Path) -> bool:
    try:
        return any(str(handle.readlink()) == str(place) for handle in handles.iterdir())
    except OSError:
        return False
