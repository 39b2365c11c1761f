"""Pinning an MCP server: what it says of itself, against what was approved before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from capwright_cli.atomic import write_beneath
from capwright_cli.loading import Documents
from capwright_cli.names import full_identity
from capwright_cli.placeholders import loaded_unpinned
from capwright_registry.errors import InputError, Problem
from capwright_registry.pins import Drift, Pins, ServerFacts, compare, compare_launch, dump, load_pins, pin

if TYPE_CHECKING:
    from capwright_policy.setting import Holder, Setting
    from capwright_registry.capability import Plugin

DEFAULT = PurePosixPath("pins.json")


@dataclass(frozen=True, slots=True)
class Observed:
    """What a server said, and how it differs from its pins; `old` is `None` where it has none."""

    plugin: Plugin
    facts: ServerFacts
    old: Pins | None
    drifts: tuple[Drift, ...]

    @property
    def file(self) -> PurePosixPath:
        """The pin file, relative to the plugin's folder."""
        declared = self.plugin.runtime.get("pins")
        return DEFAULT if declared is None else PurePosixPath(str(declared))

    @property
    def declared(self) -> bool:
        """Whether the manifest names the file."""
        return self.plugin.runtime.get("pins") is not None


@contextmanager
def observing(path: Path, name: str) -> Iterator[Observed]:
    """Start the server of a plugin within its sandbox, and compare what it says with its pins.

    It is started with what the first profile that enables it grants, or else with nothing. Raises `Refused`
    where it does not start, `InputError` for documents or answers that cannot be read.
    """
    with loaded_unpinned(path) as documents:
        yield _observed(documents, name)


def _observed(documents: Documents, name: str) -> Observed:
    from capwright_runtimes.adapters.mcp import record

    plugins = {plugin.identity: plugin for plugin in documents.workspace.plugins}
    plugin = plugins[full_identity("plugin", name, plugins)]
    if plugin.kind != "mcp":
        message = f"`{plugin.identity}` is no MCP server, so it has nothing to pin"
        raise InputError([Problem(message, plugin.span, "its artifact is bound by the proof itself")])
    sandbox, env = _confinement(documents, plugin)
    facts = record(plugin.command, env, sandbox, documents.workspace.root)
    old = _old_pins(plugin)
    return Observed(plugin, facts, old, () if old is None else _drifts(plugin, facts, old))


def write_pins(observed: Observed) -> Path:
    """Write what was observed as the plugin's pins. Raises `InputError` for answers that cannot be pinned."""
    plugin = observed.plugin
    document = pin(observed.facts, _command(plugin), plugin.env)
    return write_beneath(plugin.folder, observed.file, dump(document))


def _command(plugin: Plugin) -> tuple[str, ...]:
    """The command as the manifest declares it, its roots not expanded."""
    command: tuple[str, ...] = getattr(plugin.document.model.runtime, "command", ())
    return command


def _old_pins(plugin: Plugin) -> Pins | None:
    if plugin.pins is None:
        return None
    file = plugin.folder / str(plugin.runtime["pins"])
    data = file.read_bytes()
    return load_pins(data, plugin.pins.path) if data else None


def _drifts(plugin: Plugin, facts: ServerFacts, old: Pins) -> tuple[Drift, ...]:
    return (*compare_launch(old, _command(plugin), plugin.env), *compare(old, facts))


def _confinement(documents: Documents, plugin: Plugin) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """The sandbox plan and the variables that the server is started with."""
    from capwright_policy.authority import effective
    from capwright_policy.emit.bubblewrap import plan
    from capwright_policy.emit.process import process_plan
    from capwright_policy.setting import holders

    setting, roots = documents.setting("none"), documents.workspace.roots.values()
    for holder in holders(setting):
        if holder.plugin.identity == plugin.identity:
            there = [name for name in plugin.env if name in os.environ]
            passed = {name: os.environ[name] for name in there if _granted(setting, holder, name)}
            return process_plan(effective(setting, holder), roots), passed
    return plan([], [], roots=sorted(roots)), {}


def _granted(setting: Setting, holder: Holder, variable: str) -> bool:
    """Whether every layer lets the server read the variable: what it says of itself ends up in a file."""
    from capwright_policy.authority import effective
    from capwright_policy.effects import Effect
    from capwright_policy.near import covers

    effect = Effect("env.read", variable)
    layers = effective(setting, holder).layers
    return all(any(covers(c, effect) for c in layer.of(effect.action)) for layer in layers)
