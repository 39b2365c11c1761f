"""Lists of capabilities, with the workspace's sets put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.documents.capability import CapabilityDoc, LendDoc, LendSetDoc, LimitsDoc, SetUseDoc
from capwright_registry.documents.locate import Route
from capwright_registry.patterns import Pattern
from capwright_registry.resolve.reading import Reading
from capwright_registry.suggest import nearest
from capwright_registry.vocabulary import ACTIONS, NEVER_GRANTABLE

MAX_CAPABILITIES = 4096
_KNOWN = frozenset({*ACTIONS, *NEVER_GRANTABLE})


@dataclass(frozen=True)
class CapabilityReader:
    """Resolves the lists of one document. `sets` are the workspace's, resolved."""

    reading: Reading
    sets: Mapping[str, CapabilityList]

    def read(self, entries: Sequence[CapabilityDoc | SetUseDoc], *route: str | int) -> CapabilityList:
        """The capabilities that the array at `route` says; those that could not be read are left out."""
        found: list[Capability] = []
        for number, entry in enumerate(entries):
            found += self._entry(entry, (*route, number))
            if len(found) > MAX_CAPABILITIES:
                message = f"the list has more than {MAX_CAPABILITIES} capabilities, its sets included"
                self.reading.problem(route, message, "split the profile, or make the sets smaller")
                return ()
        return tuple(found)

    def _entry(self, entry: CapabilityDoc | SetUseDoc, route: Route) -> CapabilityList:
        if isinstance(entry, CapabilityDoc):
            one = read_capability(self.reading, entry, route)
            return () if one is None else (one,)
        help_text = "declare it as `[sets.NAME]` in the workspace"
        if not self.reading.known(entry.set, self.sets, "set", (*route, "set"), help_text, "sets"):
            return ()
        to = entry.to if isinstance(entry, LendSetDoc) else None
        return tuple(replace(capability, to=to) for capability in self.sets[entry.set])


def read_plain(reading: Reading, docs: Sequence[CapabilityDoc], *route: str | int) -> CapabilityList:
    """The capabilities of the array at `route`, which uses no sets."""
    found = (read_capability(reading, doc, (*route, number)) for number, doc in enumerate(docs))
    return tuple(capability for capability in found if capability is not None)


def read_capability(reading: Reading, doc: CapabilityDoc, route: Route) -> Capability | None:
    """The capability that the table at `route` says; None, with its problems noted, if it says none."""
    document = reading.document
    never = doc.action in NEVER_GRANTABLE
    condition = reading.condition(doc.when, (*route, "when"))
    if not reading.known(doc.action, _KNOWN, "action", (*route, "action")):
        _likely_patterns(reading, doc, route)
        return None
    if not never and not doc.on:
        reading.problem(
            (*route, "on"), "`on` is missing or empty", "name the resources, or remove the capability"
        )
    return Capability(
        action=doc.action,
        on=() if never else _patterns(reading, doc.action, doc.on, (*route, "on")),
        except_=() if never else _patterns(reading, doc.action, doc.except_, (*route, "except")),
        when=condition,
        until=doc.until,
        limits=_limits(doc.limits),
        optional=doc.optional,
        reason=doc.reason,
        never=never,
        to=doc.to if isinstance(doc, LendDoc) else None,
        span=document.span(*route),
        on_span=document.span(*route, "on"),
        on_spans=tuple(document.span(*route, "on", n) for n in range(len(doc.on))),
        except_spans=tuple(document.span(*route, "except", n) for n in range(len(doc.except_))),
        written=tuple(doc.on) if never else (),
    )


def _likely_patterns(reading: Reading, doc: CapabilityDoc, route: Route) -> None:
    """Note what is wrong with the patterns whatever the misspelt action is: all like it share one domain."""
    near = nearest(doc.action, ACTIONS)
    family = f"{near.partition('.')[0]}." if near else ""
    domains = {action.domain for name, action in ACTIONS.items() if name.startswith(family)}
    if near and doc.action.startswith(family) and len(domains) == 1:
        _patterns(reading, near, doc.on, (*route, "on"))
        _patterns(reading, near, doc.except_, (*route, "except"))


def _patterns(reading: Reading, action: str, texts: Sequence[str], route: Route) -> tuple[Pattern, ...]:
    domain = ACTIONS[action].domain
    found = (reading.pattern(domain, text, (*route, number)) for number, text in enumerate(texts))
    return tuple(pattern for pattern in found if pattern is not None)


def _limits(doc: LimitsDoc | None) -> dict[str, int]:
    return {} if doc is None else doc.model_dump(exclude_none=True)
