"""`vacuous-condition`: a `when` that holds never, or always, in the contexts that there are.

Formula, for a condition and the contexts before its `until`, where it has one: some such context is within
it; some such context is not. A warning iff one of the two is unsat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from capwright_policy.booleans import Term, conj, neg
from capwright_policy.checks.base import Run
from capwright_policy.contexts import MICROSECONDS
from capwright_policy.findings import Note
from capwright_policy.warnings.base import Warner, never
from capwright_policy.warnings.places import stated_once
from capwright_registry.conditions import Condition
from capwright_registry.spans import Span

_CODE = "vacuous-condition"


@dataclass(frozen=True, slots=True)
class _Written:
    """A condition where it stands; `what` is the thing that it is a condition of."""

    subject: str
    what: str
    when: Condition
    until: datetime | None
    span: Span


def _found(run: Run) -> Iterator[Note]:
    known: dict[tuple[object, datetime | None], str] = {}
    for one in _written(run):
        key = (one.when.ast, one.until)
        if key not in known:
            known[key] = _word(run, one)
        if known[key]:
            yield _note(one, known[key])


def _word(run: Run, one: _Written) -> str:
    """`never` or `always`; empty where it is neither, or undecided."""
    term = run.contexts.own.condition(one.when)
    before = _before(run, one.until)
    if never(run, conj((before, term))):
        return "never"
    return "always" if never(run, conj((before, neg(term)))) else ""


def _before(run: Run, until: datetime | None) -> Term:
    if until is None:
        return True
    end: Term = run.contexts.own.symbols.constant("now") < int(until.timestamp()) * MICROSECONDS
    return end


def _written(run: Run) -> Iterator[_Written]:
    workspace = run.setting.workspace
    for stated in stated_once(workspace):
        one = stated.capability
        if one.when is not None:
            yield _Written(stated.subject, f"this `{one.action}`", one.when, one.until, one.span)
    for plugin in workspace.plugins:
        for hook in plugin.hooks:
            if hook.when is not None:
                yield _Written(plugin.identity, f"the hook `{hook.name}`", hook.when, None, hook.span)
    seen: set[Span] = set()
    for profile in workspace.profiles:
        for rule in profile.permissions:
            if rule.when is not None and rule.span not in seen:
                seen.add(rule.span)
                yield _Written(profile.name, f"this `{rule.action}` rule", rule.when, None, rule.span)


def _note(one: _Written, word: str) -> Note:
    end = "" if one.until is None else " before its `until`"
    if word == "never":
        told = f"{one.what} does nothing: `{one.when.text}` holds in no context{end}"
        help_ = "mend the condition, or remove what it is a condition of"
    else:
        told = f"`{one.when.text}` narrows nothing of {one.what}: it holds in every context{end}"
        help_ = "remove `when`, or write the condition that was meant"
    return Note(_CODE, one.subject, told, one.span, help_)


WARNING = Warner(_CODE, "every condition holds at times, and at times does not", _found)
