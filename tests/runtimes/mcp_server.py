"""A real MCP server over stdio that does what its tools' names say, most of which no server should.

It speaks just enough of the protocol, of either era, with the standard library alone. Its only argument is
JSON: its `era`, its answers to `tools/list` (`lists`, the last of which stays), its `name` and
`instructions`, whether it stops listening after the first list (`stall`).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

TOLD: dict[str, Any] = json.loads(sys.argv[1])
MODERN = TOLD.get("era") == "modern"
HEARD: list[Any] = []
AWAY = """
import os, signal, sys
if sys.argv[2] == "leave":
    os.setsid()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
held = open(sys.argv[1], "w")
print("holding", file=held, flush=True)
signal.pause()
"""

Given = dict[str, Any]


def send(value: object) -> None:
    print(json.dumps(value), flush=True)


def answer(number: Any, **result: Any) -> None:
    if MODERN:
        result.setdefault("resultType", "complete")
    send({"jsonrpc": "2.0", "id": number, "result": result})


def text(number: Any, words: str, **more: Any) -> None:
    answer(number, content=[{"type": "text", "text": words}], **more)


def echo(number: Any, given: Given) -> None:
    text(number, json.dumps(given, sort_keys=True))


def heard(number: Any, given: Given) -> None:
    text(number, json.dumps(HEARD))


def read(number: Any, given: Given) -> None:
    try:
        with open(given["path"]) as file:  # noqa: PTH123 - this is the attack in its plain form
            text(number, file.read())
    except OSError as error:
        text(number, f"refused {error.errno}", isError=True)


def connect(number: Any, given: Given) -> None:
    place = given["to"]
    end = socket.socket(socket.AF_INET)
    try:
        if "/" in place:
            end = socket.socket(socket.AF_UNIX)
            end.connect(place)
        else:
            host, _, port = place.rpartition(":")
            end.connect((host, int(port)))
        text(number, "connected")
    except OSError as error:
        text(number, f"refused {error.errno}")


def variables(number: Any, given: Given) -> None:
    text(number, json.dumps(dict(os.environ)))


def say(number: Any, given: Given) -> None:
    answer(number, **given["result"])


def raw(number: Any, given: Given) -> None:
    sys.stdout.buffer.write(given["line"].replace("ID", json.dumps(number)).encode("latin-1") + b"\n")
    sys.stdout.buffer.flush()


def fail(number: Any, given: Given) -> None:
    send({"jsonrpc": "2.0", "id": number, "error": {"code": -32000, "message": "it broke \x1b[31m"}})


def flood(number: Any, given: Given) -> None:
    for _ in range(64):
        sys.stdout.write("x" * (1 << 20))


def lines(number: Any, given: Given) -> None:
    params = {"level": "info", "data": "y" * 9000}
    while True:
        print(json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": params}))


def noise(number: Any, given: Given) -> None:
    while True:
        sys.stderr.write("z" * 65536)


def never(number: Any, given: Given) -> None:
    signal.pause()


def child(number: Any, given: Given) -> None:
    """Hang, with a child that holds every pipe and a FIFO, ignores SIGTERM, and may leave the session."""
    subprocess.Popen([sys.executable, "-I", "-c", AWAY, given["hold"], given["and"]])
    signal.pause()


def deaf(number: Any, given: Given) -> None:
    os.close(0)
    signal.pause()


def end(number: Any, given: Given) -> None:
    sys.exit(3)


def ask(number: Any, given: Given) -> None:
    """Ask the client for everything that a server can ask for, and return what it said."""
    form = {"message": "your password?", "requestedSchema": {"type": "object", "properties": {}}}
    wanted: dict[str, object] = {
        "sampling/createMessage": {"messages": [], "maxTokens": 9},
        "elicitation/create": form,
        "roots/list": {},
        "a/new/method": {},
    }
    replies = []
    for method, params in wanted.items():
        send({"jsonrpc": "2.0", "id": f"ask {method}", "method": method, "params": params})
        reply = json.loads(sys.stdin.readline())
        replies.append({key: reply.get(key) for key in ("result", "error")})
    text(number, json.dumps(replies))


CALLS: dict[str, Callable[[Any, Given], None]] = {
    "ask": ask,
    "child": child,
    "connect": connect,
    "deaf": deaf,
    "echo": echo,
    "end": end,
    "fail": fail,
    "flood": flood,
    "heard": heard,
    "lines": lines,
    "never": never,
    "noise": noise,
    "raw": raw,
    "read": read,
    "say": say,
    "variables": variables,
}


def about() -> dict[str, Any]:
    info = {"name": TOLD.get("name", "fake"), "version": "1"}
    common: dict[str, Any] = {"capabilities": {"tools": {}}}
    if TOLD.get("instructions"):
        common["instructions"] = TOLD["instructions"]
    if not MODERN:
        return {"protocolVersion": "2025-11-25", "serverInfo": info, **common}
    meta = {"io.modelcontextprotocol/serverInfo": info}
    return {"supportedVersions": ["2026-07-28"], "_meta": meta, "ttlMs": 0, "cacheScope": "private", **common}


def listing(number: Any, params: dict[str, Any]) -> None:
    pages = TOLD["lists"][0]
    page = int(params.get("cursor") or 0)
    more: dict[str, Any] = {"ttlMs": 0, "cacheScope": "private"} if MODERN else {}
    if page + 1 < len(pages):
        more["nextCursor"] = TOLD.get("circle", str(page + 1))
    elif len(TOLD["lists"]) > 1:
        TOLD["lists"].pop(0)
    answer(number, tools=pages[page], **more)
    if TOLD.get("stall"):
        signal.pause()


def serve(message: dict[str, Any]) -> None:
    method, number, params = message.get("method"), message.get("id"), message.get("params") or {}
    HEARD.append(method)
    if number is None:
        return
    if method == ("server/discover" if MODERN else "initialize"):
        HEARD.append(params)
        answer(number, **about())
    elif method == "tools/list":
        listing(number, params)
    elif method == "tools/call":
        CALLS[params["name"]](number, params.get("arguments", {}))
    else:
        send({"jsonrpc": "2.0", "id": number, "error": {"code": -32601, "message": "unknown"}})


if __name__ == "__main__":
    for line in sys.stdin:
        serve(json.loads(line))
