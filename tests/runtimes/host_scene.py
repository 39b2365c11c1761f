"""A small desk for tests of the host: one plugin of tools, and rule plugins beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from capwright_registry.decide import PermissionTable
from capwright_runtimes.host import AskRequest, Host
from capwright_runtimes.refusal import Denied
from tests.runtimes.host_fakes import (
    FakeSession,
    admission,
    admitted,
    echo,
    permissions,
    serve,
    table,
    tool,
    when,
)

SEARCH = "project:acme.notes/search"
POWERS = ("observe", "deny", "ask", "rewrite", "annotate")
HOOK_TABLES = {f"hook.{power}": table(f"hook.{power}", ["*.*/*:*.*/*"]) for power in POWERS}


def yes(request: AskRequest) -> bool:
    return True


class Scene:
    """A notes plugin with one tool, rule plugins beside it, and the host that runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "notes").mkdir()
        (folder / "notes" / "a.txt").write_bytes(b"hello")
        self.session: FakeSession = FakeSession(echo)
        self.tables = {
            "fs.read": table("fs.read", [f"{folder}/notes/**"]),
            "fs.write": table("fs.write", [f"{folder}/notes/**"], condition=when("approved")),
        }
        self.tools = {
            "search": tool(),
            "read": tool(("fs.read", "/path")),
            "write": tool(("fs.write", "/path")),
        }
        self.allow: PermissionTable = permissions(default="allow")
        self.notes_hooks: list[Mapping[str, object]] = []
        self.hook_tables = dict(HOOK_TABLES)
        self.limits = {"output": 4096}
        self.host: Host | None = None

    def start(self, *rules: Mapping[str, object], context: Mapping[str, object] | None = None) -> Host:
        """The host; each rule is a plugin of its own, in this order."""
        notes = admission(
            {**self.tables, **self.hook_tables}, self.tools, self.notes_hooks, limits=self.limits
        )
        guards = [
            admission(HOOK_TABLES, hooks=[rule], plugin=f"builtin:guard.g{n}", kind="declarative")
            for n, rule in enumerate(rules)
        ]
        whole = admitted(self.folder, *guards, notes, allow=self.allow, variables=["region"])
        self.host = Host(whole, context=context or {}, environ={"LANG": "C"}, adapters=serve(self.session))
        return self.host

    def records(self, kind: str | None = None) -> list[dict[str, object]]:
        lines = (self.folder / "history.jsonl").read_bytes().splitlines()
        found = [json.loads(line)["record"] for line in lines]
        return [r for r in found if (r["kind"] != "start" if kind is None else r["kind"] == kind)]


def denied(call: Callable[[], object]) -> tuple[str | None, str]:
    with pytest.raises(Denied) as caught:
        call()
    return caught.value.decision.layer, caught.value.reason
