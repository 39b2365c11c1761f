"""Agents that start agents: how deep, how many, what they spend, and which tools they may call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import z3

from capwright_policy import call_chains, descents, handing_down
from capwright_policy.booleans import Term, disj
from capwright_policy.checks import budget_growth, spawn_amplifies
from capwright_policy.contexts import Contexts, Reading
from capwright_policy.setting import Holder, Setting, find_profile
from capwright_registry.capability import Child
from tests.soundness.judging import by_replay
from tests.soundness.probe import Patch, probe


@probe("encoding", "budget-growth", caught=by_replay)
def the_last_level_starts_more(patch: Patch) -> None:
    """An agent of an entry's last level has children that spend as well."""
    patch.setattr(budget_growth, "_LEVELS", z3.IntVal(2))
    real = budget_growth._Link

    def deep(parent: Any, above: Child, profile: Any) -> Any:
        return real(parent, replace(above, max_depth=16), profile)

    patch.setattr(budget_growth, "_Link", deep)


@probe("encoding", "budget-growth")
def one_child_of_each_kind(patch: Patch) -> None:
    """`max_children` is not looked at: a budget is compared with one child's."""
    real = budget_growth._exceeds

    def exceeds(link: Any, children: Iterable[tuple[int, Child]], key: str) -> Term:
        return real(link, [(n, replace(c, max_children=1)) for n, c in children], key)

    patch.setattr(budget_growth, "_exceeds", exceeds)


@probe("encoding", "budget-growth")
def each_kind_of_child_alone(patch: Patch) -> None:
    """Budgets are compared without the sum over siblings of other kinds."""
    real = budget_growth._exceeds
    patch.setattr(budget_growth, "_exceeds", lambda link, cs, key: disj(real(link, [c], key) for c in cs))


@probe("encoding", "budget-growth")
def no_budget_is_no_spending(patch: Patch) -> None:
    """A child without a budget of its own is taken to spend nothing."""
    patch.setattr(budget_growth, "_unbounded", lambda _: iter(()))


@probe("encoding", "budget-growth")
def calls_alone_are_counted(patch: Patch) -> None:
    """Of a budget the first key is compared; output and wall time are not."""
    real = budget_growth._together

    def together(link: Any) -> Iterator[Any]:
        budget = dict(list(link.above.budget.items())[:1])
        return real(budget_growth._Link(link.parent, replace(link.above, budget=budget), link.profile))

    patch.setattr(budget_growth, "_together", together)


@probe("encoding", "budget-growth", caught=by_replay)
def as_much_as_there_is_is_too_much(patch: Patch) -> None:
    """The sum has to stay below what there is, where it may come up to it."""
    real = budget_growth._exceeds

    def exceeds(link: Any, children: Any, key: str) -> Term:
        less = {**link.above.budget, key: link.above.budget[key] - 1}
        above = replace(link.above, budget=less)
        return real(budget_growth._Link(link.parent, above, link.profile), children, key)

    patch.setattr(budget_growth, "_exceeds", exceeds)


@probe("closure", "spawn-amplifies", caught=by_replay)
def every_level_may_start_more(patch: Patch) -> None:
    """`max_depth` counts nothing: each agent of a chain may start the next."""
    real = descents.descents

    def endless(setting: Setting, *rest: Any) -> Any:
        profiles = tuple(
            replace(p, children=tuple(replace(c, max_depth=16) for c in p.children))
            for p in setting.workspace.profiles
        )
        deep = replace(setting, workspace=replace(setting.workspace, profiles=profiles))
        start = next(p for p in profiles if p.name == rest[0].name)
        return real(deep, start, *rest[1:])

    for module in (spawn_amplifies, handing_down):
        patch.setattr(module, "descents", endless)


def _within_levels(patch: Patch, levels: int) -> None:
    def nearest(*args: Any) -> Any:
        return (d for d in descents.descents(*args) if d.levels <= levels)

    for module in (spawn_amplifies, handing_down):
        patch.setattr(module, "descents", nearest)


@probe("closure", "spawn-amplifies")
def only_children_are_looked_at(patch: Patch) -> None:
    """Agents further down than one level are not looked at."""
    _within_levels(patch, 1)


