"""Enforcement tables: what one plugin of one agent may do, ready to be decided by one walk and look-ups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from capwright_policy.artifacts import Imports
from capwright_policy.authority import Authority, effective
from capwright_policy.certificate import Ledger
from capwright_policy.emit.process import process_plan
from capwright_policy.setting import Holder, Setting, holders
from capwright_registry.capability import Capability, Hook, Permission, Plugin, Profile
from capwright_registry.conditions import Variable
from capwright_registry.patterns import Pattern, build_trie
from capwright_registry.vocabulary import ACTIONS
from capwright_registry.written import written_rule


def agent_tables(setting: Setting, imports: Imports, ledger: Ledger) -> dict[str, Any]:
    """The tables of every agent: its permissions and, for each plugin it enables, what that one may do.

    Patterns have the numbers that they have in `ledger`, in the tables as everywhere in the proof.
    """
    tables: dict[str, Any] = {
        profile.name: {
            "plugins": {},
            "permissions": permission_table(profile, ledger),
            "context": {name: _variable(v) for name, v in setting.workspace.variables.items()},
        }
        for profile in setting.workspace.profiles
    }
    for holder in holders(setting):
        tables[holder.profile.name]["plugins"][holder.plugin.identity] = plugin_table(
            setting, holder, imports, ledger
        )
    return tables


def plugin_table(setting: Setting, holder: Holder, imports: Imports, ledger: Ledger) -> dict[str, Any]:
    """The table of one holder; `specs/proof.md` states its keys."""
    plugin, authority = holder.plugin, effective(setting, holder)
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
        "actions": {action: action_table(authority, action, ledger) for action in authority.actions()},
        "sandbox": _sandbox(setting, authority) if plugin.kind == "mcp" else None,
    }


def _sandbox(setting: Setting, authority: Authority) -> dict[str, object]:
    """The plan, and what carries it out: `none` is reached only through an accepted `ambient-process`."""
    return {**process_plan(authority, setting.workspace.roots.values()), "backend": setting.sandbox}


def action_table(authority: Authority, action: str, ledger: Ledger) -> dict[str, object]:
    """The decision table of one action: one trie over the patterns of all layers, then rules by layer."""
    tries = _Tries(ledger)
    layers = [
        {"name": layer.name, "rules": [tries.rule(c) for c in layer.of(action)]} for layer in authority.layers
    ]
    return {"domain": ACTIONS[action].domain, "trie": tries.trie(), "layers": layers}


def permission_table(profile: Profile, ledger: Ledger) -> dict[str, object]:
    """The agent's tool permissions: deny beats ask beats allow, then the default."""
    tries = _Tries(ledger)
    rules = [_permission(p, tries.number(p.pattern)) for p in profile.permissions]
    return {"trie": tries.trie(), "rules": rules, "default": profile.default}


@dataclass(slots=True)
class _Tries:
    """Numbers patterns as the ledger does, and builds the trie of those that were asked for."""

    ledger: Ledger
    _patterns: dict[int, Pattern] = field(default_factory=dict)

    def number(self, pattern: Pattern) -> int:
        number = self.ledger.pattern(pattern)
        self._patterns.setdefault(number, pattern)
        return number

    def rule(self, capability: Capability) -> dict[str, object]:
        """The capability as a rule; its patterns are asked for. Capabilities of scopes and ceilings recur."""
        known = self.ledger.rules.get(id(capability))
        if known is None:
            rule = written_rule(capability, self.number)
            self.ledger.rules[id(capability)] = capability, rule  # kept, so that its id is not given anew
            return rule
        for pattern in (*capability.on, *capability.except_):
            self.number(pattern)
        return known[1]

    def trie(self) -> list[dict[str, Any]]:
        numbers = list(self._patterns)
        nodes: list[dict[str, Any]] = build_trie(list(self._patterns.values()))
        return [
            {**node, "end": [numbers[n] for n in node["end"]]} if "end" in node else node for node in nodes
        ]


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
        "match": {"trie": _matching(hook.match, ledger)},
        "power": hook.power,
        "when": hook.when.ast if hook.when else None,
        "arguments": [{"pointer": p, "trie": _matching(pattern, ledger)} for p, pattern in hook.arguments],
        "set": dict(hook.set),
        "message": hook.message,
        "source": str(hook.span),
    }


def _matching(pattern: Pattern, ledger: Ledger) -> list[dict[str, Any]]:
    tries = _Tries(ledger)
    tries.number(pattern)
    return tries.trie()


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


def _variable(variable: Variable) -> dict[str, object]:
    return {"type": variable.type, "values": list(variable.values)}
