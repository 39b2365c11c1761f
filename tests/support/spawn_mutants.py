"""Deliberate bugs in what is said of spawning and of commands, for `tests/policy/test_mutants.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
import z3

from capwright_policy import call_chains, commands, descents, handing_down
from capwright_policy.booleans import Term, disj
from capwright_policy.checks import budget_growth, exec_is_everything, spawn_amplifies
from capwright_policy.contexts import Contexts, Reading
from capwright_policy.setting import Holder, Setting
from capwright_registry.capability import Child

Patch = pytest.MonkeyPatch


def the_last_level_starts_more(patch: Patch) -> None:
    patch.setattr(budget_growth, "_LEVELS", z3.IntVal(2))
    real = budget_growth._Link

    def deep(parent: Any, above: Child, profile: Any) -> Any:
        return real(parent, replace(above, max_depth=16), profile)

    patch.setattr(budget_growth, "_Link", deep)


def one_child_of_each_kind(patch: Patch) -> None:
    real = budget_growth._exceeds

    def exceeds(link: Any, children: Iterable[tuple[int, Child]], key: str) -> Term:
        return real(link, [(n, replace(c, max_children=1)) for n, c in children], key)

    patch.setattr(budget_growth, "_exceeds", exceeds)


def each_kind_of_child_alone(patch: Patch) -> None:
    real = budget_growth._exceeds
    patch.setattr(budget_growth, "_exceeds", lambda link, cs, key: disj(real(link, [c], key) for c in cs))


def no_budget_is_no_spending(patch: Patch) -> None:
    patch.setattr(budget_growth, "_unbounded", lambda _: iter(()))


def every_level_may_start_more(patch: Patch) -> None:
    """As if `max_depth` counted nothing."""
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


def within_levels(levels: int) -> Callable[[Patch], None]:
    """Agents further down are not looked at."""

    def mutate(patch: Patch) -> None:
        def nearest(*args: Any) -> Any:
            return (d for d in descents.descents(*args) if d.levels <= levels)

        for module in (spawn_amplifies, handing_down):
            patch.setattr(module, "descents", nearest)

    return mutate


def every_level_at_one_depth(patch: Patch) -> None:
    patch.setattr(Contexts, "below", lambda self, _: self.own)


def to_ask_is_to_allow(patch: Patch) -> None:
    real = descents.may_call

    def may_call(profile: Any, tool: str, reading: Reading) -> Term:
        words = {"ask": "allow"}
        rules = tuple(replace(p, action=words.get(p.action, p.action)) for p in profile.permissions)
        return real(replace(profile, permissions=rules), tool, reading)

    patch.setattr(handing_down, "may_call", may_call)
    patch.setattr(descents, "may_call", may_call)


def what_it_has_not_it_may_hand_down(patch: Patch) -> None:
    real = descents.may_hand_down

    def may_hand_down(profile: Any, tool: str, reading: Reading) -> Term:
        return real(profile, tool, reading) if descents.has_tool(profile, tool) else True

    patch.setattr(handing_down, "may_hand_down", may_hand_down)


def only_the_plugin_itself_starts(patch: Patch) -> None:
    real = call_chains.calls_from

    def alone(setting: Setting, caller: Holder) -> Any:
        return replace(real(setting, caller), tools={}, edges=())

    patch.setattr(spawn_amplifies, "calls_from", alone)


def started_in_any_context(patch: Patch) -> None:
    real = call_chains.allowed
    patch.setattr(spawn_amplifies, "allowed", lambda *args: real(*args) is not False)


def only_shells_run_anything(patch: Patch) -> None:
    patch.setattr(commands, "KINDS", commands.KINDS[:1])


def git_is_always_plain(patch: Patch) -> None:
    patch.setattr(commands, "KINDS", tuple(kind for kind in commands.KINDS if not kind.without))


def every_command_runs_anything(patch: Patch) -> None:
    patch.setattr(commands, "KINDS", (commands.Kind(()),))


def every_command_is_unconfined(patch: Patch) -> None:
    patch.setattr(exec_is_everything, "present", lambda *_: False)


def only_who_runs_it_is_everything(patch: Patch) -> None:
    real = call_chains.calls_from
    patch.setattr(exec_is_everything, "calls_from", lambda s, h: replace(real(s, h), tools={}, edges=()))


#: Bugs that find too much, and the check whose counterexamples then do not replay.
FALSE_ALARMS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (the_last_level_starts_more, "budget-growth"),
    (every_level_may_start_more, "spawn-amplifies"),
    (started_in_any_context, "spawn-amplifies"),
    (every_command_runs_anything, "exec-is-everything"),
    (every_command_is_unconfined, "exec-is-everything"),
)
#: Bugs that find too little, and the check whose vectors must notice.
BUGS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (one_child_of_each_kind, "budget-growth"),
    (each_kind_of_child_alone, "budget-growth"),
    (no_budget_is_no_spending, "budget-growth"),
    (within_levels(1), "spawn-amplifies"),
    (within_levels(2), "spawn-amplifies"),
    (within_levels(4), "spawn-amplifies"),
    (every_level_at_one_depth, "spawn-amplifies"),
    (to_ask_is_to_allow, "spawn-amplifies"),
    (what_it_has_not_it_may_hand_down, "spawn-amplifies"),
    (only_the_plugin_itself_starts, "spawn-amplifies"),
    (only_shells_run_anything, "exec-is-everything"),
    (git_is_always_plain, "exec-is-everything"),
    (only_who_runs_it_is_everything, "exec-is-everything"),
)
