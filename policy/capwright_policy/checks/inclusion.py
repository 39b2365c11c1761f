"""Checks of the form: each capability of a list stays within an authority."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from capwright_policy.authority import Authority, Layer
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.narrowing import Narrowing, Place, narrow
from capwright_policy.questions import Case, Exceeds, Included, Question, included
from capwright_policy.setting import Setting, find_profile
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.patterns import matches
from capwright_registry.spans import Span


@dataclass(frozen=True, slots=True)
class Subject:
    """One list that must stay within an authority, with the words for when it does not.

    `above` is the list that an edit narrows to and `above_name` what messages call it; `follow` are the edits
    that let a child follow its parent's choice.
    """

    name: str
    agent: str
    plugin: str | None
    inner: CapabilityList
    question: Question
    message: str
    above: CapabilityList
    above_name: str
    above_span: Span
    fallback: Span
    chain: tuple[str, ...]
    follow: tuple[Edit, ...] = ()


def inclusion_check(
    id_: str,
    guarantee: str,
    title: str,
    subjects: Callable[[Setting], Iterator[Subject]],
    replay: Callable[[Setting, Counterexample], bool],
) -> Check:
    """A check that is proved iff every subject's question is."""

    def run(run: Run) -> Outcome:
        found: list[Finding] = []
        obligations: list[Obligation] = []
        for subject in subjects(run.setting):
            obligations.append(Obligation(id_, subject.name, subject.question))
            found.extend(_findings(id_, run, subject))
        return Outcome(tuple(obligations), tuple(found))

    return Check(id_, guarantee, title, run, replay)


def _findings(check: str, run: Run, subject: Subject) -> Iterator[Finding]:
    whole = included(subject.question, run.contexts, run.solver)
    if isinstance(whole, Included):
        return
    if not isinstance(whole, Exceeds):
        yield Finding(check, Verdict.UNKNOWN, subject.name, whole.reason, subject.fallback)
        return
    blamed = list(_blamed(check, run, subject))
    # The parts can all be proved only if the whole is; an empty blame would hide a refutation.
    yield from blamed or [_finding(check, run, subject, None, whole)]


def _blamed(check: str, run: Run, subject: Subject) -> Iterator[Finding]:
    for capability in subject.inner:
        outcome = included(_part(subject, capability), run.contexts, run.solver)
        if isinstance(outcome, Exceeds):
            yield _finding(check, run, subject, capability, outcome)


def _part(subject: Subject, capability: Capability) -> Question:
    """The question about one capability of the list."""
    layers = (Layer("one", (capability,)), *subject.question.inner.layers[1:])
    return replace(subject.question, inner=Authority(layers))


def _finding(check: str, run: Run, subject: Subject, culprit: Capability | None, outcome: Exceeds) -> Finding:
    mend = _mend(run, subject, culprit, outcome)
    return Finding(
        check,
        Verdict.REFUTED,
        subject.name,
        subject.message,
        _pattern_span(culprit, outcome.case) if culprit else subject.fallback,
        (Related(_above(subject, outcome.case), f"{subject.above_name} is here"),),
        counterexample(subject, outcome.case),
        mend.help,
        mend.edits,
    )


def _mend(run: Run, subject: Subject, culprit: Capability | None, outcome: Exceeds) -> Narrowing:
    if outcome.narrowed:
        return Narrowing(
            'give this child `scope = "any-subset"` too, so that it follows its parent', subject.follow
        )
    if culprit is None:
        return Narrowing(f"narrow it to what {subject.above_name} allows", ())

    def fits(capability: Capability) -> bool:
        answer = included(_part(subject, capability), run.contexts, run.solver)
        return isinstance(answer, Included)

    place = Place(run.setting, find_profile(run.setting, subject.agent).document.file)
    return narrow(place, culprit, subject.above, subject.above_name, fits)


def counterexample(subject: Subject, case: Case) -> Counterexample:
    """The scenario of a case for a subject."""
    return Counterexample(
        subject.agent, subject.plugin, case.action, case.resource, case.context, subject.chain
    )


def _pattern_span(capability: Capability, case: Case) -> Span:
    for pattern, span in zip(capability.on, capability.on_spans, strict=False):
        if matches(pattern, case.resource):
            return span
    return capability.span


def _above(subject: Subject, case: Case) -> Span:
    """What stands above, at its entry for the action where it has one."""
    places = (c.span for c in subject.above if c.action == case.action)
    return next(places, subject.above_span)
