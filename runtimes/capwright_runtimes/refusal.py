"""The two ways in which the runtimes say no.

Neither is a bad input (`InputError`) nor a fault of ours (`InternalError`): everything worked, and the answer
is no. They share `CapwrightError` as their root, so one handler can catch all that Capwright says on purpose.
"""

from __future__ import annotations

from capwright_registry.decide import Decision
from capwright_registry.errors import CapwrightError


class Refused(CapwrightError):  # noqa: N818 - an answer, not a fault
    """Nothing loads. `code` is a stable kebab-case id, `reason` one sentence, `detail` names what changed.

    `detail` may hold untrusted text (a file name, say): escape it before printing.
    """

    def __init__(self, code: str, reason: str, detail: str = "") -> None:
        self.code = code
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class Denied(CapwrightError):  # noqa: N818 - an answer, not a fault
    """One call or one effect does not happen; what is loaded stays loaded. `decision` says why.

    `decision.allowed` is always false.
    """

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__(f"`{decision.action}` denied by {decision.layer}: {decision.reason}")

    @property
    def reason(self) -> str:
        """The decision's reason, for callers that show one line."""
        return self.decision.reason


def deny(action: str, resource: str, layer: str, reason: str, source: str | None = None) -> Denied:
    """A `Denied` for a refusal that no table decided (a mediator, the called tool's declaration, a hook)."""
    return Denied(Decision(False, action, resource, layer, reason, source))
