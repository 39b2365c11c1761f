"""One explanation, from the documents to the answer with its places and changes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from capwright_cli.contexts import read_context
from capwright_cli.exits import Exit
from capwright_cli.loading import load_documents
from capwright_cli.names import full_identity, known_name
from capwright_cli.sources import SourceTexts, sources_of
from capwright_cli.typed import not_enabled

if TYPE_CHECKING:
    from capwright_policy.explain import Explanation
    from capwright_policy.mending import Mend
    from capwright_policy.setting import Setting
    from capwright_registry.capability import Profile, Workspace
    from capwright_registry.conditions import Variable


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation, the context that was given for it, and what would have to change.

    `caveats` say what an allowance still depends on.
    """

    explanation: Explanation
    given: Mapping[str, object]
    mends: tuple[Mend, ...]
    caveats: tuple[str, ...]
    variables: Mapping[str, Variable]
    sources: SourceTexts

    @property
    def status(self) -> Exit:
        """`Exit.YES` where the effect is allowed in some context."""
        return Exit.NO if self.explanation.witness is None else Exit.YES


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: `effect` as it was typed, `context` as `NAME=VALUE` texts."""

    profile: str
    plugin: str | None
    effect: str
    context: tuple[str, ...]


def explain_effect(path: Path, query: Query) -> Explained:
    """Answer `query` for the workspace at `path`.

    `now` is the present unless the context says otherwise: a grant that has ended allows nothing, though
    there was a time when it did. Raises `InputError` for documents, names or effects that cannot be read, and
    `NotEnabled` for a plugin that the profile does not enable.
    """
    from capwright_policy.effects import parse_effect
    from capwright_policy.explain import explain
    from capwright_policy.mending import mends

    documents = load_documents(path)
    workspace = documents.workspace
    profile = _profile(workspace, query.profile)
    plugin = None if query.plugin is None else _enabled(workspace, profile, query.plugin)
    given = read_context(query.context, workspace.variables)
    effect = parse_effect(query.effect, workspace.roots)
    setting = documents.setting("none")  # nothing here depends on how processes are confined
    found = explain(setting, profile.name, plugin, effect, {"now": time.time_ns() // 1000, **given})
    told = _caveats(setting, found)
    return Explained(found, given, mends(setting, found), told, workspace.variables, sources_of(workspace))


def _caveats(setting: Setting, found: Explanation) -> tuple[str, ...]:
    from capwright_policy.caveats import caveats
    from capwright_policy.hook_caveats import hook_caveats
    from capwright_policy.setting import find_holder, find_profile

    if found.witness is None:
        return ()
    if found.plugin is None:
        return tuple(hook_caveats(setting, find_profile(setting, found.agent), found.effect))
    return caveats(setting, find_holder(setting, found.agent, found.plugin), found.effect)


def _profile(workspace: Workspace, name: str) -> Profile:
    profiles = {profile.name: profile for profile in workspace.profiles}
    return profiles[known_name("profile", name, profiles)]


def _enabled(workspace: Workspace, profile: Profile, name: str) -> str:
    identity = full_identity("plugin", name, {plugin.identity for plugin in workspace.plugins})
    if any(grant.identity == identity for grant in profile.grants):
        return identity
    raise not_enabled(workspace, profile.name, identity)
