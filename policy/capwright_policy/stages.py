"""The stages of a call, in the order in which it passes them: what a hook that rewrites still has before it.

The host settles what hooks say right before it decides on the arguments (`capwright_runtimes.host`, steps 3
to 5), and lets all of them run again after a rewrite. So a hook before a tool stands in front of the mediator
`permission`, and what the workspace lists before that one has decided already, on other arguments. At any
other event no mediator comes after a hook.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from capwright_policy.graph import Edge, EdgeKind, Node, NodeKind
from capwright_policy.rewriting import EVENT, matched
from capwright_policy.routes import effect_actions, effect_node, mediator_node, present, required_mediators
from capwright_policy.setting import Holder, Setting
from capwright_registry.capability import Hook


def happening_node(holder: Holder, hook: Hook) -> Node:
    """What comes of an event that is no call: nothing is decided about it any more."""
    return Node(NodeKind.EFFECT, f"{holder.profile.name}/{hook.on}")


def call_stages(setting: Setting, owner: Holder) -> Iterator[Edge]:
    """The edges from stage to stage of calls of the owner's tools, for each action to its effect."""
    for action in effect_actions(setting, owner):
        for source, target in pairwise(_stages(setting, owner, action)):
            yield Edge(source, target, EdgeKind.THEN)


def rewrite_stages(setting: Setting, holder: Holder, hook: Hook, node: Node) -> Iterator[Edge]:
    """The edges from a hook that rewrites to the stage that comes after it."""
    if hook.power == "rewrite" and hook.on != EVENT:
        yield Edge(node, happening_node(holder, hook), EdgeKind.THEN)
    elif hook.power == "rewrite":
        for owner in dict.fromkeys(owner for owner, _ in matched(setting, holder, hook)):
            for action in effect_actions(setting, owner):
                stages = _stages(setting, owner, action)
                permission = mediator_node(owner, action, "permission")
                yield Edge(node, permission if permission in stages else stages[0], EdgeKind.THEN)


def _stages(setting: Setting, owner: Holder, action: str) -> list[Node]:
    """The mediators that the action needs and that are there, in the workspace's order; then the effect."""
    needed = required_mediators(owner.plugin.kind, action)
    listed = dict.fromkeys(setting.workspace.mediators)
    gates = [m for m in listed if m in needed and present(setting, owner, m)]
    return [*(mediator_node(owner, action, m) for m in gates), effect_node(owner, action)]
