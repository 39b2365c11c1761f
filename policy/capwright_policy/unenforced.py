"""What a document may say and no mediator enforces yet: refused, for a limit that is not kept allows more."""

from __future__ import annotations

from capwright_policy.setting import Setting, stated
from capwright_registry.capability import Capability
from capwright_registry.errors import InputError, Problem


def refuse_unenforced(setting: Setting) -> None:
    """Raises `InputError` for every capability with a limit on calls or bytes."""
    limited = [c for c in stated(setting.workspace) if c.limits]
    if limited:
        raise InputError({c.span: _problem(c) for c in limited}.values())


def _problem(capability: Capability) -> Problem:
    names = ", ".join(f"`{name}`" for name in sorted(capability.limits))
    return Problem(
        f"the limit {names} of `{capability.action}` is not enforced by this version",
        capability.span,
        "remove it, so that nobody counts on it; a plugin's `[runtime]` bounds its output and time",
    )
