"""What stands beside the manifests: artifacts and pins, read from the bytes that the inputs' digests name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from capwright_registry.artifact import Artifact, ArtifactError, describe
from capwright_registry.capability import InputFile, Plugin, Workspace
from capwright_registry.errors import InputError, Problem
from capwright_registry.pins import Pins, load_pins
from capwright_registry.spans import Span

Artifacts = Mapping[Path, Artifact]
"""What each WASM plugin's artifact is, by plugin folder."""
Imports = Mapping[Path, tuple[str, ...]]
"""The imported interfaces of each WASM plugin, by plugin folder."""
Pinned = Mapping[Path, Pins]
"""What was approved of each server that has pins, by plugin folder."""

_REBUILD = "build the artifact anew as a component, for instance with `wasm-tools component new`"


def read_artifacts(workspace: Workspace) -> Artifacts:
    """What the artifacts are; equal bytes are looked into once.

    Raises `InputError` for an artifact that cannot be read, is no component, or changed while it was read.
    """
    problems: list[Problem] = []
    found: dict[Path, Artifact] = {}
    known: dict[str, Artifact] = {}
    for plugin in workspace.plugins:
        if plugin.artifact is not None:
            try:
                data = _bytes(workspace.root, plugin.artifact)
                digest = plugin.artifact.sha256
                found[plugin.folder] = known[digest] = known.get(digest) or _component(data)
            except (ArtifactError, OSError) as error:
                problems.append(Problem(str(error), _place(plugin), _REBUILD))
    if problems:
        raise InputError(problems)
    return found


def imports_of(artifacts: Artifacts) -> Imports:
    """The names of what each artifact imports."""
    return {folder: tuple(i.name for i in artifact.imports) for folder, artifact in artifacts.items()}


def read_pins(workspace: Workspace) -> Pinned:
    """The pins. Raises `InputError` for a file that contradicts itself, or that changed while it was read."""
    problems: list[Problem] = []
    found: dict[Path, Pins] = {}
    for plugin in workspace.plugins:
        if plugin.pins is not None:
            try:
                data = (workspace.root / plugin.pins.path).read_bytes()
                if hashlib.sha256(data).hexdigest() != plugin.pins.sha256:
                    problems.append(
                        Problem("the pins changed while they were being read", Span(plugin.pins.path))
                    )
                found[plugin.folder] = load_pins(data, plugin.pins.path)
            except InputError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return found


def _place(plugin: Plugin) -> Span:
    """Where the manifest names the artifact."""
    return plugin.document.span("runtime", "artifact")


def _bytes(root: Path, artifact: InputFile) -> bytes:
    data = (root / artifact.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != artifact.sha256:
        raise ArtifactError("the artifact changed while it was being read")
    return data


def _component(data: bytes) -> Artifact:
    found = describe(data)
    if found.kind != "component":
        raise ArtifactError("the artifact is a core module, not a component")
    return found
