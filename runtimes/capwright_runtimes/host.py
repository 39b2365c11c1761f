"""The host: one path from an agent's tool call to its bounded, recorded result.

Every call takes the same steps, numbered here as in `_perform`:
1. identity: the tool stands in the table of an admitted plugin, under exactly this name
2. permission: the agent may call it
3. hooks before: deny, ask, rewrite, annotate; again after a rewrite
4. approval: what must be asked is asked once, for the arguments that will be used; then 2 and 3 again
5. arguments: every resource that they name is allowed
6. the adapter runs the tool; each effect goes through the broker
7. hooks after: they may withhold the result or annotate it
8. bound, history, result
A refusal at any step is a `Denied`, and recorded. Nothing changes the arguments between 5 and 6.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final

from capwright_registry.decide import PERMISSION_ACTION, Decision
from capwright_runtimes.adapters import adapter_for
from capwright_runtimes.adapters.base import Adapter, ToolOutput
from capwright_runtimes.admission import Admission, Admitted, require_admitted
from capwright_runtimes.broker import Broker
from capwright_runtimes.hook_chain import Occasion, Settled, run_hooks
from capwright_runtimes.loaded import LoadedPlugins
from capwright_runtimes.mediators.history import History
from capwright_runtimes.mediators.output_bound import bound
from capwright_runtimes.mediators.permission import ToolCall, permit_arguments
from capwright_runtimes.mediators.scoped_fs import ScopedFs
from capwright_runtimes.records import (
    call_record,
    denial_record,
    plain_arguments,
    result_record,
    shown,
    start_record,
)
from capwright_runtimes.refusal import Denied, Refused, deny

BUILT_IN_CONTEXT: Final = frozenset({"approved", "depth", "mode", "now", "sandboxed"})
DEFAULT_OUTPUT_BYTES: Final = 64 * 1024
MAX_OUTPUT_BYTES: Final = 1024 * 1024  # whatever the manifest says: a result must fit in one history record
MAX_NOTE_BYTES: Final = 2 * 1024
MAX_NOTES: Final = 32


@dataclass(frozen=True, slots=True)
class AskRequest:
    """What the user is asked: may this tool run with these arguments? `reasons` says who wants to know."""

    tool: str
    arguments: Mapping[str, object]
    reasons: tuple[str, ...]


Ask = Callable[[AskRequest], bool]


@dataclass(frozen=True, slots=True)
class CallResult:
    """What the agent gets.

    `text` is bounded and escaped, `cut` bytes are missing, `seq` is the history record.

    `annotations` are hooks' words, bounded and escaped too, and are not the tool's. `denials` are the effects
    that the tool wanted and did not get.
    """

    text: str
    annotations: tuple[str, ...]
    cut: int
    seq: int
    is_error: bool = False
    denials: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class _Call:
    """One call on its way: which plugin's tool, what it was given, and in which context."""

    tool: str
    short: str
    admission: Admission
    arguments: dict[str, object]
    context: Mapping[str, object]
    ask: Ask | None


