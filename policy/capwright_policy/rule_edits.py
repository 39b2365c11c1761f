"""Edits of a profile's permission rules."""

from __future__ import annotations

from collections.abc import Sequence

from capwright_policy.findings import Edit
from capwright_policy.proposals import append_edit, array_at, key_edit, quoted, table_edit
from capwright_registry.capability import Profile


def rule(tool: str, action: str, when: str = "") -> str:
    """A permission rule as an inline table."""
    condition = f", when = {quoted(when)}" if when else ""
    return f"{{ tool = {quoted(tool)}, action = {quoted(action)}{condition} }}"


def add_rules(profile: Profile, rules: Sequence[str]) -> tuple[Edit, ...]:
    """Add rules to those of the profile; empty where these are tables of their own, and for no rules."""
    model, document, listed = profile.document.model, profile.document, ", ".join(rules)
    if not rules:
        return ()
    if model.permissions is None:
        lines = ("[permissions]", f"default = {quoted(profile.default)}", f"rules = [{listed}]")
        return (table_edit(document, lines),)
    if not model.permissions.rules and "default" in model.permissions.model_fields_set:
        return (key_edit(document, ("permissions",), "default", f"rules = [{listed}]"),)
    array = array_at(document, "permissions", "rules") if model.permissions.rules else None
    own = [p for p in profile.permissions if p.span.file == document.file]
    return () if array is None else (append_edit(document, array, own, listed),)
