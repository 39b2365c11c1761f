"""The vectors of the hooks' checks notice deliberate mistakes; `test_mutants` says what that means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from capwright_policy import guarding, rewriting, stages
from capwright_policy.authority import Layer
from capwright_policy.checks import fail_open_hook, rewrite_after_check, rewrite_deputy
from capwright_policy.holding import TRUE
from capwright_policy.setting import Setting
from capwright_registry.capability import Capability, Profile
from capwright_registry.errors import InternalError
from capwright_registry.patterns import parse
from capwright_registry.vocabulary import HOOK_EVENTS
from tests.policy.test_mutants import CHECKS, Patch, ignore_conditions, ignore_ends, only, wrong
from tests.support.vectors import run, vectors


def rewrites_lent_to_whoever_asks(patch: Patch) -> None:
    patch.setattr(rewrite_deputy, "lent_layer", lambda owner, _: Layer("lent", owner.grant.lend))


def rewrites_choose_only_what_arguments_name(patch: Patch) -> None:
    """As if a server's manifest, or a tool without a word on its arguments, were believed."""
    real = rewriting.chosen

    def chosen(*arguments: Any) -> Any:
        return {action: on for action, on in real(*arguments).items() if on is not None}

    patch.setattr(rewrite_deputy, "chosen", chosen)


def rewrites_choose_anything(patch: Patch) -> None:
    real = rewriting.chosen
    patch.setattr(rewrite_deputy, "chosen", lambda *arguments: dict.fromkeys(real(*arguments)))


def rewrites_lead_nowhere(patch: Patch) -> None:
    patch.setattr(rewrite_deputy, "ways", lambda *_: iter(()))


def hooks_stand_in_front_of_everything(patch: Patch) -> None:
    """As if hooks ran first of all, whatever is listed before the permission."""
    real = stages._stages

    def listed(*arguments: Any) -> Any:
        *gates, effect = real(*arguments)
        return [*sorted(gates, key=lambda gate: gate.name.rpartition("/")[2] != "permission"), effect]

    patch.setattr(stages, "_stages", listed)


def only_tools_are_rewritten(patch: Patch) -> None:
    patch.setattr(rewrite_after_check, "_elsewhere", lambda *_: iter(()))


def power_is_never_asked_for(patch: Patch) -> None:
    patch.setattr(rewrite_after_check, "acts", lambda *_: TRUE)


def no_mediator_comes_after(patch: Patch) -> None:
    real = stages._stages
    patch.setattr(stages, "_stages", lambda *arguments: real(*arguments)[-1:])


def only_children_of_ones_own(patch: Patch) -> None:
    real = guarding.below

    def below(setting: Setting, profile: Profile) -> tuple[Profile, ...]:
        own = {child.profile for child in profile.children}
        return tuple(agent for agent in real(setting, profile) if agent.name in own)

    patch.setattr(fail_open_hook, "below", below)


def nobody_is_below(patch: Patch) -> None:
    patch.setattr(fail_open_hook, "below", lambda *_: ())


def every_event_is_fired(patch: Patch) -> None:
    patch.setattr(guarding, "GUARDS", dict.fromkeys(guarding.GUARDS, HOOK_EVENTS))
    real = guarding._power

    def power(word: str, on: Any, *rest: Any) -> Capability:
        return real(word, (*on, *(p for event in HOOK_EVENTS for p in (parse("name", event),))), *rest)

    patch.setattr(guarding, "_power", lambda w, on, *r: power(w, on, *r) if len(on) > 1 else real(w, on, *r))


def guards_are_always_wanted(patch: Patch) -> None:
    """Whatever the hook's condition, the agent's rules and the operator's exceptions."""
    patch.setattr(guarding, "called", lambda *_: TRUE)


def every_tool_is_called(patch: Patch) -> None:
    patch.setattr(rewriting, "called", lambda *_: TRUE)


#: Bugs that find too much, and the check whose counterexamples then do not replay.
FALSE_ALARMS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (guards_are_always_wanted, "fail-open-hook"),
    (power_is_never_asked_for, "rewrite-after-check"),
    (no_mediator_comes_after, "rewrite-after-check"),
)

BUGS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (rewrites_lent_to_whoever_asks, "rewrite-deputy"),
    (rewrites_choose_only_what_arguments_name, "rewrite-deputy"),
    (rewrites_choose_anything, "rewrite-deputy"),
    (rewrites_lead_nowhere, "rewrite-deputy"),
    (every_tool_is_called, "rewrite-deputy"),
    (ignore_conditions, "rewrite-deputy"),
    (only_children_of_ones_own, "fail-open-hook"),
    (nobody_is_below, "fail-open-hook"),
    (every_event_is_fired, "fail-open-hook"),
    (guards_are_always_wanted, "fail-open-hook"),
    (ignore_conditions, "fail-open-hook"),
    (ignore_ends, "fail-open-hook"),
    (hooks_stand_in_front_of_everything, "rewrite-after-check"),
    (only_tools_are_rewritten, "rewrite-after-check"),
    (power_is_never_asked_for, "rewrite-after-check"),
)


def _ids(cases: tuple[tuple[Callable[[Patch], None], str], ...]) -> list[str]:
    return [f"{bug.__name__}-{id_}" for bug, id_ in cases]


@pytest.mark.parametrize(("mutate", "id_"), FALSE_ALARMS, ids=_ids(FALSE_ALARMS))
def test_a_counterexample_that_is_none_does_not_replay(
    mutate: Callable[[Patch], None], id_: str, monkeypatch: Patch
) -> None:
    """The reference semantics shares no code with what finds, so a false alarm fails loudly."""
    only(monkeypatch, CHECKS[id_])
    mutate(monkeypatch)
    loud = 0
    for vector in vectors(id_):
        if not vector.refused:
            try:
                assert run(vector).proved, vector.name
            except InternalError as error:
                assert "does not replay" in str(error)
                loud += 1
    assert loud


@pytest.mark.parametrize(("mutate", "id_"), BUGS, ids=_ids(BUGS))
def test_a_deliberate_bug_is_caught(mutate: Callable[[Patch], None], id_: str, monkeypatch: Patch) -> None:
    only(monkeypatch, CHECKS[id_])
    mutate(monkeypatch)
    assert any(wrong(vector) for vector in vectors(id_)), f"no vector of `{id_}` notices"
