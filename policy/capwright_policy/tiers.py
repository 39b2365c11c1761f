"""Which tier stands above which, and what the host's own rules say of a tool: by the tiers it believes."""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.holding import Tree
from capwright_policy.setting import Setting, origin
from capwright_policy.when_called import decided
from capwright_registry.capability import Permission, Plugin, Tool
from capwright_registry.patterns import matches
from capwright_registry.vocabulary import TIERS


def outranks(setting: Setting, plugin: Plugin, other: Plugin) -> bool:
    """Whether the plugin is of a higher tier than the other."""
    return TIERS.index(origin(setting, plugin)) < TIERS.index(origin(setting, other))


def host_lets(setting: Setting, plugin: Plugin, tool: Tool) -> Tree:
    """Holds where the host's rules let agents call the tool; an ask does where `approved`."""
    policy = setting.host
    return decided(policy.permissions, policy.permission_default, believed_name(setting, plugin, tool))


def host_withholds(setting: Setting, plugin: Plugin, tool: Tool) -> Iterator[Permission]:
    """The host's rules about the tool that ask or deny, in their order."""
    name = believed_name(setting, plugin, tool)
    for rule in setting.host.permissions:
        if rule.action != "allow" and matches(rule.pattern, name):
            yield rule


def believed_name(setting: Setting, plugin: Plugin, tool: Tool) -> str:
    """The identity by which the host's rules know the tool."""
    return f"{origin(setting, plugin)}:{plugin.id}/{tool.name}"
