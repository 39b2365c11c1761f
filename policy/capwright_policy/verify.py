"""Verification: every check decided, every counterexample replayed, every accept applied.

`verify` never answers `proved` for what it could not decide: a solver's failure is `unknown`, and a
counterexample that the reference semantics does not confirm is an `InternalError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import z3

from capwright_policy.accepts import accepted
from capwright_policy.artifacts import Imports, imports_of, read_artifacts, read_pins
from capwright_policy.checks import all_checks
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.compile import compile_graph
from capwright_policy.contexts import contexts_of
from capwright_policy.findings import Accepted, CheckResult, Finding, Note, Verdict
from capwright_policy.graph import CapabilityGraph
from capwright_policy.idle_accepts import idle, misdirected
from capwright_policy.inexpressible import inexpressible
from capwright_policy.setting import Setting
from capwright_policy.solver import Solver
from capwright_policy.unenforced import refuse_unenforced
from capwright_policy.warnings import warned
from capwright_policy.watch import Watch
from capwright_registry.doubts import doubts
from capwright_registry.errors import InputError, InternalError
from capwright_registry.patterns import TooComplex
from capwright_registry.spans import Span
from capwright_registry.vacant import vacancies

#: Seconds that one run may take in the solver, unless told otherwise.
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification; `obligations` are what the proof records."""

    setting: Setting
    graph: CapabilityGraph
    imports: Imports
    results: tuple[CheckResult, ...]
    obligations: tuple[Obligation, ...]
    notes: tuple[Note, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether every check is proved, vacuous, or accepted by name."""
        return all(r.verdict in (Verdict.PROVED, Verdict.VACUOUS) for r in self.results)

    @property
    def unknown(self) -> bool:
        """Whether some check could not be decided, and none is refuted."""
        verdicts = {r.verdict for r in self.results}
        return Verdict.UNKNOWN in verdicts and Verdict.REFUTED not in verdicts

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings that nobody accepted."""
        return tuple(f for r in self.results for f in r.findings)


def verify(setting: Setting, today: date, seconds: float = TIMEOUT, watch: Watch | None = None) -> Report:
    """Run every check on `setting`. `today` decides which accepts still hold; `watch` looks on.

    Raises `InputError` for an artifact that cannot be read and for an accept of something that is not there,
    and `InternalError` for a broken counterexample.
    """
    refuse_unenforced(setting)
    pins = read_pins(setting.workspace)
    artifacts = read_artifacts(setting.workspace)
    imports = imports_of(artifacts)
    graph = compile_graph(setting)
    watch = watch or Watch()
    run = Run(setting, graph, contexts_of(setting), Solver(seconds, watch), imports, today, artifacts, pins)
    results: list[CheckResult] = []
    obligations: list[Obligation] = []
    for number, check in enumerate(all_checks()):
        watch.begins(check.id, number, len(all_checks()))
        outcome = _outcome(check, run)
        obligations.extend(outcome.obligations)
        for finding in outcome.findings:
            _replay(check, setting, finding)
        results.append(_result(check, setting, len(outcome.obligations), outcome.findings, today))
    nowhere = misdirected(setting, obligations)
    if nowhere:
        raise InputError(nowhere)
    notes = (*idle(setting, results), *inexpressible(setting), *_broken(setting), *_documents(setting))
    return Report(setting, graph, imports, tuple(results), tuple(obligations), (*notes, *warned(run)))


def _broken(setting: Setting) -> Iterator[Note]:
    """A note where a mediator is counted on to break flows."""
    flow = setting.workspace.flow
    if flow is not None and flow.ask_breaks:
        told = "calls that the user is asked for count as no flow, which holds while the user reads them"
        yield Note("ask-breaks-flow", setting.workspace.name, told, flow.span)


def _documents(setting: Setting) -> Iterator[Note]:
    """What the documents say by the rules, and most likely do not mean."""
    workspace = setting.workspace
    for code, found in (("doubtful-pattern", doubts(workspace)), ("nothing-there", vacancies(workspace))):
        for problem in found:
            yield Note(code, workspace.name, problem.message, problem.span, problem.help)


def _outcome(check: Check, run: Run) -> Outcome:
    """What a check found; a failure of the solver or the algebra outside of a question is `unknown` too."""
    try:
        return check.run(run)
    except (z3.Z3Exception, TooComplex) as error:
        span = Span(run.setting.workspace.document.file)
        reason = f"the check could not be decided: {error}"
        name = run.setting.workspace.name
        finding = Finding(check.id, Verdict.UNKNOWN, name, reason, span)
        return Outcome((Obligation(check.id, name),), (finding,))


def _replay(check: Check, setting: Setting, finding: Finding) -> None:
    if finding.counterexample is not None and not check.replay(setting, finding.counterexample):
        raise InternalError(f"a counterexample of `{check.id}` for `{finding.subject}` does not replay")


def _result(
    check: Check, setting: Setting, obligations: int, findings: tuple[Finding, ...], today: date
) -> CheckResult:
    taken_on: list[Accepted] = []
    left: list[Finding] = []
    for finding in findings:
        outcome = accepted(setting, finding, today)
        if isinstance(outcome, Accepted):
            taken_on.append(outcome)
        else:
            left.append(outcome)
    verdict = _verdict(obligations, left)
    return CheckResult(check.id, check.title, verdict, obligations, tuple(left), tuple(taken_on))


def _verdict(obligations: int, findings: list[Finding]) -> Verdict:
    if any(f.verdict is Verdict.REFUTED for f in findings):
        return Verdict.REFUTED
    if findings:
        return Verdict.UNKNOWN
    return Verdict.PROVED if obligations else Verdict.VACUOUS
