"""What a proof says of an agent and of each plugin it enables, beside the layers: what is loaded, and how."""

from __future__ import annotations

from typing import Any

from capwright_policy.artifacts import Imports
from capwright_policy.authority import Authority, effective
from capwright_policy.certificate import Ledger
from capwright_policy.emit.process import process_plan
from capwright_policy.setting import Holder, Setting
from capwright_registry.capability import Hook, Permission, Plugin, Profile


def agent_table(setting: Setting, profile: Profile, imports: Imports, ledger: Ledger) -> dict[str, Any]:
    """What an agent decides its calls by, and the table of each plugin that it enables.

    Patterns have the numbers that they have in `ledger`. What the layers of a holder compile to is not
    written down: whoever loads the proof compiles it from the layers that were checked.
    """
    return {
        "permissions": {
            "rules": [_permission(p, ledger.pattern(p.pattern)) for p in profile.permissions],
            "default": profile.default,
        },
        "plugins": {
            holder.plugin.identity: plugin_table(setting, holder, imports, ledger)
            for holder in setting.by_agent.get(profile.name, ())
        },
    }


def plugin_table(setting: Setting, holder: Holder, imports: Imports, ledger: Ledger) -> dict[str, Any]:
    """The table of one holder; `specs/proof.md` states its keys."""
    plugin = holder.plugin
    return {
        "plugin": plugin.identity,
        "kind": plugin.kind,
        "version": plugin.version,
        "folder": _folder(setting, plugin),
        "runtime": _runtime(holder),
        "artifact": _file(plugin.artifact),
        "pins": _file(plugin.pins),
        "imports": sorted(imports.get(plugin.folder, ())),
        "tools": {
            tool.name: {
                "description": tool.description,
                "input": tool.input,
                "effects": [{"action": e.action, "from": e.pointer} for e in tool.effects],
            }
            for tool in plugin.tools
        },
        "hooks": [_hook(hook, ledger) for hook in plugin.hooks],
        "sandbox": _sandbox(setting, effective(setting, holder)) if plugin.kind == "mcp" else None,
    }


def _sandbox(setting: Setting, authority: Authority) -> dict[str, object]:
    """The plan, and what carries it out: `none` is reached only through an accepted `ambient-process`."""
    return {**process_plan(authority, setting.workspace.roots.values()), "backend": setting.sandbox}


def _permission(permission: Permission, number: int) -> dict[str, object]:
    return {
        "on": [number],
        "action": permission.action,
        "when": permission.when.ast if permission.when else None,
        "source": str(permission.span),
    }


def _hook(hook: Hook, ledger: Ledger) -> dict[str, object]:
    return {
        "on": hook.on,
        "match": ledger.pattern(hook.match),
        "power": hook.power,
        "when": hook.when.ast if hook.when else None,
        "arguments": [{"pointer": p, "pattern": ledger.pattern(pattern)} for p, pattern in hook.arguments],
        "set": dict(hook.set),
        "message": hook.message,
        "source": str(hook.span),
    }


def _folder(setting: Setting, plugin: Plugin) -> str:
    """As inputs are named: relative to the workspace's root if it lies inside, else absolute."""
    root, folder = setting.workspace.root, plugin.folder
    return (folder.relative_to(root) if folder.is_relative_to(root) else folder).as_posix()


def _runtime(holder: Holder) -> dict[str, object]:
    runtime = dict(holder.plugin.runtime)
    if holder.plugin.command:
        runtime["command"] = list(holder.plugin.command)
        runtime["env"] = list(holder.plugin.env)
    return runtime


def _file(file: Any) -> dict[str, object] | None:
    return None if file is None else {"path": file.path, "sha256": file.sha256}
