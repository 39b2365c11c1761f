"""What is shown when a command cannot answer: the input's problems, a refusal, or a fault of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from capwright_cli.sources import SourceTexts, root_of
from capwright_registry.decide import Decision
from capwright_registry.errors import CapwrightError, InputError, Problem
from capwright_registry.spans import Span
from capwright_runtimes.refusal import Denied, Refused

Kind = Literal["input", "refused", "denied", "internal"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer; `code` is a stable word where the runtimes gave one."""

    kind: Kind
    problems: tuple[Problem, ...]
    sources: SourceTexts
    code: str = ""

    @property
    def refused(self) -> bool:
        """Whether everything worked, and the answer is no."""
        return self.kind in ("refused", "denied")


def failure(error: CapwrightError, path: Path | None) -> Failure:
    """The failure that an error stands for, in the workspace at `path`."""
    sources = SourceTexts(root_of(path) if path is not None else None)
    if isinstance(error, InputError):
        return Failure("input", error.problems, sources)
    if isinstance(error, Refused):
        return Failure("refused", (_refusal(error),), sources, error.code)
    if isinstance(error, Denied):
        return Failure("denied", (_denial(error.decision),), sources, error.decision.layer or "")
    return Failure("internal", (Problem(str(error), Span("")),), sources)


#: The layers that `capwright explain` speaks of; of hooks, arguments and mediators the reason says it all.
EXPLAINED = ("requested", "granted", "scope", "ceiling", "host", "permission")


_VERIFY: Final = "run `capwright verify` and see what it says"
#: What to do next, by the code of a refusal whose reason does not say it.
_NEXT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no-proof": _VERIFY,
        "proof-refused": _VERIFY,
        "other-workspace": _VERIFY,
        "drift": "`capwright pin` shows what changed; if that is meant, pin it and verify again",
        "no-server": "it gets its grant and no more; `capwright verify` notes what its sandbox cannot give",
        "history-altered": "find out who wrote to it; moved away and kept, it makes room for a new history",
    }
)


def _refusal(error: Refused) -> Problem:
    message = f"{error.reason}: {error.detail}" if error.detail else error.reason
    return Problem(message, Span(""), _NEXT.get(error.code, ""))


def _denial(decision: Decision) -> Problem:
    effect = f"{decision.action}:{decision.resource}" if decision.resource else decision.action
    span = parse_span(decision.source) if decision.source else Span("")
    message = f"`{effect}` is denied by `{decision.layer}`: {decision.reason}"
    return Problem(message, span, _advice(decision))


def _advice(decision: Decision) -> str:
    if decision.layer == "approval":
        return "approve it at a terminal, or with `--yes`"
    if "the condition at" in decision.reason:
        return "give what the condition reads with `--context NAME=VALUE`"
    if decision.layer in EXPLAINED:
        return "`capwright explain` says which layers allow it, and what is missing"
    return ""


def parse_span(text: str) -> Span:
    """The place that `file:line:column` names; the whole file where there are no numbers."""
    file, _, tail = text.rpartition(":")
    file, _, line = file.rpartition(":")
    if not file or not (line.isascii() and line.isdigit() and tail.isascii() and tail.isdigit()):
        return Span(text)
    return Span(file, int(line), int(tail), int(line), int(tail) + 1)