@probe("closure", "spawn-amplifies")
def only_grandchildren_are_looked_at(patch: Patch) -> None:
    """Agents further down than two levels are not looked at."""
    _within_levels(patch, 2)


@probe("closure", "spawn-amplifies")
def four_levels_are_looked_at(patch: Patch) -> None:
    """Agents further down than four levels are not looked at."""
    _within_levels(patch, 4)


@probe("closure", "spawn-amplifies")
def a_profile_is_met_once(patch: Patch) -> None:
    """A profile that was met on one level is passed over on the next, where its `depth` is another."""

    def once(*args: Any) -> Any:
        met: set[str] = {args[1].name}
        for descent in descents.descents(*args):
            if descent.way[-1].name not in met:
                met.add(descent.way[-1].name)
                yield descent

    for module in (spawn_amplifies, handing_down):
        patch.setattr(module, "descents", once)


@probe("closure", "spawn-amplifies")
def of_two_ways_down_the_first_is_kept(patch: Patch) -> None:
    """Of two ways to one profile on one level the first is followed, though the other goes deeper."""

    def first(setting: Setting, profile: Any, only: str | None = None) -> Any:
        here = [(descents.Descent((profile,)), descents._ANY)]
        while here:
            level: dict[str, tuple[Any, int]] = {}
            for above, left in here:
                for child in above.way[-1].children:
                    if above.levels or only in (None, child.profile):
                        target = find_profile(setting, child.profile)
                        follow = min(left - 1, child.max_depth - 1)
                        level.setdefault(child.profile, (descents.Descent((*above.way, target)), follow))
            yield from (descent for descent, _ in level.values())
            here = [(descent, follow) for descent, follow in level.values() if follow > 0]

    for module in (spawn_amplifies, handing_down):
        patch.setattr(module, "descents", first)


@probe("encoding", "spawn-amplifies")
def every_level_is_at_one_depth(patch: Patch) -> None:
    """The rules of an agent below are read at the `depth` of the agent above."""
    patch.setattr(Contexts, "below", lambda self, _: self.own)


@probe("encoding", "spawn-amplifies")
def to_ask_is_to_allow(patch: Patch) -> None:
    """A rule that asks lets a tool be called whether the user approves or not."""
    real = descents.may_call

    def may_call(profile: Any, tool: str, reading: Reading) -> Term:
        words = {"ask": "allow"}
        rules = tuple(replace(p, action=words.get(p.action, p.action)) for p in profile.permissions)
        return real(replace(profile, permissions=rules), tool, reading)

    patch.setattr(handing_down, "may_call", may_call)
    patch.setattr(descents, "may_call", may_call)


@probe("encoding", "spawn-amplifies")
def rules_have_no_conditions(patch: Patch) -> None:
    """A rule with a condition counts in every context."""
    real = descents.may_call

    def may_call(profile: Any, tool: str, reading: Reading) -> Term:
        rules = tuple(replace(p, when=None) for p in profile.permissions)
        return real(replace(profile, permissions=rules), tool, reading)

    patch.setattr(handing_down, "may_call", may_call)
    patch.setattr(descents, "may_call", may_call)


@probe("encoding", "spawn-amplifies")
def what_it_has_not_it_may_hand_down(patch: Patch) -> None:
    """An agent may let a child call any tool that it has not itself."""
    real = descents.may_hand_down

    def may_hand_down(profile: Any, tool: str, reading: Reading) -> Term:
        return real(profile, tool, reading) if descents.has_tool(profile, tool) else True

    patch.setattr(handing_down, "may_hand_down", may_hand_down)


@probe("closure", "spawn-amplifies")
def only_the_plugin_itself_starts(patch: Patch) -> None:
    """An agent that a called tool starts is not looked at."""
    real = call_chains.calls_from

    def alone(setting: Setting, caller: Holder) -> Any:
        return replace(real(setting, caller), tools={}, edges=())

    patch.setattr(spawn_amplifies, "calls_from", alone)


@probe("encoding", "spawn-amplifies", caught=by_replay)
def agents_are_started_in_any_context(patch: Patch) -> None:
    """An agent that may be started in some contexts only is started in all."""
    real = call_chains.allowed
    patch.setattr(spawn_amplifies, "allowed", lambda *args: real(*args) is not False)
