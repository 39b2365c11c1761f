"""Permission rules: of a profile, and of the host policy above it."""

from __future__ import annotations

from collections.abc import Sequence

from capwright_registry.capability import Permission
from capwright_registry.documents.locate import Route
from capwright_registry.documents.profile import RuleDoc
from capwright_registry.resolve.reading import Reading


def read_rules(reading: Reading, rules: Sequence[RuleDoc]) -> tuple[Permission, ...]:
    """The rules under `[permissions]`; those that could not be read are left out."""
    found = []
    for number, rule in enumerate(rules):
        route: Route = ("permissions", "rules", number)
        pattern = reading.pattern("name", rule.tool, (*route, "tool"))
        when = reading.condition(rule.when, (*route, "when"))
        if pattern is not None:
            found.append(Permission(pattern, rule.action, when, reading.document.span(*route)))
    return tuple(found)
