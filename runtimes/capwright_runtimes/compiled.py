"""From the layers that were checked to the tables that the runtime decides with.

A proof does not hold these tables, so that none can differ from its layers. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from capwright_runtimes.checker import DOMAINS, Json, Segments, World


def agent_tables(world: World, agent: str) -> dict[str, Any]:
    """Everything that is loaded for an agent of the family: `specs/proof.md`, "What is loaded".

    Raises `KeyError` where the family has no such agent.
    """
    tables = world.proof["tables"][agent]
    rules = tables["permissions"]["rules"]
    walk = trie(world.patterns, dict.fromkeys(n for rule in rules for n in rule["on"]))
    return {
        "context": world.proof["variables"],
        "permissions": {**tables["permissions"], "trie": walk},
        "plugins": {name: plugin_table(world, f"{agent}/{name}") for name in tables["plugins"]},
    }


def plugin_table(world: World, subject: str) -> dict[str, Any]:
    """The table of a holder, with what its layers compile to and the walks of its hooks."""
    table, layers = world.table(subject), world.holders[subject]["layers"]
    actions = {action: action_table(world, layers, action) for action in sorted(world.actions(layers))}
    return {**table, "actions": actions, "hooks": [_hook(world, hook) for hook in table["hooks"]]}


def action_table(world: World, numbers: Iterable[int], action: str) -> dict[str, Any]:
    """The decision table of one action: one walk over the patterns of all layers, and the rules by layer."""
    layers = [world.layers[n] for n in numbers]
    listed = [{"name": layer["name"], "rules": layer["rules"][action]} for layer in layers]
    used = dict.fromkeys(n for layer in listed for r in layer["rules"] for n in (*r["on"], *r["except"]))
    return {"domain": DOMAINS.get(action, "name"), "trie": trie(world.patterns, used), "layers": listed}


def _hook(world: World, hook: Json) -> dict[str, Any]:
    arguments = [
        {"pointer": a["pointer"], "trie": trie(world.patterns, [a["pattern"]])} for a in hook["arguments"]
    ]
    return {**hook, "match": {"trie": trie(world.patterns, [hook["match"]])}, "arguments": arguments}


def trie(patterns: Sequence[Any], numbers: Iterable[int]) -> list[dict[str, Any]]:
    """The walk over patterns: one node for each prefix of elements, numbered as they come up."""
    nodes: list[dict[str, Any]] = [{}]
    steps: dict[Segments, int] = {}
    for number in numbers:
        for elements in patterns[number]:
            here = 0
            for kind, *rest in elements:
                if (here, kind, *rest) not in steps:
                    steps[here, kind, *rest] = there = len(nodes)
                    nodes.append({"loop": True} if kind == "deep" else {})
                    if kind == "word":
                        nodes[here].setdefault("lit", {})[rest[0]] = there
                    elif rest:
                        nodes[here].setdefault(kind, []).append([*rest, there])
                    else:
                        nodes[here]["any" if kind == "one" else kind] = there
                here = steps[here, kind, *rest]
            if number not in nodes[here].setdefault("end", []):
                nodes[here]["end"].append(number)
    return nodes
