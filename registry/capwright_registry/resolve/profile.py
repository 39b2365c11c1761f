"""One profile on its own: everything but what it takes from the profile that it extends."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from capwright_registry.capability import CapabilityList, Child, Grant, Plugin, Profile
from capwright_registry.documents.capability import AllowDoc
from capwright_registry.documents.document import Document
from capwright_registry.documents.locate import Route
from capwright_registry.documents.profile import ChildDoc, EnableDoc, PermissionsDoc, ProfileDoc
from capwright_registry.report import Report
from capwright_registry.resolve.capabilities import CapabilityReader
from capwright_registry.resolve.permissions import read_rules
from capwright_registry.resolve.reading import Reading
from capwright_registry.resolve.versions import read_range
from capwright_registry.resolve.workspace import Shared


@dataclass(frozen=True)
class Registered:
    """What profiles may refer to.

    `identities` and `profiles` are the names of all documents, also of those that could not be read, so that
    one broken file is not reported once more for each use of it.
    """

    plugins: Mapping[str, Plugin]
    identities: Collection[str]
    profiles: Collection[str]


def resolve_profile(
    document: Document[ProfileDoc], shared: Shared, registered: Registered, report: Report
) -> Profile:
    """Resolve a profile without its `extends`."""
    reading = Reading(document, shared.names, report)
    reader = CapabilityReader(reading, shared.sets)
    model = document.model
    scope = _allowed(reader, model.scope, "scope")
    delegable = scope if model.delegable is None else _allowed(reader, model.delegable, "delegable")
    permissions = model.permissions or PermissionsDoc()
    grants = (_grant(reader, registered, doc, number) for number, doc in enumerate(model.enable))
    return Profile(
        name=model.name,
        document=document,
        scope=(scope,),
        delegable=(delegable,),
        delegable_declared=model.delegable is not None,
        permissions=read_rules(reading, permissions.rules),
        default=permissions.default,
        grants=tuple(grant for grant in grants if grant is not None),
        children=tuple(_child(reading, registered, doc, number) for number, doc in enumerate(model.child)),
        span=document.span("name"),
    )


def _allowed(reader: CapabilityReader, doc: AllowDoc | None, key: str) -> CapabilityList:
    return () if doc is None else reader.read(doc.allow, key, "allow")


def _grant(reader: CapabilityReader, registered: Registered, doc: EnableDoc, number: int) -> Grant | None:
    route: Route = ("enable", number)
    reading = reader.reading
    version = read_range(reading, doc.version, (*route, "version"))
    grant = reader.read(doc.grant, *route, "grant")
    lend = reader.read(doc.lend, *route, "lend")
    for index, entry in enumerate(doc.lend):
        reading.known(
            entry.to, registered.identities, "plugin", (*route, "lend", index, "to"), table="source"
        )
    if any(other.plugin == doc.plugin for other in reading.document.model.enable[:number]):
        reading.problem((*route, "plugin"), f"`{doc.plugin}` is enabled twice", "keep one of the two entries")
    reading.known(doc.plugin, registered.identities, "plugin", (*route, "plugin"), table="source")
    plugin = registered.plugins.get(doc.plugin)
    if plugin is None:
        return None
    span = reading.document.span(*route)
    return Grant(doc.plugin, version, plugin, grant, lend, span, reading.document.span(*route, "grant"))


def _child(reading: Reading, registered: Registered, doc: ChildDoc, number: int) -> Child:
    route: Route = ("child", number)
    reading.known(doc.profile, registered.profiles, "profile", (*route, "profile"))
    budget = {} if doc.budget is None else doc.budget.model_dump(exclude_none=True)
    span = reading.document.span(*route)
    return Child(doc.profile, doc.max_depth, doc.max_children, doc.scope, budget, span)
