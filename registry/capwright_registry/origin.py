"""Which tier the host believes of a plugin; `specs/decisions/0007-tiers.md` says why."""

from __future__ import annotations

import os
from pathlib import Path

from capwright_registry.built_in_policy import NAME
from capwright_registry.capability import HostPolicy
from capwright_registry.vocabulary import Tier


def believed_tier(policy: HostPolicy, root: Path, folder: Path, claimed: Tier) -> Tier:
    """The tier of the plugin in `folder`, which the workspace at `root` calls `claimed`; both absolute, real.

    A workspace comes out of a repository, and may write any tier beside any folder. A tier other than
    `project` counts only for what lies in `plugins/TIER` beside the file of the host policy, and not in the
    workspace; everything else is `project`.
    """
    believed = any(folder.is_relative_to(place / "plugins" / claimed) for place in _folders(policy))
    return claimed if believed and not folder.is_relative_to(root) else "project"


def _folders(policy: HostPolicy) -> tuple[Path, ...]:
    """The folder of the host policy's file, by its name and where the file really is; none if built in."""
    source = policy.source
    files = () if source == NAME else (Path(source), Path(os.path.realpath(source)))
    return tuple(Path(os.path.realpath(file.parent)) for file in files)
