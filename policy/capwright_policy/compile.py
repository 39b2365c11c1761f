"""A setting compiled into the capability graph (design sections 1, 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.authority import Authority, Layer, delegable_layers, effective, granted, requested
from capwright_policy.calls import callable_tools, covering
from capwright_policy.commands import may_run_anything
from capwright_policy.graph import CapabilityGraph, Edge, EdgeKind, Node, NodeKind
from capwright_policy.routes import model_node, present, return_edges, route_edges, unconfined
from capwright_policy.setting import Holder, Setting, ceiling, holders, host_ceiling, origin
from capwright_policy.stages import call_stages, rewrite_stages
from capwright_registry.capability import Child, Hook, Plugin, Profile, Tool


def compile_graph(setting: Setting) -> CapabilityGraph:
    """The graph of `setting`; deterministic: the same documents give the same nodes and edges in order."""
    graph = CapabilityGraph()
    for node in _nodes(setting):
        graph.add_node(node)
    seen: set[tuple[Node, Node, EdgeKind]] = set()
    for edge in _edges(setting):
        key = (edge.source, edge.target, edge.kind)
        if key not in seen:  # routes of two tools of one plugin share their mediators
            seen.add(key)
            graph.add(edge)
    return graph


def agent_node(profile: Profile) -> Node:
    """The node of an agent that runs under `profile`."""
    return Node(NodeKind.AGENT, profile.name, profile.span)


def holder_node(holder: Holder) -> Node:
    """The node of a plugin as enabled in one profile."""
    return Node(NodeKind.HOLDER, holder.subject, holder.grant.span)


def tool_node(holder: Holder, tool: Tool) -> Node:
    """The node of one tool as one agent sees it."""
    return Node(NodeKind.TOOL, f"{holder.profile.name}/{tool.identity}", tool.span)


def hook_node(holder: Holder, number: int, hook: Hook) -> Node:
    """The node of one hook, numbered in the manifest's order."""
    return Node(NodeKind.HOOK, f"{holder.subject}#{number}", hook.span)


def contribution_nodes(holder: Holder) -> tuple[Node, ...]:
    """The nodes of everything that speaks to the model for a holder: its tools and its hooks."""
    tools = (tool_node(holder, tool) for tool in holder.plugin.tools)
    return (*tools, *(hook_node(holder, number, hook) for number, hook in enumerate(holder.plugin.hooks)))


def plugin_node(plugin: Plugin) -> Node:
    """The node of a plugin, told apart by its folder, since two may claim one identity."""
    return Node(NodeKind.PLUGIN, f"{plugin.identity}@{plugin.folder.name}")


def template_node(profile: Profile, child: Child) -> Node:
    """The node of a child template."""
    return Node(NodeKind.TEMPLATE, f"{profile.name}/{child.profile}", child.span)


def _nodes(setting: Setting) -> Iterator[Node]:
    yield from (agent_node(p) for p in setting.workspace.profiles)
    yield from (plugin_node(p) for p in setting.workspace.plugins)
    yield from (Node(NodeKind.CEILING, tier) for tier in setting.workspace.ceilings)
    yield from (Node(NodeKind.CEILING, f"host/{tier}") for tier in setting.host.ceilings)


def _edges(setting: Setting) -> Iterator[Edge]:
    for plugin in setting.workspace.plugins:
        yield Edge(Node(NodeKind.SOURCE, plugin.tier), plugin_node(plugin), EdgeKind.PROVIDES)
    for holder in holders(setting):
        yield from _holder_edges(setting, holder)
        yield from _contribution_edges(setting, holder)
        yield from _call_edges(setting, holder)
    for profile in setting.workspace.profiles:
        yield from _delegation_edges(setting, profile)


def _holder_edges(setting: Setting, holder: Holder) -> Iterator[Edge]:
    target = holder_node(holder)
    asks, gives = Authority((requested(holder),)), Authority((granted(holder),))
    yield Edge(plugin_node(holder.plugin), target, EdgeKind.REQUESTS, asks)
    yield Edge(agent_node(holder.profile), target, EdgeKind.GRANTS, gives)
    declared = ceiling(setting, holder)
    if declared is not None:
        limit = Authority((Layer("ceiling", declared),))
        yield Edge(Node(NodeKind.CEILING, holder.plugin.tier), target, EdgeKind.LIMITS, limit)
    above = Authority((Layer("host", host_ceiling(setting, holder)),))
    yield Edge(
        Node(NodeKind.CEILING, f"host/{origin(setting, holder.plugin)}"), target, EdgeKind.LIMITS, above
    )


def _contribution_edges(setting: Setting, holder: Holder) -> Iterator[Edge]:
    source = holder_node(holder)
    for tool in holder.plugin.tools:
        node = tool_node(holder, tool)
        yield Edge(source, node, EdgeKind.PROVIDES)
        yield Edge(agent_node(holder.profile), node, EdgeKind.CALLS)
        yield from route_edges(setting, holder, node)
    yield from call_stages(setting, holder)
    for number, hook in enumerate(holder.plugin.hooks):
        node = hook_node(holder, number, hook)
        yield from rewrite_stages(setting, holder, hook, node)
        yield Edge(source, node, EdgeKind.PROVIDES)
        kind = EdgeKind.REWRITES if hook.power == "rewrite" else EdgeKind.OBSERVES
        yield Edge(node, agent_node(holder.profile), kind)
    yield from return_edges(setting, holder, contribution_nodes(holder))
    if unconfined(setting, holder):
        yield Edge(source, Node(NodeKind.EFFECT, "everything"), EdgeKind.AMBIENT)
        yield Edge(source, model_node(holder), EdgeKind.AMBIENT)
    elif holder.plugin.kind != "mcp" and not present(setting, holder, "process-sandbox"):
        authority = effective(setting, holder)
        if holder.plugin.tools and "process.exec" in authority.actions() and may_run_anything(authority):
            yield Edge(source, Node(NodeKind.EFFECT, "everything"), EdgeKind.AMBIENT)


def _call_edges(setting: Setting, holder: Holder) -> Iterator[Edge]:
    source = holder_node(holder)
    for owner, tool in callable_tools(setting, holder):
        authority = effective(setting, owner)
        yield Edge(source, tool_node(owner, tool), EdgeKind.CALLS, authority)
    for child in holder.profile.children:
        if all(covering(layer, "agent.spawn", child.profile) for layer in effective(setting, holder).layers):
            yield Edge(source, template_node(holder.profile, child), EdgeKind.SPAWNS)
    for lent in holder.grant.lend:
        borrower = Node(NodeKind.HOLDER, f"{holder.profile.name}/{lent.to}")
        if not any(e == borrower for e in (source,)):
            terms = tuple(c for c in holder.grant.lend if c.to == lent.to)
            yield Edge(source, borrower, EdgeKind.LENDS, Authority((Layer("lent", terms),)))


def _delegation_edges(setting: Setting, profile: Profile) -> Iterator[Edge]:
    for child in profile.children:
        template, handed = template_node(profile, child), Authority(delegable_layers(profile))
        yield Edge(agent_node(profile), template, EdgeKind.SPAWNS, handed)
        yield Edge(template, agent_node(setting.profiles[child.profile]), EdgeKind.DELEGATES, handed)
