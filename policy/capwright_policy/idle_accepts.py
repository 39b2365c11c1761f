"""Accepts that take nothing on: of what is not there (a mistake), or of what is not found (a note)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from capwright_policy.accepts import names_of
from capwright_policy.checks.base import Obligation
from capwright_policy.findings import CheckResult, Note, Verdict
from capwright_policy.setting import Setting, holders
from capwright_registry.capability import Accept
from capwright_registry.errors import Problem
from capwright_registry.suggest import clip, suggest


def misdirected(setting: Setting, obligations: Iterable[Obligation]) -> list[Problem]:
    """A problem for each accept `at` something that is nowhere in the workspace, so that it never counts."""
    subjects = {*_subjects(setting), *(o.subject for o in obligations)}
    known = frozenset(name for subject in subjects for name in names_of(subject))
    return [
        Problem(
            f"there is nothing called `{clip(accept.at)}` here to accept", place, suggest(accept.at, known)
        )
        for accept, place in ((a, a.at_span) for a in setting.workspace.accepts)
        if accept.at not in known
    ]


def idle(setting: Setting, results: Iterable[CheckResult]) -> Iterator[Note]:
    """A note for each accept without a finding that it could be of. None where the check is undecided."""
    by_check = {result.check: result for result in results}
    for accept in setting.workspace.accepts:
        result = by_check.get(accept.finding)
        if result is not None and not _is_of_something(accept, result):
            told = f"this accept is of nothing: `{accept.finding}` holds there without it"
            yield Note("idle-accept", accept.at, told, accept.span)


def _is_of_something(accept: Accept, result: CheckResult) -> bool:
    found = (*result.findings, *(a.finding for a in result.accepted))
    return any(f.verdict is Verdict.UNKNOWN or accept.at in names_of(f.subject) for f in found)


def _subjects(setting: Setting) -> Iterator[str]:
    """Everything that a finding can be about, whether it has anything to hold today or not."""
    workspace = setting.workspace
    for profile in workspace.profiles:
        yield profile.name
        yield from (f"{profile.name}/{child.profile}" for child in profile.children)
    for plugin in workspace.plugins:
        yield plugin.identity
        yield from (tool.identity for tool in plugin.tools)
    yield from (holder.subject for holder in holders(setting))
