"""What other clients load in the workspace's folder."""

from __future__ import annotations

from capwright_policy import client_routes
from capwright_policy.checks import uncovered_path
from tests.soundness.probe import Patch, probe


@probe("closure", "uncovered-path")
def subagents_load_nothing(patch: Patch) -> None:
    """A subagent of another client is no route."""
    patch.setattr(client_routes, "_loads", lambda key, item: key.kind != "subagent" and bool(item))


@probe("closure", "uncovered-path")
def files_of_folders_load_nothing(patch: Patch) -> None:
    """A file that counts by being in a folder is no route, for none of its keys is."""
    real = client_routes.client_routes
    patch.setattr(
        uncovered_path, "client_routes", lambda file: real(file) if file.content is not None else ()
    )
