"""The `net-policy` mediator: not there yet, and saying so.

This host opens no connections for plugins. A declared, granted and proved network effect is still denied
here, by name, so that nobody takes silence for success.
"""

from __future__ import annotations

from typing import NoReturn

from capwright_registry.decide import Decision
from capwright_registry.vocabulary import ACTIONS
from capwright_runtimes.refusal import Denied


def mediated(decision: Decision) -> Decision:
    """The decision after this mediator: an allowed network effect becomes a refusal, all else stays."""
    action = ACTIONS.get(decision.action)
    if not decision.allowed or action is None or action.mediator != "net-policy":
        return decision
    return _refusal(decision.action, decision.resource)


def connect(action: str, resource: str) -> NoReturn:
    """Raises `Denied` (layer `net-policy`), always."""
    raise Denied(_refusal(action, resource))


def _refusal(action: str, resource: str) -> Decision:
    reason = "this host's `net-policy` mediator opens no connections yet"
    return Decision(False, action, resource, "net-policy", reason)
