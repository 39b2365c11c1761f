"""Capabilities that no document states: what a hook asks for, what would be needed."""

from __future__ import annotations

from capwright_registry.capability import Capability
from capwright_registry.conditions import Condition
from capwright_registry.patterns import Pattern
from capwright_registry.spans import Span


def made_up(
    action: str, on: tuple[Pattern, ...], span: Span, *, when: Condition | None = None, reason: str = ""
) -> Capability:
    """The capability of `action` on `on`, without exceptions, end or limits; all of it stands at `span`."""
    return Capability(
        action=action,
        on=on,
        except_=(),
        when=when,
        until=None,
        limits={},
        optional=False,
        reason=reason,
        never=False,
        to=None,
        span=span,
        on_span=span,
        on_spans=(span,) * len(on),
        except_spans=(),
    )
