"""Calls of others' tools, over any number of hops, and what a call causes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from capwright_policy import call_chains, calls
from capwright_policy.authority import Layer, effective
from capwright_policy.booleans import disj
from capwright_policy.checks import deputy, exec_is_everything
from capwright_policy.reach import Reach
from capwright_policy.setting import Holder
from capwright_registry.patterns import matches
from tests.soundness.probe import Patch, original, probe


def within_hops(patch: Patch, hops: int) -> None:
    """Reachability that gives up after so many calls, as peers do."""
    real = Reach.__init__

    def init(self: Reach[Any], name: str, starts: Iterable[Any], edges: Iterable[Any]) -> None:
        kept, all_edges, first = [], list(edges), list(starts)
        front = {start for start, _ in first}
        for _ in range(hops):
            here = [edge for edge in all_edges if edge[0] in front]
            kept += [edge for edge in here if edge not in kept]
            front = {edge[1] for edge in here}
        real(self, name, first, kept)

    patch.setattr(Reach, "__init__", init)


@probe("closure", "deputy", "exec-is-everything")
def one_call_is_followed(patch: Patch) -> None:
    """A tool that a called tool calls is not reached: one hop in the place of the closure."""
    within_hops(patch, 1)


@probe("closure", "deputy")
def two_calls_are_followed(patch: Patch) -> None:
    """Reachability ends after two calls."""
    within_hops(patch, 2)


@probe("closure", "deputy")
def four_calls_are_followed(patch: Patch) -> None:
    """Reachability ends after four calls."""
    within_hops(patch, 4)


@probe("encoding", "deputy")
def calls_have_no_conditions(patch: Patch) -> None:
    """A call that is let in some contexts only can be made in all."""
    real = Reach.__init__

    def init(self: Reach[Any], name: str, starts: Iterable[Any], edges: Iterable[Any]) -> None:
        real(self, name, starts, ((a, b, True) for a, b, _ in edges))

    patch.setattr(Reach, "__init__", init)


@probe("encoding", "deputy")
def two_nodes_hold_each_other_up(patch: Patch) -> None:
    """Without ranks a circle that nothing leads to counts as reached."""
    real = Reach.__init__

    def init(self: Reach[Any], *args: Any) -> None:
        real(self, *args)
        for number, node in enumerate(self._rank):
            self._rank[node] = _Unranked(number)

    patch.setattr(Reach, "__init__", init)


class _Unranked:
    """A rank that is below every other one."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __lt__(self, other: object) -> bool:
        return True


@probe("closure", "deputy")
def exceptions_of_calls_are_ignored(patch: Patch) -> None:
    """A tool that the grant of `tool.call` excepts can be called all the same."""
    patch.setattr(calls, "covers", lambda c, resource: any(matches(p, resource) for p in c.on))


@probe("closure", "deputy")
def a_grant_alone_lets_a_tool_be_called(patch: Patch) -> None:
    """Of the layers above a plugin only what it is granted decides which tools it may call."""

    def callable_(setting: Any, holder: Holder) -> Any:
        layer = effective(setting, holder).layers[1]
        for owner in setting.by_agent[holder.profile.name]:
            for tool in owner.plugin.tools if owner.grant is not holder.grant else ():
                if calls.covering(layer, "tool.call", tool.identity):
                    yield owner, tool

    def allowed(setting: Any, holder: Holder, action: str, resource: str, reading: Any) -> Any:
        layer = effective(setting, holder).layers[1]
        return disj(reading.guard(c) for c in calls.covering(layer, action, resource))

    patch.setattr(calls, "_callable", callable_)
    patch.setattr(call_chains, "allowed", allowed)


@probe("closure", "deputy")
def a_server_causes_what_its_tools_declare(patch: Patch) -> None:
    """Of a server, one process, only the declared effects of the called tool are looked at."""
    real = calls.caused_by

    def caused_by(setting: Any, owner: Holder, tool: Any) -> Any:
        authority, actions = real(setting, owner, tool)
        declared = {effect.action for effect in tool.effects}
        return authority, tuple(a for a in actions if a in declared)

    patch.setattr(deputy, "caused_by", caused_by)


@probe("closure", "deputy", "rewrite-deputy")
def whatever_is_lent_is_lent_to_all(patch: Patch) -> None:
    """`lend` counts for every caller, whoever is named in `to`."""

    def layer(owner: Holder, borrower: Holder) -> Layer:
        return Layer("lent", owner.grant.lend)

    patch.setattr(deputy, "lent_layer", layer)
    patch.setattr("capwright_policy.checks.rewrite_deputy.lent_layer", layer)


@probe("closure", "deputy")
def what_is_lent_has_no_bounds(patch: Patch) -> None:
    """`lend` of an action lends all of it: its patterns are not looked at."""
    real = original(deputy, "lent_layer")

    def layer(owner: Holder, borrower: Holder) -> Layer:
        own = {c.action: c for c in owner.grant.grant}
        lent = real(owner, borrower).capabilities
        return Layer("lent", tuple(replace(own.get(c.action, c), to=c.to) for c in lent))

    patch.setattr(deputy, "lent_layer", layer)


@probe("closure", "deputy")
def nothing_is_lent(patch: Patch) -> None:
    """`lend` is not read at all."""
    patch.setattr(deputy, "lent_layer", lambda *_: Layer("lent", ()))


@probe("closure", "deputy")
def only_the_first_action_of_a_tool(patch: Patch) -> None:
    """Of what a call can cause the first action is looked at, and no other."""
    real = calls.caused_by

    def caused_by(*args: Any) -> Any:
        authority, actions = real(*args)
        return authority, actions[:1]

    patch.setattr(deputy, "caused_by", caused_by)


@probe("closure", "deputy", "exec-is-everything")
def only_calls_of_ones_own_are_edges(patch: Patch) -> None:
    """Edges of calls are kept where the first caller makes them, so that nothing leads on from a tool."""
    real = call_chains.calls_from

    def alone(setting: Any, caller: Holder) -> Any:
        found = real(setting, caller)
        return replace(found, edges=tuple(e for e in found.edges if e[2] is caller))

    for module in (deputy, exec_is_everything):
        patch.setattr(module, "calls_from", alone)
