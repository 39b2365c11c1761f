"""What a check is: an id, a formula, a way to run it and a way to replay what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from capwright_policy.artifacts import Artifacts, Imports, Pinned
from capwright_policy.contexts import Contexts
from capwright_policy.findings import Counterexample, Finding
from capwright_policy.graph import CapabilityGraph
from capwright_policy.questions import Question
from capwright_policy.setting import Setting
from capwright_policy.solver import Solver


@dataclass(frozen=True, slots=True)
class Run:
    """What a check works on; `today` is only for what its edits propose.

    `imports`, `artifacts` and `pins` are what was read beside the manifests, by plugin folder.
    """

    setting: Setting
    graph: CapabilityGraph
    contexts: Contexts
    solver: Solver
    imports: Imports
    today: date
    artifacts: Artifacts = field(default_factory=dict)
    pins: Pinned = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing a check had to prove, as the proof file records it; `question` only for inclusions."""

    check: str
    subject: str
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found: every obligation it had, and a finding for each one that is not proved."""

    obligations: tuple[Obligation, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One property of the whole graph.

    `title` states the property that holds when the check is proved. `run` decides it; `replay` says whether a
    counterexample really breaks the property in the reference semantics.
    """

    id: str
    guarantee: str
    title: str
    run: Callable[[Run], Outcome]
    replay: Callable[[Setting, Counterexample], bool]
