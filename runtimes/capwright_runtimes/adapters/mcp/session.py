"""A loaded server: what it may show, what it may be asked, and what comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Final

from capwright_registry.errors import InputError
from capwright_registry.pins import Drift, Pins, ServerFacts, compare
from capwright_registry.strict_json import JsonError, canonical_json
from capwright_registry.vocabulary import ACTIONS
from capwright_runtimes.adapters.base import ToolOutput
from capwright_runtimes.adapters.mcp.connection import Connection, ErrorAnswer, ServerFault
from capwright_runtimes.adapters.mcp.content import bounded, result_text
from capwright_runtimes.adapters.mcp.schemas import NoSchema, Schema
from capwright_runtimes.admission import Admission
from capwright_runtimes.broker import Broker
from capwright_runtimes.pointer import ABSENT, resolve
from capwright_runtimes.refusal import Denied, Refused, deny

_CALL: Final = "tool.call"


class McpSession:
    """An admitted server whose answers are compared with its pins at load and again before every call.

    A tool is shown and called only when the admission names it, the pins hold it, and what the server says of
    it equals them. What is shown is the pinned definition, never the server's.
    """

    def __init__(self, admission: Admission, pins: Pins, connection: Connection) -> None:
        self._admission = admission
        self._pins = pins
        self._connection = connection
        self._inputs, self._outputs = _schemas(admission, pins)
        self._drift: tuple[Drift, ...] = ()

    @property
    def tools(self) -> Mapping[str, Mapping[str, object]]:
        """The pinned definitions of the tools that may be called, by name."""
        return {
            name: pin.definition
            for name, pin in sorted(self._pins.tools.items())
            if name in self._admission.tools and self._obstacle(name) is None
        }

    @property
    def drift(self) -> tuple[Drift, ...]:
        """How the server's last answer differed from the pins."""
        return self._drift

    def refresh(self, wall_ms: int) -> None:
        """Ask the server what it says of itself now. Raises `ServerFault`, `ErrorAnswer`."""
        self._drift = difference(self._pins, self._connection.facts(wall_ms))

    def call(self, tool: str, arguments: dict[str, object], broker: Broker) -> ToolOutput:
        """Ask the server to run the tool. What it does not answer, or answers wrongly, is an error output.

        Raises `Denied`, and then nothing of the call was forwarded: a tool that is not admitted, not pinned,
        or not as pinned; arguments outside the pinned schema; an effect that is not allowed, or has no
        argument; folders that cannot be shown as they are now.
        """
        self._require(tool)
        self._require_arguments(tool, arguments)
        for action, pointer in _bound_effects(self._admission, tool):
            self._require_effect(tool, action, pointer, arguments, broker)
        self._renew(tool)
        wall, output = self._limit("wall"), self._limit("output")
        ends = time.monotonic() + wall / 1000
        try:
            self.refresh(wall)
            self._require(tool)
            left = round((ends - time.monotonic()) * 1000)
            return self._output(tool, self._connection.call(tool, arguments, left), output)
        except ServerFault as fault:
            return ToolOutput(bounded(f"no result: the server {fault}", output), is_error=True)
        except ErrorAnswer as answer:
            return ToolOutput(bounded(f"the server answered with an error: {answer}", output), is_error=True)

    def close(self) -> None:
        """Stop the server, with every process it started, and wait for it. May be called more than once."""
        self._connection.close()

    def _renew(self, tool: str) -> None:
        try:
            self._connection.renew()
        except Refused as refused:
            raise self._denied(tool, "sandbox", str(refused)) from refused

    def _require(self, tool: str) -> None:
        if tool not in self._admission.tools:
            raise self._denied(tool, "identity", "the admission names no such tool")
        obstacle = self._obstacle(tool)
        if obstacle is not None:
            raise self._denied(tool, "pins", obstacle)

    def _obstacle(self, tool: str) -> str | None:
        """Why the tool is neither shown nor called."""
        if tool not in self._pins.tools:
            return "the tool is not pinned; review it and run `capwright pin`"
        if tool not in self._inputs:
            return "its pinned `inputSchema` or `outputSchema` is no JSON Schema"
        moved = [str(drift) for drift in self._drift if drift.tool in (None, tool)]
        if moved:
            return f"not what was pinned: {', '.join(moved)}; review it and run `capwright pin`"
        return None

    def _require_arguments(self, tool: str, arguments: dict[str, object]) -> None:
        try:
            canonical_json(arguments)
        except JsonError as error:
            raise self._denied(
                tool, "argument", f"the arguments are no plain JSON: {error.message}"
            ) from error
        told = self._inputs[tool].mismatch(arguments)
        if told is not None:
            raise self._denied(tool, "argument", f"the arguments do not match the pinned schema: {told}")

    def _require_effect(
        self, tool: str, action: str, pointer: str, arguments: dict[str, object], broker: Broker
    ) -> None:
        """Every resource that the argument names is allowed, and spelt as it was decided."""
        value = resolve(arguments, pointer)
        texts = value if isinstance(value, list) else [value]
        if value is ABSENT or not texts:
            raise self._denied(
                tool, "argument", f"`{pointer}` is missing, and with it what `{action}` acts on"
            )
        for text in texts:
            if not isinstance(text, str):
                raise self._denied(tool, "argument", f"`{pointer}` must be a text or a list of texts")
            decision = broker.check(action, text)
            if not decision.allowed:
                raise Denied(decision)
            if decision.resource != text:
                # The server would read its own meaning into another spelling of it.
                raise deny(action, text, "argument", f"write `{pointer}` as `{decision.resource}`")

    def _output(self, tool: str, result: Mapping[str, object], limit: int) -> ToolOutput:
        if result.get("resultType", "complete") != "complete":
            return ToolOutput("no result: the server asked for input, which it is not given", is_error=True)
        is_error = result.get("isError") is True
        schema = self._outputs.get(tool)
        if schema is not None and not is_error:
            told = schema.mismatch(result.get("structuredContent"))
            if told is not None:
                text = f"no result: its structured content does not match the pinned schema: {told}"
                return ToolOutput(bounded(text, limit), is_error=True)
        return ToolOutput(result_text(result, limit), is_error)

    def _limit(self, name: str) -> int:
        limits = self._admission.runtime["limits"]
        assert isinstance(limits, Mapping)  # noqa: S101 - the loader looked
        return int(limits[name])

    def _denied(self, tool: str, layer: str, reason: str) -> Denied:
        return deny(_CALL, f"{self._admission.plugin}/{tool}", layer, reason)


