"""The tables of a proof against the documents: each case and each call, decided by both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capwright_policy import reference, reference_spawns
from capwright_policy.emit.target import proven
from capwright_policy.setting import Holder, holders
from capwright_registry.decide import ActionTable, PermissionTable, decide, decide_permission
from tests.support.proofs import Desk

#: Beside the cases that patterns tell apart: places that a wrong walk would take for one of them.
BESIDE = ("notes/a/b/c", "out/deep/er/file", "notesx/a", "repo/.git/config", "elsewhere")

#: For permissions, of which no certificate lists the cases.
CONTEXTS = tuple(
    {"mode": mode, "approved": approved, "depth": 0, "now": 0, "sandboxed": True, "region": "eu"}
    for mode in ("ci", "interactive")
    for approved in (False, True)
)


def disagreements(made: Desk) -> list[str]:
    """Every effect and call that the desk's tables and the reference semantics decide otherwise."""
    body = made.body()
    found = [told for holder in holders(made.setting) for told in _of_holder(made, body, holder)]
    return [*found, *_of_agents(made, body)]


def _of_holder(made: Desk, body: dict[str, Any], holder: Holder) -> Iterator[str]:
    part = proven(body, holder.profile.name, holder.plugin.identity)
    tables = {action: ActionTable(data) for action, data in part.table["actions"].items()}
    effects = {(case.action, case.resource) for case in part.cases}
    effects |= {
        (action, f"{made.root}/{place}") for action in tables for place in BESIDE if action.startswith("fs.")
    }
    contexts = {id(case.context): case.context for case in part.cases}.values()
    for action, resource in sorted(effects):
        for context in contexts:
            meant = reference.can(made.setting, holder, action, resource, context)
            if decide(tables, action, resource, context).allowed is not meant:
                yield f"{holder.subject}: {action}:{resource}"


def _of_agents(made: Desk, body: dict[str, Any]) -> Iterator[str]:
    for holder in holders(made.setting):
        agent = holder.profile.name
        table = PermissionTable(body["tables"][agent]["permissions"])
        for tool in holder.plugin.tools:
            for context in CONTEXTS:
                meant = reference_spawns.may_call(made.setting, agent, tool.identity, context)
                if decide_permission(table, tool.identity, context).allowed is not meant:
                    yield f"{agent}: {tool.identity}"
