"""Reachability over the capability graph, put to Z3 directly.

    python -m tests.bench.scale_rivals HOW N SECONDS

HOW is `datalog` (Z3's fixedpoint engine) or `closure` (one Boolean a node and capability, an implication an
edge). Who can cause what: a node has its own capabilities, and those of whatever its grants, calls, spawns
and delegations lead to. The question: can anybody reach a capability that nobody has? Prints the seconds of
processor time, building of the formula included, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import z3

from capwright_policy.compile import compile_graph
from capwright_policy.graph import EdgeKind
from capwright_policy.setting import Setting
from capwright_registry.host_policy import load_host_policy
from capwright_registry.workspace import load_workspace
from tests.support.organisations import write_organisation

_MEMORY = 8 << 30
_FLOWS = (EdgeKind.GRANTS, EdgeKind.CALLS, EdgeKind.SPAWNS, EdgeKind.DELEGATES, EdgeKind.PROVIDES)


@dataclass(frozen=True, slots=True)
class Facts:
    """Nodes and capabilities by number: `edges` lead to whom one causes through, `has` is its own."""

    nodes: int
    capabilities: int
    edges: tuple[tuple[int, int], ...]
    has: tuple[tuple[int, int], ...]


def facts_of(setting: Setting) -> Facts:
    """The graph of a setting, without its conditions."""
    nodes: dict[str, int] = {}
    capabilities: dict[str, int] = {}
    edges = [
        (nodes.setdefault(str(e.source), len(nodes)), nodes.setdefault(str(e.target), len(nodes)))
        for e in compile_graph(setting).edges(*_FLOWS)
    ]
    has = [
        (
            nodes.setdefault(f"holder:{holder.subject}", len(nodes)),
            capabilities.setdefault(f"{one.action}:{pattern.canonical}", len(capabilities)),
        )
        for holder in setting.holders
        for one in holder.grant.grant
        for pattern in one.on
    ]
    return Facts(len(nodes), len(capabilities), tuple(edges), tuple(has))


def datalog(facts: Facts) -> z3.CheckSatResult:
    """Unsatisfiable iff nobody reaches the capability that nobody has."""
    engine = z3.Fixedpoint()
    engine.set(engine="datalog")
    node = z3.BitVecSort(max(1, facts.nodes.bit_length()))
    capability = z3.BitVecSort(max(1, (facts.capabilities + 1).bit_length()))
    edge = z3.Function("edge", node, node, z3.BoolSort())
    reaches = z3.Function("reaches", node, capability, z3.BoolSort())
    for relation in (edge, reaches):
        engine.register_relation(relation)
    a, b, c = z3.Const("a", node), z3.Const("b", node), z3.Const("c", capability)
    engine.declare_var(a, b, c)
    for one, other in facts.edges:
        engine.fact(edge(z3.BitVecVal(one, node), z3.BitVecVal(other, node)))
    for one, held in facts.has:
        engine.fact(reaches(z3.BitVecVal(one, node), z3.BitVecVal(held, capability)))
    engine.rule(reaches(a, c), [edge(a, b), reaches(b, c)])
    return engine.query(reaches(a, z3.BitVecVal(facts.capabilities, capability)))


def closure(facts: Facts) -> z3.CheckSatResult:
    """The same, with every pair of a node and a capability written out."""
    solver = z3.SimpleSolver()
    every = range(facts.capabilities + 1)
    reaches = [[z3.Bool(f"{n}:{c}") for c in every] for n in range(facts.nodes)]
    support: list[list[list[z3.BoolRef]]] = [[[] for _ in every] for _ in range(facts.nodes)]
    for one, other in facts.edges:
        for c in every:
            support[one][c].append(reaches[other][c])
    for one, held in facts.has:
        support[one][held].append(z3.BoolVal(True))
    for n in range(facts.nodes):  # the graph has no circles, so that support is reachability
        for c in every:
            solver.add(reaches[n][c] == z3.Or(support[n][c]))
    solver.add(z3.Or([reaches[n][facts.capabilities] for n in range(facts.nodes)]))
    return solver.check()


def main() -> None:
    """Ask and print."""
    how, plugins, seconds = sys.argv[1:]
    with TemporaryDirectory() as folder:
        workspace = load_workspace(write_organisation(Path(folder), int(plugins)))
        facts = facts_of(Setting(workspace, load_host_policy(workspace.root, {}), "bubblewrap"))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    limit = ceil(float(seconds) + time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    started = time.process_time()
    verdict = {"datalog": datalog, "closure": closure}[how](facts)
    print(json.dumps({"verdict": str(verdict), "seconds": time.process_time() - started}), flush=True)
    os._exit(0)  # a solver may take longer to clean up than to answer


if __name__ == "__main__":
    main()
