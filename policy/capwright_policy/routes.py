"""The way from a contribution to an effect: which mediators an effect needs, and which stand on its route.

A mediator that the host does not have is not on the route; the check `unmediated-effect` sees the gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from capwright_policy.authority import effective
from capwright_policy.graph import Edge, EdgeKind, Node, NodeKind
from capwright_policy.setting import Holder, Setting
from capwright_registry.vocabulary import ACTIONS

#: What a result passes on its way to the model (G5): of an effect, of a tool without effects, of a hook.
RETURN_PATH = ("output-bound", "history")
#: Stands where the name of an action would in the names of the mediators on that way.
RESULT = "result"
#: The one process sandbox that is known to confine.
SANDBOX = "bubblewrap"
#: Actions that are no effect of a call: they are decided where the contribution is registered.
REGISTERED = frozenset({"tool.provide", *(a for a in ACTIONS if a.startswith("hook."))})


def required_mediators(kind: str, action: str) -> tuple[str, ...]:
    """The mediators that an effect of `action` needs, in order, when a plugin of runtime `kind` causes it.

    A process is confined as a whole: for an MCP server the process sandbox stands in for the host's own
    file and network mediators.
    """
    own = "process-sandbox" if kind == "mcp" else ACTIONS[action].mediator
    return ("permission", own) if own else ("permission",)


def effect_actions(setting: Setting, holder: Holder) -> tuple[str, ...]:
    """The actions whose effects the holder's tools can cause."""
    return tuple(a for a in effective(setting, holder).actions() if a not in REGISTERED)


def effect_node(holder: Holder, action: str) -> Node:
    """The node at which the holder's effects of one action happen."""
    return Node(NodeKind.EFFECT, f"{holder.subject}/{action}")


def mediator_node(holder: Holder, action: str, mediator: str) -> Node:
    """The mediator as it stands on the route of one action of one holder."""
    return Node(NodeKind.MEDIATOR, f"{holder.subject}/{action}/{mediator}")


def model_node(holder: Holder) -> Node:
    """The model's context of the holder's agent."""
    return Node(NodeKind.MODEL, holder.profile.name)


def present(setting: Setting, holder: Holder, mediator: str) -> bool:
    """Whether a mediator stands on the routes of a holder.

    The process sandbox of a component is there only where one works. That a server's is missing is for
    `ambient-process` to say, so that an operator who takes it on does so once.
    """
    works = mediator != "process-sandbox" or holder.plugin.kind == "mcp" or setting.sandbox == SANDBOX
    return mediator in setting.mediators and works


def unconfined(setting: Setting, holder: Holder) -> bool:
    """Whether the holder is a server process that no working sandbox confines."""
    confined = setting.sandbox == SANDBOX and "process-sandbox" in setting.mediators
    return holder.plugin.kind == "mcp" and not confined


def route_edges(setting: Setting, holder: Holder, contribution: Node) -> Iterator[Edge]:
    """The edges from a contribution through the mediators to each effect."""
    for action in effect_actions(setting, holder):
        needed = required_mediators(holder.plugin.kind, action)
        gates = (mediator_node(holder, action, m) for m in needed if present(setting, holder, m))
        way = [contribution, *gates]
        for source, target in pairwise(way):
            yield Edge(source, target, EdgeKind.MEDIATES)
        yield Edge(way[-1], effect_node(holder, action), EdgeKind.PERFORMS)


def return_edges(setting: Setting, holder: Holder, contributions: Iterable[Node]) -> Iterator[Edge]:
    """The edges from whatever the holder says or has caused to the model's context."""
    gates = [mediator_node(holder, RESULT, m) for m in RETURN_PATH if present(setting, holder, m)]
    way = [*gates, model_node(holder)]
    for start in (*contributions, *(effect_node(holder, a) for a in effect_actions(setting, holder))):
        yield Edge(start, way[0], EdgeKind.MEDIATES)
    for source, target in pairwise(way):
        yield Edge(source, target, EdgeKind.MEDIATES)
