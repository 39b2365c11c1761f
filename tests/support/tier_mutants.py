"""Deliberate bugs in what is said of tiers, for `tests/policy/test_mutants.py`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capwright_policy import tiers
from capwright_policy.checks import tier_precedence
from capwright_policy.when_called import decided, permitted

Patch = pytest.MonkeyPatch
_ID = "tier-precedence"


def tiers_are_what_they_are_called(patch: Patch) -> None:
    patch.setattr(tiers, "origin", lambda _, plugin: plugin.tier)


def what_plugins_call_does_not_count(patch: Patch) -> None:
    patch.setattr(tier_precedence, "called", lambda _, profile, tool: permitted(profile, tool))


def the_host_never_asks(patch: Patch) -> None:
    patch.setattr(
        tiers, "decided", lambda rules, *rest: decided([r for r in rules if r.action != "ask"], *rest)
    )


def the_hosts_default_is_to_allow(patch: Patch) -> None:
    patch.setattr(tiers, "decided", lambda rules, _, name: decided(rules, "allow", name))


def loans_are_held_against_the_lenders_ceiling(patch: Patch) -> None:
    patch.setattr(tier_precedence, "host_ceiling", lambda setting, _: setting.host.ceilings["user"])


def nobody_outranks_another(patch: Patch) -> None:
    patch.setattr(tier_precedence, "outranks", lambda *_: False)


def everybody_outranks_another(patch: Patch) -> None:
    patch.setattr(tier_precedence, "outranks", lambda *_: True)


FALSE_ALARMS: tuple[tuple[Callable[[Patch], None], str], ...] = ((everybody_outranks_another, _ID),)
BUGS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (tiers_are_what_they_are_called, _ID),
    (what_plugins_call_does_not_count, _ID),
    (the_host_never_asks, _ID),
    (the_hosts_default_is_to_allow, _ID),
    (loans_are_held_against_the_lenders_ceiling, _ID),
    (nobody_outranks_another, _ID),
)