class Host:
    """Runs the plugins of one admitted agent. A context manager; `close` stops every plugin.

    `context` gives the variables that conditions read: `mode`, `approved`, `depth`, `sandboxed`, `now` (whole
    microseconds since the POSIX epoch; left out, the clock is read at each call) and the workspace's own. One
    that is missing makes every condition that needs it fail closed; one that the proof does not know is
    refused, for it is a mistake. `environ` is all that plugins can ever read through `env.read`.

    Raises `Refused` for a value that is no `Admitted`, an unknown variable, a history that does not verify.
    """

    def __init__(
        self,
        admitted: Admitted,
        *,
        context: Mapping[str, object],
        environ: Mapping[str, str] | None = None,
        adapters: Callable[[str], Adapter] = adapter_for,
    ) -> None:
        self._admitted = require_admitted(admitted)
        self._context = _known_context(admitted, context)
        self._environ = dict(environ or {})
        self._plugins = LoadedPlugins(admitted, adapters)
        self._tools = {
            f"{plugin}/{name}": (admission, name)
            for plugin, admission in admitted.plugins.items()
            for name in admission.tools
        }
        self._history = History(admitted.history)
        try:
            self._history.append(start_record(admitted, self._context))
            self._files = ScopedFs()
        except BaseException:
            self._history.close()
            raise

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def tools(self) -> tuple[str, ...]:
        """The full identities of every tool of every admitted plugin, sorted."""
        return tuple(sorted(self._tools))

    def load(self, plugin: str) -> None:
        """Load one admitted plugin; does nothing when it is loaded. Raises `Refused`."""
        admission = self._admitted.plugins.get(plugin)
        if admission is None:
            raise Refused("not-admitted", "the proof does not admit this plugin for this agent", plugin)
        self._plugins.session(admission)

    def call(self, tool: str, arguments: Mapping[str, object], ask: Ask | None = None) -> CallResult:
        """Call a tool by its full identity. `ask` puts a question to the user; without it nobody approves.

        Raises `Denied` when the call may not happen or its result may not be seen, `Refused` when a plugin
        that the call needs does not load. Both are recorded. A plugin with hooks is loaded before the first
        call, so that no hook is passed by for not being there.
        """
        try:
            return self._perform(tool, arguments, ask)
        except Denied as error:
            self._history.append(denial_record(tool, error.decision))
            raise
        except Exception as error:
            self._history.append({"kind": "failure", "tool": shown(tool), "error": type(error).__name__})
            raise

    def close(self) -> None:
        """Stop every plugin and give everything back. May be called more than once."""
        try:
            self._plugins.close()
        finally:
            self._files.close()
            self._history.close()

    def _perform(self, tool: str, arguments: Mapping[str, object], ask: Ask | None) -> CallResult:
        call = self._identified(tool, arguments, ask)  # 1
        settled, call = self._agreed(call)  # 2, 3, 4
        tool_call = ToolCall.of(call.admission, call.short, settled.arguments)
        refusal = permit_arguments(call.admission, tool_call, call.context)  # 5
        if refusal is not None:
            raise Denied(refusal)
        self._history.append(call_record(tool, settled.arguments, call.context))
        output, broker = self._run(call, settled.arguments)  # 6
        after = self._hooks("tool.after", call, settled.arguments)  # 7
        return self._finished(call, output, broker, (*settled.annotations, *after.annotations))  # 8

    def _identified(self, tool: str, arguments: Mapping[str, object], ask: Ask | None) -> _Call:
        found = self._tools.get(tool)
        if found is None:
            raise deny(PERMISSION_ACTION, tool, "identity", "no admitted plugin has a tool of this identity")
        admission, short = found
        return _Call(tool, short, admission, plain_arguments(tool, arguments), self._context_now(), ask)

    def _agreed(self, call: _Call) -> tuple[Settled, _Call]:
        """The call as permission, hooks and, where they ask, the user agree to it."""
        settled = self._settled(call)
        if not settled.asks:
            return settled, call
        request = AskRequest(call.tool, settled.arguments, settled.asks)
        if call.ask is None or call.ask(request) is not True:
            reason = "; ".join(settled.asks)
            raise Denied(Decision(False, PERMISSION_ACTION, call.tool, "approval", reason, ask=True))
        # The clock is read again: whoever approves may take longer than a grant lasts.
        approved = replace(call, context={**self._context_now(), "approved": True})
        again = self._settled(approved)
        if again.asks or again.arguments != settled.arguments:
            raise deny(PERMISSION_ACTION, call.tool, "approval", "the call is not the one that was approved")
        return again, approved

    def _settled(self, call: _Call) -> Settled:
        """Permission, then hooks. An `ask` is satisfied by an approval that the context already has."""
        decision = self._admitted.permit(call.tool, call.context)
        if not decision.allowed and not decision.ask:
            raise Denied(decision)
        settled = self._hooks("tool.before", call, call.arguments)
        if call.context.get("approved") is True:
            return Settled(settled.arguments, (), settled.annotations)
        asks = (decision.reason, *settled.asks) if decision.ask else settled.asks
        return Settled(settled.arguments, asks, settled.annotations)

    def _hooks(self, event: str, call: _Call, arguments: Mapping[str, object]) -> Settled:
        occasion = Occasion(event, call.tool, arguments, call.context)
        return run_hooks(self._plugins.hooked(), occasion, self._history.append)

    def _run(self, call: _Call, arguments: Mapping[str, object]) -> tuple[ToolOutput, Broker]:
        given = plain_arguments(call.tool, arguments)
        broker = Broker(
            call.admission,
            call.short,
            plain_arguments(call.tool, arguments),  # its own copy: the session cannot widen what was bound
            call.context,
            history=self._history,
            files=self._files,
            environ=self._environ,
        )
        return self._plugins.session(call.admission).call(call.short, given, broker), broker

    def _finished(
        self, call: _Call, output: ToolOutput, broker: Broker, annotations: tuple[str, ...]
    ) -> CallResult:
        text = bound(output.text, _output_limit(call.admission))
        notes = tuple(bound(note, MAX_NOTE_BYTES).text for note in annotations[:MAX_NOTES])
        if len(annotations) > MAX_NOTES:
            notes += (f"[{len(annotations) - MAX_NOTES} more annotations cut]",)
        record = result_record(call.tool, text, output.is_error, notes)
        seq = self._history.append(record)
        return CallResult(text.text, notes, text.cut_bytes, seq, output.is_error, broker.denials)

    def _context_now(self) -> Mapping[str, object]:
        now = time.time_ns() // 1000
        return {"now": now, "approved": False, **self._context}


def _known_context(admitted: Admitted, context: Mapping[str, object]) -> dict[str, object]:
    unknown = sorted(set(context) - admitted.variables - BUILT_IN_CONTEXT)
    if unknown:
        raise Refused("unknown-context", "the proof declares no such context variable", ", ".join(unknown))
    return dict(context)


def _output_limit(admission: Admission) -> int:
    limits = admission.runtime.get("limits")
    limit = limits.get("output") if isinstance(limits, Mapping) else None
    limit = limit if type(limit) is int and limit >= 0 else DEFAULT_OUTPUT_BYTES
    return min(limit, MAX_OUTPUT_BYTES)
