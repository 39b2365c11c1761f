"""What stands beside the manifests: artifacts and pins, read from the bytes that the inputs' digests name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from capwright_registry.artifact import ArtifactError, describe
from capwright_registry.capability import Plugin, Workspace
from capwright_registry.errors import InputError, Problem
from capwright_registry.pins import load_pins
from capwright_registry.spans import Span

Imports = Mapping[Path, tuple[str, ...]]

_REBUILD = "build the artifact anew as a component, for instance with `wasm-tools component new`"


def read_imports(workspace: Workspace) -> Imports:
    """The imported interfaces of each WASM plugin, by plugin folder.

    Raises `InputError` for an artifact that cannot be read, is no component, or changed while it was read.
    """
    problems: list[Problem] = []
    found: dict[Path, tuple[str, ...]] = {}
    for plugin in workspace.plugins:
        if plugin.artifact is not None:
            try:
                found[plugin.folder] = _imports(workspace.root, plugin)
            except (ArtifactError, OSError) as error:
                problems.append(Problem(str(error), _place(plugin), _REBUILD))
    if problems:
        raise InputError(problems)
    return found


def check_pins(workspace: Workspace) -> None:
    """Raises `InputError` for a pin file that contradicts itself, or that changed while it was read."""
    problems: list[Problem] = []
    for plugin in workspace.plugins:
        if plugin.pins is not None:
            try:
                data = (workspace.root / plugin.pins.path).read_bytes()
                if hashlib.sha256(data).hexdigest() != plugin.pins.sha256:
                    problems.append(
                        Problem("the pins changed while they were being read", Span(plugin.pins.path))
                    )
                load_pins(data, plugin.pins.path)
            except InputError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(problems)


def _place(plugin: Plugin) -> Span:
    """Where the manifest names the artifact."""
    return plugin.document.span("runtime", "artifact")


def _imports(root: Path, plugin: Plugin) -> tuple[str, ...]:
    assert plugin.artifact is not None  # noqa: S101 - the caller asked
    data = (root / plugin.artifact.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != plugin.artifact.sha256:
        raise ArtifactError("the artifact changed while it was being read")
    found = describe(data)
    if found.kind != "component":
        raise ArtifactError("the artifact is a core module, not a component")
    return tuple(i.name for i in found.imports)
