"""What the host policy itself says of plugins and tools of one agent: whose hooks run last, what is asked.

A proof comes with a workspace, which may not settle how far it is trusted. So the tier of a plugin is the one
that the host believes of its folder, and the host's own permission rules are decided here, at each call,
beside those of the proof: the stricter of the two answers holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from capwright_registry.capability import HostPolicy
from capwright_registry.decide import Decision, PermissionTable, decide_permission
from capwright_registry.origin import believed_tier
from capwright_registry.vocabulary import TIERS, Tier
from capwright_registry.written import written_elements
from capwright_runtimes.compiled import trie

Tables = Mapping[str, Mapping[str, Any]]
_HIGHEST: Final = {tier: number for number, tier in enumerate(TIERS)}


@dataclass(frozen=True, slots=True)
class HostRules:
    """The host's permission rules; `identities` are the believed identities of plugins, by claimed ones."""

    table: PermissionTable
    identities: Mapping[str, str]

    def permit(self, tool: str, context: Mapping[str, object]) -> Decision:
        """What the host says of a call of the tool, by the tier that it believes of its plugin."""
        plugin, slash, name = tool.rpartition("/")
        return decide_permission(self.table, f"{self.identities.get(plugin, plugin)}{slash}{name}", context)


def stricter(own: Decision, above: Decision) -> Decision:
    """The answer that holds where both are heard: deny beats ask beats allow."""
    for one in (above, own):
        if not one.allowed and not one.ask:
            return one
    return own if above.allowed else above


def believed_tiers(policy: HostPolicy, root: Path, plugins: Tables) -> dict[str, Tier]:
    """The tier that the host believes of each plugin in the tables of an agent."""
    return {
        identity: believed_tier(policy, root, root / table["folder"], cast(Tier, identity.partition(":")[0]))
        for identity, table in plugins.items()
    }


def lowest_first(tiers: Mapping[str, Tier]) -> list[str]:
    """The plugins, those of the highest tier last, else in the order given: their hooks run so."""
    return sorted(tiers, key=lambda identity: -_HIGHEST[tiers[identity]])


def host_rules(policy: HostPolicy, tiers: Mapping[str, Tier]) -> HostRules | None:
    """The rules of the policy over plugins of these tiers; None where it has none."""
    if not policy.permissions and policy.permission_default == "allow":
        return None
    patterns = [written_elements(rule.pattern) for rule in policy.permissions]
    rules = [
        {
            "on": [number],
            "action": rule.action,
            "when": rule.when.ast if rule.when else None,
            "source": str(rule.span),
        }
        for number, rule in enumerate(policy.permissions)
    ]
    walk = trie(patterns, range(len(patterns)))
    table = PermissionTable({"trie": walk, "rules": rules, "default": policy.permission_default})
    identities = {identity: f"{tier}:{identity.partition(':')[2]}" for identity, tier in tiers.items()}
    return HostRules(table, identities)
