"""What the workspace's own document says, resolved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from capwright_registry.capability import Accept, CapabilityList, Flow, Labelled
from capwright_registry.conditions import BUILTIN_CONTEXT, ConditionError, Variable
from capwright_registry.documents.document import Document
from capwright_registry.documents.workspace import WorkspaceDoc
from capwright_registry.report import Report
from capwright_registry.resolve.capabilities import CapabilityReader, read_plain
from capwright_registry.resolve.reading import Names, Reading
from capwright_registry.resolve.roots import read_roots
from capwright_registry.resolve.versions import read_version
from capwright_registry.vocabulary import MEDIATORS, Tier


@dataclass(frozen=True)
class Shared:
    """What the workspace's document gives to all others: names and sets; and its own resolved lists."""

    names: Names
    sets: Mapping[str, CapabilityList]
    api: str
    ceilings: Mapping[Tier, CapabilityList]
    accepts: tuple[Accept, ...]
    flow: Flow | None

    def unsure_of(self, table: str) -> Shared:
        """The same, but names that `table` might declare are no problem where they are not known."""
        return replace(self, names=replace(self.names, unsure=self.names.unsure | {table}))


def resolve_workspace(
    document: Document[WorkspaceDoc], root: Path, check_ids: Collection[str] | None, report: Report
) -> Shared:
    """Resolve the workspace's document. `check_ids` are the findings that may be accepted; None takes any."""
    model = document.model
    roots, variables = read_roots(document, model.roots, root, report), _variables(document, report)
    unread = {"roots": model.roots.keys() - roots, "context": model.context.keys() - variables}
    tables = ("roots", "context", "sets", "source")
    unsure = frozenset(t for t in tables if unread.get(t) or document.damaged(t))
    names = Names(roots, variables, unsure)
    reading = Reading(document, names, report)
    for number, mediator in enumerate(model.host.mediators):
        reading.known(mediator, MEDIATORS, "mediator", ("host", "mediators", number))
    sets = {name: read_plain(reading, doc.allow, "sets", name, "allow") for name, doc in model.sets.items()}
    reader = CapabilityReader(reading, sets)
    return Shared(
        names=names,
        sets=sets,
        api=read_version(reading, model.host.api, ("host", "api")),
        ceilings={t: reader.read(c.allow, "ceiling", t, "allow") for t, c in model.ceiling.items()},
        accepts=tuple(_accepts(reading, check_ids)),
        flow=_flow(reading),
    )


def _variables(document: Document[WorkspaceDoc], report: Report) -> dict[str, Variable]:
    found = dict(BUILTIN_CONTEXT)
    for name, doc in document.model.context.items():
        span = document.key_span("context", name)
        if document.damaged("context", name):
            continue
        if name in BUILTIN_CONTEXT:
            report.add(span, f"`{name}` is a built-in variable", "choose another name")
            continue
        try:
            found[name] = Variable(name, doc.type, doc.values)
        except ConditionError as error:
            report.add(span, error.message, error.help)
    return found


def _accepts(reading: Reading, check_ids: Collection[str] | None) -> list[Accept]:
    found = []
    for number, doc in enumerate(reading.document.model.accept):
        if check_ids is not None:
            reading.known(doc.finding, check_ids, "check", ("accept", number, "finding"))
        if not doc.reason.strip():
            told = "say in words why the finding is taken on, for whoever reads it later"
            reading.problem(("accept", number, "reason"), "`reason` says nothing yet", told)
        spans = (reading.document.span("accept", number, *key) for key in ((), ("at",)))
        found.append(Accept(doc.finding, doc.at, doc.reason, doc.until, *spans))
    return found


def _flow(reading: Reading) -> Flow | None:
    doc = reading.document.model.flow
    if doc is None:
        return None
    labelled = []
    for number, entry in enumerate(doc.label):
        pattern = reading.pattern("name", entry.tool, ("flow", "label", number, "tool"))
        if pattern is not None:
            span = reading.document.span("flow", "label", number)
            labelled.append(Labelled(pattern, frozenset(entry.labels), span))
    rules = tuple(dict.fromkeys(doc.rules))
    return Flow(rules, "ask" in doc.breaks, tuple(labelled), reading.document.span("flow", "rules"))
