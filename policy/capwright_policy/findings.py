"""What an analysis says: verdicts, findings, counterexamples and edits. Rendering lives in `cli`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from capwright_registry.spans import Span


class Verdict(StrEnum):
    """The answer to one check; `VACUOUS` means that there was nothing to hold."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    VACUOUS = "vacuous"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A concrete scenario that breaks the property: who does what, in which context, along which chain.

    `action` and `resource` are empty where the scenario has no effect (an identity clash, say), `resource`
    alone where the document names none.
    `chain` reads from the one who starts to the one who performs, each element a node of the graph.
    """

    agent: str
    plugin: str | None
    action: str
    resource: str
    context: Mapping[str, object] = field(default_factory=dict)
    chain: tuple[str, ...] = ()

    @property
    def effect(self) -> str:
        """The effect as users write it, `fs.read:/repo/a.py`, or an empty string."""
        return f"{self.action}:{self.resource}" if self.resource else self.action


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains a finding, and what it is."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what stands at `span` by `text`; an empty span (end equal to start) inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken (or undecided) property at one place; the edits, applied together, make it go away.

    The one exception: of an accept that the edits write, the reason is left for the operator to give.
    `subject` names where it holds as `[[accept]] at` writes it: `lead/project:acme.notes`.
    """

    check: str
    verdict: Verdict
    subject: str
    message: str
    span: Span
    related: tuple[Related, ...] = ()
    counterexample: Counterexample | None = None
    help: str = ""
    edits: tuple[Edit, ...] = ()

    def with_related(self, related: Related) -> Finding:
        """The finding with one place more."""
        return replace(self, related=(*self.related, related))


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know that breaks no property; `code` is a stable kebab-case word, `subject` as above."""

    code: str
    subject: str
    message: str
    span: Span
    help: str = ""

    @property
    def told(self) -> str:
        """Message and help in one line."""
        return f"{self.message}; {self.help}" if self.help else self.message


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that the operator took on by name, and until when."""

    finding: Finding
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check: how many obligations it had, and what is left of them."""

    check: str
    title: str
    verdict: Verdict
    obligations: int
    findings: tuple[Finding, ...] = ()
    accepted: tuple[Accepted, ...] = ()

    @property
    def word(self) -> str:
        """The verdict as every report says it: `accepted` where it holds only because findings were taken
        on.
        """
        holds = self.verdict in (Verdict.PROVED, Verdict.VACUOUS)
        return "accepted" if holds and self.accepted else str(self.verdict)
