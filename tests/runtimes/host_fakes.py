"""Admissions, sessions and adapters for tests. The tests alone make admissions beside the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from capwright_registry.decide import ActionTable, PermissionTable
from capwright_registry.patterns import build_trie, parse
from capwright_registry.vocabulary import ACTIONS
from capwright_runtimes.adapters.base import Adapter, HookResult, Session, ToolOutput
from capwright_runtimes.admission import Admission, AdmissionFields, Admitted, _mint, _mint_agent
from capwright_runtimes.broker import Broker

PLUGIN = "project:acme.notes"
LIMITS = {"fuel": 1_000_000, "memory": 1 << 20, "wall": 1000, "output": 4096}
TRUE = ["const", "bool", True]


def when(name: str, kind: str = "bool") -> list[object]:
    """The tree of a condition that is one variable."""
    return ["var", name, kind]


def rule(
    on: Sequence[int], except_: Sequence[int] = (), condition: object = None, until: int | None = None
) -> dict[str, object]:
    """One rule of a layer, as the proof writes it."""
    return {
        "on": list(on),
        "except": list(except_),
        "when": condition,
        "until": until,
        "source": "p.toml:1:1",
    }


def table_data(
    action: str,
    on: Sequence[str],
    except_: Sequence[str] = (),
    condition: object = None,
    until: int | None = None,
) -> dict[str, object]:
    """The table of an action with one layer `granted` of one rule."""
    patterns = [parse(ACTIONS[action].domain, text) for text in (*on, *except_)]
    ids = range(len(patterns))
    only = rule(ids[: len(on)], ids[len(on) :], condition, until)
    return {
        "domain": ACTIONS[action].domain,
        "trie": build_trie(patterns),
        "layers": [{"name": "granted", "rules": [only]}],
    }


def table(
    action: str,
    on: Sequence[str],
    except_: Sequence[str] = (),
    condition: object = None,
    until: int | None = None,
) -> ActionTable:
    """`table_data`, compiled."""
    return ActionTable(table_data(action, on, except_, condition, until))


def names(*patterns: str) -> list[dict[str, object]]:
    """The trie of name patterns."""
    return build_trie([parse("name", text) for text in patterns])


def permissions(*rules: tuple[str, str] | tuple[str, str, object], default: str = "deny") -> PermissionTable:
    """A permission table from (pattern, action[, condition]) rules."""
    items = [
        {"on": [i], "action": r[1], "when": r[2] if len(r) > 2 else None, "source": f"p.toml:{i + 1}:1"}
        for i, r in enumerate(rules)
    ]
    return PermissionTable({"trie": names(*(r[0] for r in rules)), "rules": items, "default": default})


def hook(
    event: str,
    power: str,
    match: str = "*",
    *,
    condition: object = None,
    arguments: Mapping[str, str] | None = None,
    changes: Mapping[str, object] | None = None,
    message: str = "",
) -> dict[str, object]:
    """One hook, as the proof writes it; `*` matches every tool here."""
    pattern = "*:*.*/*" if match == "*" else match
    told = [{"pointer": p, "trie": names(text)} for p, text in (arguments or {}).items()]
    return {
        "on": event,
        "match": {"trie": names(pattern)},
        "power": power,
        "when": condition,
        "arguments": told,
        "set": dict(changes or {}),
        "message": message,
        "source": f"{power}.toml:1:1",
    }


def tool(*effects: tuple[str, str | None]) -> dict[str, object]:
    """A tool's table with these (action, pointer) effects."""
    return {
        "description": "a tool",
        "input": {"type": "object"},
        "effects": [{"action": action, "from": pointer} for action, pointer in effects],
    }


def admission(
    tables: Mapping[str, ActionTable] | None = None,
    tools: Mapping[str, Mapping[str, object]] | None = None,
    hooks: Sequence[Mapping[str, object]] = (),
    *,
    plugin: str = PLUGIN,
    kind: str = "wasm",
    agent: str = "lead",
    limits: Mapping[str, int] | None = None,
) -> Admission:
    """An admission without a proof."""
    return _mint(
        AdmissionFields(
            agent=agent,
            plugin=plugin,
            kind=kind,
            root=Path("/workspace"),
            folder=Path("/workspace/plugins/acme.notes"),
            tables=tables or {},
            runtime={"kind": kind, "limits": dict(limits or LIMITS)},
            tools=tools or {},
            hooks=tuple(hooks),
        )
    )


def admitted(
    folder: Path,
    *plugins: Admission,
    allow: PermissionTable | None = None,
    variables: Sequence[str] = (),
) -> Admitted:
    """An agent's admission; every tool is allowed unless told otherwise."""
    return _mint_agent(
        "lead",
        allow or permissions(default="allow"),
        {plugin.plugin: plugin for plugin in plugins},
        frozenset(variables),
        folder / "history.jsonl",
    )


Behaviour = Callable[[dict[str, object], Broker], str]


@dataclass
class FakeSession:
    """A session that does what it is told and remembers what it was called with."""

    behaviour: Behaviour
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    closed: int = 0

    def call(self, tool: str, arguments: dict[str, object], broker: Broker) -> ToolOutput:
        self.calls.append((tool, dict(arguments)))
        return ToolOutput(self.behaviour(arguments, broker))

    def close(self) -> None:
        self.closed += 1


@dataclass
class FakeHooks(FakeSession):
    """A session whose hooks say what they are told, whatever they may do."""

    says: Callable[[Mapping[str, object]], HookResult] = lambda _: HookResult()
    heard: list[tuple[str, str, dict[str, object], object]] = field(default_factory=list)

    def fire(
        self, event: str, tool: str, arguments: Mapping[str, object], context: Mapping[str, object]
    ) -> HookResult:
        self.heard.append((event, tool, dict(arguments), context.get("approved")))
        return self.says(arguments)


@dataclass
class FakeAdapter:
    """Loads the one session it holds, and remembers for whom."""

    session: Session
    loaded: list[str] = field(default_factory=list)

    def load(self, admission: Admission) -> Session:
        self.loaded.append(admission.plugin)
        return self.session


def echo(arguments: dict[str, object], broker: Broker) -> str:
    """The behaviour of a tool that causes no effect."""
    return f"got {sorted(arguments.items())}"


def serve(session: Session) -> Callable[[str], Adapter]:
    """Every kind is loaded as this session, but for rule tables, which are real."""
    from capwright_runtimes.adapters import adapter_for

    fake = cast(Adapter, FakeAdapter(session))
    return lambda kind: adapter_for(kind) if kind == "declarative" else fake
