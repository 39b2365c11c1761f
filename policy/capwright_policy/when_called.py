"""When a tool of an agent is called: what the permissions say of it, and what lets other plugins call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capwright_policy.authority import Authority, effective
from capwright_policy.calls import callable_tools, covering
from capwright_policy.holding import FALSE, TRUE, Tree, every, guard, negated, some
from capwright_policy.setting import Setting, holders
from capwright_registry.capability import Decision, Permission, Profile, Tool
from capwright_registry.patterns import matches

_APPROVED: Tree = ("var", "approved", "bool")
_DEFAULTS = {"allow": TRUE, "ask": _APPROVED, "deny": FALSE}


def called(setting: Setting, profile: Profile, tool: Tool) -> Tree:
    """Holds in the contexts in which the agent, or one of its plugins, may call the tool."""
    return some((permitted(profile, tool), *_plugins_calls(setting, profile, tool)))


def permitted(profile: Profile, tool: Tool) -> Tree:
    """Holds where the agent's rules let it call the tool."""
    return decided(profile.permissions, profile.default, tool.identity)


def decided(rules: Sequence[Permission], default: Decision, identity: str) -> Tree:
    """Holds where rules let a tool be called: deny beats ask beats allow, else the default.

    An ask lets it be called where `approved`.
    """
    deny, ask, allow = (_ruled(rules, identity, word) for word in ("deny", "ask", "allow"))
    rest = (negated(ask), negated(allow), _DEFAULTS[default])
    return every((negated(deny), some((every((ask, _APPROVED)), every((negated(ask), allow)), every(rest)))))


def _ruled(rules: Sequence[Permission], identity: str, word: str) -> Tree:
    hits = (rule for rule in rules if rule.action == word and matches(rule.pattern, identity))
    return some(TRUE if rule.when is None else rule.when.ast for rule in hits)


def _plugins_calls(setting: Setting, profile: Profile, tool: Tool) -> Iterator[Tree]:
    for holder in holders(setting):
        if holder.profile is profile:
            tools = (called.identity for _, called in callable_tools(setting, holder))
            if tool.identity in tools:
                yield within(effective(setting, holder), "tool.call", tool.identity)


def within(authority: Authority, action: str, resource: str) -> Tree:
    """Holds in the contexts in which the authority covers a concrete effect."""
    return every(some(map(guard, covering(layer, action, resource))) for layer in authority.layers)