def difference(pins: Pins, live: ServerFacts) -> tuple[Drift, ...]:
    """As `compare`; an answer that has no meaning at all is a change of the server itself."""
    try:
        return compare(pins, live)
    except InputError:
        return (Drift(None, "tools", "changed"),)


def _schemas(admission: Admission, pins: Pins) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Validators of inputs and outputs by tool; a tool with a schema that is none is in neither."""
    inputs: dict[str, Schema] = {}
    outputs: dict[str, Schema] = {}
    for name, pin in pins.tools.items():
        if name not in admission.tools:
            continue
        try:
            found = Schema(pin.definition.get("inputSchema"))
            if pin.definition.get("outputSchema") is not None:
                outputs[name] = Schema(pin.definition["outputSchema"])
            inputs[name] = found
        except NoSchema:
            outputs.pop(name, None)
    return inputs, outputs


def _bound_effects(admission: Admission, tool: str) -> Iterator[tuple[str, str]]:
    """The tool's effects whose resource is an argument, as (action, JSON Pointer)."""
    effects = admission.tools[tool].get("effects")
    for effect in effects if isinstance(effects, tuple) else ():
        action, pointer = (
            (effect.get("action"), effect.get("from")) if isinstance(effect, Mapping) else (None, None)
        )
        if action in ACTIONS and isinstance(pointer, str):
            yield str(action), pointer
