"""Profiles, plugins and tools as they were typed, against what was proved.

A name that nobody has is a slip of whoever typed it (`InputError`). A plugin that is there, and that the
profile does not enable, is an answer (`NotEnabled`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from capwright_cli.names import fitting, full_identity, unknown
from capwright_registry.errors import CapwrightError, Problem
from capwright_runtimes.refusal import Refused

if TYPE_CHECKING:
    from capwright_registry.capability import Workspace


class NotEnabled(Refused):
    """The profile does not enable the plugin; `problem` says so, with the profile's place."""

    def __init__(self, problem: Problem) -> None:
        super().__init__("not-enabled", problem.message)
        self.problem = problem


def not_enabled(workspace: Workspace, agent: str, identity: str) -> NotEnabled:
    """What to raise where the profile `agent` does not enable the plugin `identity`."""
    profile = next(profile for profile in workspace.profiles if profile.name == agent)
    message = f"the profile `{agent}` does not enable `{identity}`"
    help_ = f"add an `[[enable]]` entry to `{profile.document.file}`"
    return NotEnabled(Problem(message, profile.span, help_))


def enabled_plugin(path: Path, agent: str, name: str, enabled: Collection[str]) -> str:
    """The identity of the enabled plugin that `name` is.

    Raises `NotEnabled` for another plugin of the workspace at `path`, `InputError` for one that nobody knows.
    """
    if fitting(name, enabled):
        return full_identity("plugin", name, enabled)
    workspace = _workspace(path)
    identity = full_identity("plugin", name, [plugin.identity for plugin in workspace.plugins])
    raise not_enabled(workspace, agent, identity)


def enabled_tool(path: Path, agent: str, name: str, enabled: Collection[str]) -> str:
    """The identity of the tool that `name` is; as `enabled_plugin`, for the plugin that has it."""
    if fitting(name, enabled):
        return full_identity("tool", name, enabled)
    workspace = _workspace(path)
    tools = [tool.identity for plugin in workspace.plugins for tool in plugin.tools]
    raise not_enabled(workspace, agent, full_identity("tool", name, tools).rpartition("/")[0])


def slip(refused: Refused, agent: str, proof: Path) -> CapwrightError:
    """What the gate's refusal means: that the proof has no such profile is a slip, with a did-you-mean."""
    return unknown("profile", agent, _agents(proof)) if refused.code == "unknown-agent" else refused


def _agents(proof: Path) -> list[str]:
    try:
        families = json.loads(proof.read_bytes().split(b"\n")[1])["families"]
        return [agent for family in families for agent in family["agents"]]
    except (OSError, ValueError, LookupError, TypeError):  # it changed since the gate read it
        return []


def _workspace(path: Path) -> Workspace:
    from capwright_registry.workspace import load_workspace

    return load_workspace(path)
