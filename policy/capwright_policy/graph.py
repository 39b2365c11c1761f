"""The capability graph: typed nodes and edges.

A node is `kind:name`; an edge carries its kind and, where authority flows over it, the authority.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

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
        self._leaving: dict[Node, dict[tuple[Node, EdgeKind], Edge]] = {}

    def add(self, edge: Edge) -> None:
        """Add an edge (and its ends); a second edge of the same kind between the same ends is refused."""
        self.add_node(edge.source)
        self.add_node(edge.target)
        leaving, key = self._leaving[edge.source], (edge.target, edge.kind)
        if key in leaving:
            raise ValueError(f"duplicate edge {edge.source} -{edge.kind}-> {edge.target}")
        leaving[key] = edge

    def add_node(self, node: Node) -> None:
        """Add a node that may stay without edges."""
        self._leaving.setdefault(node, {})

    def nodes(self, kind: NodeKind) -> tuple[Node, ...]:
        """All nodes of one kind, in insertion order."""
        return tuple(n for n in self._leaving if n.kind is kind)

    def edges(self, *kinds: EdgeKind) -> Iterator[Edge]:
        """All edges of the given kinds: by source, both in insertion order."""
        for node in self._leaving:
            yield from self.leaving(node, *kinds)

    def leaving(self, node: Node, *kinds: EdgeKind) -> Iterator[Edge]:
        """The edges of the given kinds that leave `node`, none for a node that is not there."""
        return (edge for edge in self._leaving.get(node, {}).values() if edge.kind in kinds)

    def __len__(self) -> int:
        return len(self._leaving)
