"""Start an admitted server, and find it to be the one that was pinned, before anything of it is used."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, TypeVar

from capwright_registry.errors import InputError
from capwright_registry.files import UnreadableError, read_beneath
from capwright_registry.pins import Pins, ServerFacts, load_pins
from capwright_registry.pins.read import MAX_BYTES
from capwright_runtimes.adapters.mcp.connection import STARTUP_MS, Connection, ErrorAnswer, ServerFault
from capwright_runtimes.adapters.mcp.session import McpSession
from capwright_runtimes.admission import Admission, require_admission
from capwright_runtimes.mediators.output_bound import escape
from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox import confine, probe, start, start_unconfined

LAST_WORDS: Final = 600  # characters of a server's complaint that a refusal shows
_ROOT: Final = re.compile(r"\$\{[a-z][a-z0-9_-]*\}")
_T = TypeVar("_T")


def load_session(value: Admission) -> McpSession:
    """See `load`. Steps: the admission; the pins; the launch; the sandbox; the server's own answer."""
    admission = require_admission(value)
    if admission.kind != "mcp" or admission.sandbox is None:
        raise Refused("bad-table", "the admission is not one of an MCP server", admission.plugin)
    wall = _wall(admission.runtime)
    pins = _pins(admission)
    command, environment = _launch(admission, pins)
    connection = _connect(command, environment, admission.sandbox, admission.root)
    session = McpSession(admission, pins, connection)
    try:
        _asked(lambda: session.refresh(wall))
        moved = [str(drift) for drift in session.drift if drift.tool is None]
        if moved:
            raise Refused("drift", "the server is not the one that was pinned", ", ".join(moved))
    except BaseException:
        session.close()
        raise
    return session


def record_facts(
    command: Sequence[str], env: Mapping[str, str], sandbox: Mapping[str, object], workspace: Path
) -> ServerFacts:
    """See `record`."""
    connection = _connect(command, env, sandbox, workspace)
    try:
        return _asked(lambda: connection.facts(STARTUP_MS))
    finally:
        connection.close()


def _connect(
    command: Sequence[str], env: Mapping[str, str], sandbox: Mapping[str, object], workspace: Path
) -> Connection:
    """The running server: within the plan; without a sandbox only where the proof says so and none works."""
    backend = sandbox.get("backend", "bubblewrap")
    if backend != probe():
        without = "no process sandbox works on this host; install bubblewrap"
        told = "the proof is for a host without a sandbox" if backend == "none" else without
        raise Refused("no-sandbox", told)
    if backend == "none":
        return _asked(lambda: Connection(lambda: start_unconfined(command, env)))
    plan = {k: v for k, v in sandbox.items() if k != "backend"}
    launch = confine(plan, command, env, workspace=workspace)
    return _asked(lambda: Connection(lambda: start(launch), copies=launch.copies))


def _asked(question: Callable[[], _T]) -> _T:
    try:
        return question()
    except ServerFault as fault:
        raise Refused("no-server", f"the server {fault}", _last_words(fault.complaint)) from fault
    except ErrorAnswer as answer:
        raise Refused("no-server", "the server answered with an error", str(answer)) from answer


def _last_words(complaint: bytes) -> str:
    """The end of what a server complained of, on one line, escaped."""
    lines = (escape(line.strip())[0] for line in complaint.decode(errors="replace").splitlines())
    text = " | ".join(line for line in lines if line)
    return text if len(text) <= LAST_WORDS else f"...{text[-LAST_WORDS:]}"


def _pins(admission: Admission) -> Pins:
    """The pins, if their bytes are the proved ones: what is compared later is what was proved."""
    entry = admission.pins
    if entry is None:
        raise Refused("unpinned", "nothing of this server is pinned; run `capwright pin`", admission.plugin)
    path, digest = str(entry["path"]), entry["sha256"]
    try:
        content = read_beneath(admission.root, PurePosixPath(path), MAX_BYTES)
        if content.sha256 != digest:
            raise Refused("stale", "the pins are not those that were proved; verify again", path)
        return load_pins(content.data, path)
    except UnreadableError as error:
        raise Refused("stale", f"the pins cannot be read: it {error.reason}", path) from error
    except InputError as error:
        raise Refused("stale", "the pins are no pin file", str(error)) from error


def _launch(admission: Admission, pins: Pins) -> tuple[list[str], dict[str, str]]:
    command = _texts(admission.runtime.get("command"))
    names = _texts(admission.runtime.get("env", ()))
    if not _same_command(pins.command, command) or sorted(set(names)) != sorted(set(pins.environment)):
        raise Refused("drift", "the server is launched in another way than was pinned", " ".join(command))
    for name in names:
        decision = admission.decide("env.read", name, {})
        if not decision.allowed:
            raise Refused("no-grant", f"`env.read` of a variable that is passed on: {decision.reason}", name)
    return command, {name: os.environ[name] for name in names if name in os.environ}


def _same_command(pinned: Sequence[str], actual: Sequence[str]) -> bool:
    """Whether the arguments are the pinned ones, where a root such as `${workspace}` stands for any path."""
    return len(pinned) == len(actual) and all(
        re.fullmatch("/.*".join(map(re.escape, _ROOT.split(one))), other, re.DOTALL)
        for one, other in zip(pinned, actual, strict=True)
    )


def _wall(runtime: Mapping[str, object]) -> int:
    limits = runtime.get("limits")
    if not isinstance(limits, Mapping) or not all(type(limits.get(key)) is int for key in ("wall", "output")):
        raise Refused("bad-table", "an MCP server needs the limits `wall` and `output`")
    return int(limits["wall"])


def _texts(value: object) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise Refused("bad-table", "`command` and `env` of an MCP server are lists of texts")
    return list(value)
