"""What the runtime decides with, compiled from a proof, against the documents: both decide every case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capwright_policy import reference, reference_spawns
from capwright_policy.authority import effective
from capwright_policy.setting import Holder, Setting, holders
from capwright_registry.decide import ActionTable, PermissionTable, decide, decide_permission
from capwright_registry.vocabulary import ACTIONS
from capwright_runtimes.checker import World
from capwright_runtimes.compiled import agent_tables
from tests.support.proofs import Desk, parsed

#: Beside the cases that patterns tell apart: places that a wrong walk would take for one of them.
BESIDE = ("notes/a/b/c", "out/deep/er/file", "notesx/a", "repo/.git/config", "elsewhere")
#: For permissions, of which no certificate lists the cases.
CONTEXTS = tuple(
    {"mode": mode, "approved": approved, "depth": 0, "now": 0, "sandboxed": True, "region": "eu"}
    for mode in ("ci", "interactive")
    for approved in (False, True)
)


def disagreements(made: Desk) -> Iterator[tuple[str, str, str]]:
    """Whose table, action and resource: every effect and call that is decided otherwise than it should be.

    The families are taken as they are written, whether the checker would believe them or not.
    """
    proof = parsed(made.proof)
    for family in proof["families"]:
        world = World({**proof, **family})
        for agent in family["tables"]:
            yield from _of_agent(made.setting, world, agent)


def _of_agent(setting: Setting, world: World, agent: str) -> Iterator[tuple[str, str, str]]:
    loaded = agent_tables(world, agent)
    permissions = PermissionTable(loaded["permissions"])
    for holder in (h for h in holders(setting) if h.profile.name == agent):
        yield from _of_holder(setting, world, holder, loaded["plugins"][holder.plugin.identity])
        for tool in (t.identity for t in holder.plugin.tools):
            for context in CONTEXTS:
                meant = reference_spawns.may_call(setting, agent, tool, context)
                if decide_permission(permissions, tool, context).allowed is not meant:
                    yield agent, "tool.call", tool


def _of_holder(
    setting: Setting, world: World, holder: Holder, plugin: dict[str, Any]
) -> Iterator[tuple[str, str, str]]:
    tables = {action: ActionTable(data) for action, data in plugin["actions"].items()}
    names = [layer.name for layer in effective(setting, holder).layers]
    for action, table in tables.items():
        if [layer.name for layer in table.layers] != names:
            yield holder.subject, action, "the layers"
    for action, resource in _effects(setting, world):
        for context in _contexts(world):
            meant = reference.can(setting, holder, action, resource, context)
            if decide(tables, action, resource, context).allowed is not meant:
                yield holder.subject, action, resource


def _effects(setting: Setting, world: World) -> Iterator[tuple[str, str]]:
    for action in (a for a in ACTIONS if a in world.proof["cases"] and not a.startswith("hook.")):
        for case in world.proof["cases"][action]:
            yield action, case if isinstance(case, str) else case[0]
        for place in BESIDE if action.startswith("fs.") else ():
            yield action, f"{setting.workspace.root}/{place}"


def _contexts(world: World) -> Iterator[dict[str, Any]]:
    """The contexts of the family, with whole numbers as such."""
    whole = {n for n, v in world.proof["variables"].items() if v["type"] in ("int", "timestamp")}
    for context in world.contexts:
        yield {name: int(value) if name in whole else value for name, value in context.items()}
