"""The documents that every command works on."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capwright_policy.setting import Setting
    from capwright_registry.capability import HostPolicy, Workspace


@dataclass(frozen=True, slots=True)
class Documents:
    """A workspace and the host policy over it."""

    workspace: Workspace
    host: HostPolicy

    def setting(self, sandbox: str) -> Setting:
        """What a verification is about, on a host with that process sandbox."""
        from capwright_policy.setting import Setting

        return Setting(self.workspace, self.host, sandbox)


def load_documents(path: Path, check_ids: Collection[str] | None = None) -> Documents:
    """Load the workspace at `path` and its host policy. Raises `InputError` with every problem of the first
    of the two that has any.
    """
    from capwright_registry.folding import fold_workspace
    from capwright_registry.host_policy import load_host_policy
    from capwright_registry.workspace import load_workspace

    workspace = load_workspace(path, check_ids)
    host = load_host_policy(workspace.root, os.environ, check_ids)
    return Documents(fold_workspace(workspace) if host.folds_case else workspace, host)


def sandbox_for(workspace: Workspace) -> str:
    """The process sandbox that works on this host, probed only where a server process is to be confined."""
    return probe_sandbox() if any(plugin.kind == "mcp" for plugin in workspace.plugins) else "none"


def probe_sandbox() -> str:
    """`bubblewrap` where it is found working, else `none`."""
    from capwright_runtimes.sandbox import probe

    return probe()
