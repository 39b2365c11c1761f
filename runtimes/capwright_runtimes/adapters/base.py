"""What an adapter gives the host: sessions that can be called, and hooks that can fire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from capwright_runtimes.admission import Admission
from capwright_runtimes.broker import Broker

Verdict = Literal["none", "annotate", "rewrite", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a tool returned, unbounded and untrusted:

    The host bounds and escapes it before anyone reads it.
    """

    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class HookResult:
    """What a plugin's hooks say of one event, all of them together; `verdict` is the strictest.

    `message` belongs to the verdict, and `source` is the first hook that gave it. `arguments` is the whole
    rewritten argument object where a rewrite fired (whatever the verdict), else `None`. `annotations` are
    texts to add beside the result. `fired` names the hooks that acted or observed, by their source. `refused`
    names the powers that a hook wanted and does not have here, as `hook.<power>: reason`. `undecided` says
    that the verdict is `deny` because a rewrite could not be made or decided; then the power to rewrite is
    enough.
    """

    verdict: Verdict = "none"
    message: str = ""
    arguments: Mapping[str, object] | None = None
    annotations: tuple[str, ...] = ()
    fired: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    undecided: bool = False
    source: str = ""

    @property
    def power(self) -> str:
        """The hook power that the verdict needs; `none` for none."""
        return "rewrite" if self.undecided and self.verdict == "deny" else self.verdict


class Session(Protocol):
    """One loaded plugin."""

    def call(self, tool: str, arguments: dict[str, object], broker: Broker) -> ToolOutput:
        """Run the tool (by its short name). Every effect goes through `broker`, or is not possible.

        Raises `Denied` where the call as a whole may not happen.
        """

    def close(self) -> None:
        """Stop and free everything. May be called more than once."""


@runtime_checkable
class HookSession(Protocol):
    """A session whose plugin also has hooks."""

    def fire(
        self, event: str, tool: str, arguments: Mapping[str, object], context: Mapping[str, object]
    ) -> HookResult:
        """What the plugin's hooks say of the event for this tool identity.

        Never raises for what it is told.
        """


class Adapter(Protocol):
    """The module `adapters/<kind>.py`."""

    def load(self, admission: Admission) -> Session:
        """Load the plugin.

        Raises `Refused` when the value is no admission or the plugin is not what was proved.
        """
