"""What is shown when a command cannot answer: the input's problems, a refusal, or a fault of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from capwright_cli.sources import SourceTexts, root_of
from capwright_cli.typed import NotEnabled
from capwright_registry.decide import Decision
from capwright_registry.errors import CapwrightError, InputError, Problem
from capwright_registry.spans import Span
from capwright_runtimes.refusal import Denied, Refused

#: Whoever made more than so many mistakes in one file made one mistake many times.
MOST_A_FILE: Final = 100

Kind = Literal["input", "refused", "denied", "internal"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer; `code` is a stable word where the runtimes gave one.

    `left_out` says of which files how many problems are not among `problems`.
    """

    kind: Kind
    problems: tuple[Problem, ...]
    sources: SourceTexts
    code: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether everything worked, and the answer is no."""
        return self.kind in ("refused", "denied")


def failure(error: CapwrightError, path: Path | None) -> Failure:
    """The failure that an error stands for, in the workspace at `path`."""
    sources = SourceTexts(root_of(path) if path is not None else None)
    if isinstance(error, InputError):
        shown, left_out = _bounded(error.problems)
        return Failure("input", shown, sources, left_out=left_out)
    if isinstance(error, NotEnabled):
        return Failure("refused", (error.problem,), sources, error.code)
    if isinstance(error, Refused):
        return Failure("refused", (_refusal(error),), sources, error.code)
    if isinstance(error, Denied):
        return Failure("denied", (_denial(error.decision),), sources, error.decision.layer or "")
    return Failure("internal", (Problem(str(error), Span("")),), sources)


#: The layers that `capwright explain` speaks of; of hooks, arguments and mediators the reason says it all.
EXPLAINED = ("proof", "requested", "granted", "scope", "ceiling", "host", "permission")


def _bounded(problems: Iterable[Problem]) -> tuple[tuple[Problem, ...], Mapping[str, int]]:
    """The first `MOST_A_FILE` of each file, and how many of which are left out."""
    shown: list[Problem] = []
    counts: Counter[str] = Counter()
    for problem in problems:
        counts[problem.span.file] += 1
        if counts[problem.span.file] <= MOST_A_FILE:
            shown.append(problem)
    return tuple(shown), {file: n - MOST_A_FILE for file, n in counts.items() if n > MOST_A_FILE}


_VERIFY: Final = "run `capwright verify` and see what it says"
#: What to do next, by the code of a refusal whose reason does not say it.
_NEXT: Final[Mapping[str, str]] = MappingProxyType(
    {
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
    if decision.layer == "resource" and decision.resource.startswith("${"):
        return "no root has this name: those of a workspace stand under `[roots]` in `capwright.toml`"
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
