"""The capability graph: typed nodes and edges over `networkx`.

A node is `kind:name`; an edge carries its kind and, where authority flows over it, the authority.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import networkx as nx

from capwright_registry.spans import Span

if TYPE_CHECKING:
    from capwright_policy.authority import Authority


class NodeKind(StrEnum):
    """What a node stands for (design section 1)."""

    SOURCE = "source"
    CEILING = "ceiling"
    PLUGIN = "plugin"
    AGENT = "agent"
    TEMPLATE = "template"
    HOLDER = "holder"
    TOOL = "tool"
    HOOK = "hook"
    MEDIATOR = "mediator"
    EFFECT = "effect"
    HISTORY = "history"
    MODEL = "model"


class EdgeKind(StrEnum):
    """How one node bears on another."""

    PROVIDES = "provides"
    REQUESTS = "requests"
    GRANTS = "grants"
    LIMITS = "limits"
    CALLS = "calls"
    LENDS = "lends"
    SPAWNS = "spawns"
    DELEGATES = "delegates"
    OBSERVES = "observes"
    REWRITES = "rewrites"
    MEDIATES = "mediates"
    PERFORMS = "performs"
    AMBIENT = "ambient"
    THEN = "then"


@dataclass(frozen=True, slots=True)
class Node:
    """One typed node; `name` is unique within its kind."""

    kind: NodeKind
    name: str
    span: Span | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Edge:
    """One typed edge; `authority` is what flows over it, `None` where the edge carries no authority."""

    source: Node
    target: Node
    kind: EdgeKind
    authority: Authority | None = None


class CapabilityGraph:
    """A multigraph of `Node` with typed edges. Built by `compile`, read by the checks."""

    def __init__(self) -> None:
        self._graph: nx.MultiDiGraph[Node] = nx.MultiDiGraph()

    def add(self, edge: Edge) -> None:
        """Add an edge (and its ends); a second edge of the same kind between the same ends is refused."""
        if self._graph.has_edge(edge.source, edge.target, key=edge.kind):
            raise ValueError(f"duplicate edge {edge.source} -{edge.kind}-> {edge.target}")
        self._graph.add_edge(edge.source, edge.target, key=edge.kind, edge=edge)

    def add_node(self, node: Node) -> None:
        """Add a node that may stay without edges."""
        self._graph.add_node(node)

    def nodes(self, kind: NodeKind) -> tuple[Node, ...]:
        """All nodes of one kind, in insertion order."""
        return tuple(n for n in self._graph.nodes if n.kind is kind)

    def edges(self, *kinds: EdgeKind) -> Iterator[Edge]:
        """All edges of the given kinds, in insertion order."""
        for _, _, key, edge in self._graph.edges(keys=True, data="edge"):
            if key in kinds:
                yield edge

    def leaving(self, node: Node, *kinds: EdgeKind) -> Iterator[Edge]:
        """The edges of the given kinds that leave `node`."""
        for edges in self._graph.adj[node].values() if node in self._graph else ():
            for key, data in edges.items():
                if key in kinds:
                    yield data["edge"]

    def subgraph(self, *kinds: EdgeKind) -> nx.DiGraph[Node]:
        """The plain directed graph over edges of the given kinds, for `networkx` algorithms."""
        plain: nx.DiGraph[Node] = nx.DiGraph()
        plain.add_nodes_from(self._graph.nodes)
        plain.add_edges_from((e.source, e.target) for e in self.edges(*kinds))
        return plain

    def __len__(self) -> int:
        return len(self._graph)
