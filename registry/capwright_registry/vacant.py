"""What is no fault of a workspace, and most likely not meant either: folders in which nothing was found."""

from __future__ import annotations

from collections.abc import Iterator

from capwright_registry.capability import Workspace
from capwright_registry.errors import Problem
from capwright_registry.spans import Span


def vacancies(workspace: Workspace) -> tuple[Problem, ...]:
    """A word for each source without a plugin, and for a workspace without profiles.

    A verdict about nothing is easily taken for one about what was meant.
    """
    return tuple(_vacancies(workspace))


def _vacancies(workspace: Workspace) -> Iterator[Problem]:
    document = workspace.document
    for source, doc in zip(workspace.sources, document.model.source, strict=True):
        if not any(plugin.folder.parent == source.folder for plugin in workspace.plugins):
            help_ = "each folder in it that has a `plugin.toml` is a plugin"
            yield Problem(f"no plugins in `{doc.path}`", source.span, help_)
    if not workspace.sources:
        yield Problem("no `[[source]]`: there are no plugins", Span(document.file))
    if not workspace.profiles:
        declared = document.model.profiles
        folder = "profiles" if declared is None else declared.path
        span = document.span("profiles", "path") if declared else Span(document.file)
        help_ = "each `*.toml` in it is a profile; `[profiles] path` names another folder"
        yield Problem(f"no profiles in `{folder}`: nothing is granted", span, help_)
