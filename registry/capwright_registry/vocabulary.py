"""The closed, versioned vocabulary: actions, hook events, mediators, tiers.

An action belongs to one resource domain and needs its mediators in the order given; see `specs/checks.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Domain = Literal["path", "host", "url", "name", "argv"]
Label = Literal["untrusted_content", "private_data", "public_sink", "changes_state"]
FlowRule = Literal["trifecta", "rule-of-two"]
Tier = Literal["builtin", "user", "project"]
RuntimeKind = Literal["mcp", "declarative", "wasm"]

VERSION: Final = "capwright.vocabulary/1"
TIERS: Final[tuple[Tier, ...]] = ("builtin", "user", "project")
#: What a tool brings to its agent: text that a stranger may have written, data that others must not see, a
#: way out, a change that outlasts the session.
LABELS: Final[tuple[Label, ...]] = ("untrusted_content", "private_data", "public_sink", "changes_state")
RUNTIME_KINDS: Final[tuple[RuntimeKind, ...]] = ("mcp", "declarative", "wasm")
MEDIATORS: Final = ("permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history")
HOOK_EVENTS: Final = (
    "session.start",
    "prompt.submit",
    "model.before",
    "tool.before",
    "tool.after",
    "turn.end",
    "child.spawn",
    "child.end",
    "abort",
    "session.end",
)
HOOK_POWERS: Final = ("observe", "deny", "ask", "rewrite", "annotate")


@dataclass(frozen=True, slots=True)
class Action:
    """One action: the domain of its resources and the mediator its effects need beside `permission`."""

    name: str
    domain: Domain
    mediator: str | None = None


ACTIONS: Final[dict[str, Action]] = {
    a.name: a
    for a in (
        Action("fs.read", "path", "scoped-fs"),
        Action("fs.write", "path", "scoped-fs"),
        Action("fs.delete", "path", "scoped-fs"),
        Action("net.connect", "host", "net-policy"),
        Action("net.http", "url", "net-policy"),
        Action("process.exec", "argv", "process-sandbox"),
        Action("env.read", "name"),
        Action("secret.use", "name"),
        Action("tool.call", "name"),
        Action("tool.provide", "name"),
        Action("agent.spawn", "name"),
        Action("model.sample", "name"),
        Action("user.ask", "name"),
        Action("mcp.resource", "name"),
        Action("mcp.prompt", "name"),
        Action("history.append", "name"),
        *(Action(f"hook.{power}", "name") for power in HOOK_POWERS),
    )
}

NEVER_GRANTABLE: Final[dict[str, str]] = {
    "context.inject": "what the model sees must enter through history, a tool or a hook",
    "history.rewrite": "history is append-only, so that what happened can be read afterwards",
    "memory.write": "memory changes only through the host's own interface",
    "policy.write": "nothing governed may change what governs it",
    "scope.change": "scope is set by the profile and narrowed by delegation, never by what it binds",
}
