"""What of a lower tier may outrank what is of a higher one."""

from __future__ import annotations

from capwright_policy import tiers
from capwright_policy.checks import tier_precedence
from capwright_policy.when_called import decided, permitted
from tests.soundness.probe import Patch, probe


@probe("closure", "tier-precedence")
def tiers_are_what_they_are_called(patch: Patch) -> None:
    """A plugin has the tier of its name, whatever the host believes of its folder."""
    patch.setattr(tiers, "origin", lambda _, plugin: plugin.tier)


@probe("closure", "tier-precedence")
def what_plugins_call_does_not_count(patch: Patch) -> None:
    """The host's rules are held against the agent's own calls alone."""
    patch.setattr(tier_precedence, "called", lambda _, profile, tool: permitted(profile, tool))


@probe("encoding", "tier-precedence")
def the_host_never_asks(patch: Patch) -> None:
    """A rule of the host that asks is left out, so that what it asks for is allowed."""
    patch.setattr(
        tiers, "decided", lambda rules, *rest: decided([r for r in rules if r.action != "ask"], *rest)
    )


@probe("encoding", "tier-precedence")
def the_hosts_default_is_to_allow(patch: Patch) -> None:
    """Where no rule of the host is on a tool, it may be called, whatever the default says."""
    patch.setattr(tiers, "decided", lambda rules, _, name: decided(rules, "allow", name))


@probe("encoding", "tier-precedence")
def loans_are_held_against_the_lenders_ceiling(patch: Patch) -> None:
    """A loan is within the ceiling of whoever lends, not of whoever borrows."""
    patch.setattr(tier_precedence, "host_ceiling", lambda setting, _: setting.host.ceilings["user"])


@probe("closure", "tier-precedence")
def nobody_outranks_another(patch: Patch) -> None:
    """Tiers have no order."""
    patch.setattr(tier_precedence, "outranks", lambda *_: False)
