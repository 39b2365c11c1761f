"""The `host` layer of a proof against the host policy itself.

A proof comes with a workspace, and whoever can write the one can write the other. What stands above the
workspace is therefore not believed of a proof: its `host` layers must be, rule by rule, the ceilings that
this host has now. A forged proof can then widen nothing beyond what the host lets any plugin of its tier do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from capwright_registry.capability import CapabilityList, HostPolicy
from capwright_registry.origin import believed_tier
from capwright_registry.vocabulary import TIERS, Tier
from capwright_registry.written import written_elements, written_rule
from capwright_runtimes.checker import ProofRefused, World
from capwright_runtimes.proof_shape import comparable
from capwright_runtimes.self_protection import writes_protected

_STEP = 4


def check_host_layer(families: Iterable[World], policy: HostPolicy, root: Path) -> None:
    """Raises `ProofRefused` (step 4) for a holder whose `host` layer is not the ceiling of its tier.

    And for an accepted finding that the host policy does not let that tier accept, for a policy that is said
    to come from elsewhere, and where something may write what the host protects.

    They have passed the checker, so that the last layer of each holder is called `host`.
    """
    families = tuple(families)
    try:
        for world in families:
            _check(world, policy, root)
        _accepts(families, policy, root)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ProofRefused(_STEP, f"a part has another shape ({error!r})") from error


def _check(world: World, policy: HostPolicy, root: Path) -> None:
    if world.proof["host"]["source"] != policy.source:
        raise ProofRefused(_STEP, "the proof names another host policy")
    meant = {tier: comparable(_meant(policy.ceilings.get(tier, ()))) for tier in TIERS}
    claimed: dict[int, str] = {}
    for subject, holder in world.holders.items():
        number = holder["layers"][-1]
        if number not in claimed:
            claimed[number] = comparable(_claimed(world, world.layers[number]))
        if claimed[number] != meant[tier_of(world, subject, policy, root)]:
            raise ProofRefused(_STEP, f"the `host` layer of `{subject}` is not the host policy's ceiling")
    found = next(writes_protected(world, policy), None)
    if found is not None:
        raise ProofRefused(_STEP, found)


def _accepts(families: Sequence[World], policy: HostPolicy, root: Path) -> None:
    """A finding is taken on only where the host lets the tier of the plugin, or else `project`, do so."""
    for check, subject in sorted(families[0].accepted) if families else ():
        if _is_elsewhere(families, subject):
            continue
        concerned = [(w, s) for w in families for s, h in w.holders.items() if subject in (s, h["plugin"])]
        tiers = {tier_of(world, s, policy, root) for world, s in concerned} or {"project"}
        if not all(check in policy.accepted.get(tier, ()) for tier in tiers):
            raise ProofRefused(_STEP, f"the host policy does not let `{check}` be accepted at `{subject}`")


def _is_elsewhere(families: Sequence[World], subject: str) -> bool:
    """Whether an accept is about an agent or a plugin of a family that is not looked at."""
    named, agent = families[0].proof["families"], subject.partition("/")[0]
    if len(named) == len(families):
        return False
    if ":" in agent:
        return all(agent != h["plugin"] for world in families for h in world.holders.values())
    others = {name for entry in named for name in entry["agents"]}
    return agent in others - {name for world in families for name in world.proof["tables"]}


def tier_of(world: World, subject: str, policy: HostPolicy, root: Path) -> Tier:
    """The tier that this host believes of a holder's folder. Raises `ProofRefused` where it claims none."""
    tier = world.holders[subject]["plugin"].partition(":")[0]
    if tier not in TIERS:
        raise ProofRefused(_STEP, f"`{subject}` has no tier")
    return believed_tier(policy, root, root / world.table(subject)["folder"], cast(Tier, tier))


def _claimed(world: World, layer: Mapping[str, Any]) -> dict[str, Any]:
    """The rules of a layer of the proof, with the patterns themselves for their numbers."""

    def rule(given: Mapping[str, Any]) -> dict[str, Any]:
        return {**given, **{key: [world.patterns[n] for n in given[key]] for key in ("on", "except")}}

    return {action: [rule(given) for given in rules] for action, rules in layer["rules"].items()}


def _meant(ceiling: CapabilityList) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    for capability in ceiling:
        if not capability.never:
            rules.setdefault(capability.action, []).append(written_rule(capability, written_elements))
    return rules
