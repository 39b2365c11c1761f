"""What an agent's call that its permissions allow still depends on: the hooks of its plugins."""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy.effects import Effect
from capwright_policy.setting import Setting, holders
from capwright_registry.capability import Hook, Profile
from capwright_registry.patterns import matches

_DOES = {"deny": "denies it", "ask": "asks the user first", "rewrite": "rewrites its arguments"}


def hook_caveats(setting: Setting, profile: Profile, effect: Effect) -> Iterator[str]:
    """One sentence for each hook before a call of this tool that can deny, ask or rewrite, with its place."""
    for holder in holders(setting):
        if holder.profile.name == profile.name and effect.action == "tool.call":
            for hook in holder.plugin.hooks:
                about = hook.on == "tool.before" and matches(hook.match, effect.resource)
                if about and hook.power in _DOES:
                    name = f"the hook `{hook.name}` of `{holder.plugin.identity}`"
                    yield f"{name} {_DOES[hook.power]}{_when(hook)} ({hook.span})"


def _when(hook: Hook) -> str:
    """Under which circumstances, as far as the rule says; what a hook with code decides is its own."""
    parts = [f"`{hook.when.text}`"] if hook.when is not None else []
    parts += [f"`{pointer}` matches `{pattern.text}`" for pointer, pattern in hook.arguments]
    return f" where {' and '.join(parts)}" if parts else ""
