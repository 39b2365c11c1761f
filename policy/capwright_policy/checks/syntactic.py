"""Checks whose obligations are facts of the documents: each is a formula that must have no model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from capwright_policy.booleans import Term, lift
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.findings import Counterexample, Finding, Verdict
from capwright_policy.setting import Setting
from capwright_policy.solver import Sat, Unsat


@dataclass(frozen=True, slots=True)
class Claim:
    """One obligation: `violation` must be unsatisfiable; `finding` is what to say if it is not."""

    subject: str
    violation: Term
    finding: Finding


def claim_check(
    id_: str,
    guarantee: str,
    title: str,
    claims: Callable[[Run], Iterator[Claim]],
    replay: Callable[[Setting, Counterexample], bool],
) -> Check:
    """A check that is proved iff the violation of every claim is unsatisfiable."""

    def run(run: Run) -> Outcome:
        found: list[Finding] = []
        obligations: list[Obligation] = []
        for claim in claims(run):
            obligations.append(Obligation(id_, claim.subject))
            found.extend(_decide(id_, run, claim))
        return Outcome(tuple(obligations), tuple(found))

    return Check(id_, guarantee, title, run, replay)


def _decide(check: str, run: Run, claim: Claim) -> Iterator[Finding]:
    answer = run.solver.check(lift(claim.violation))
    if isinstance(answer, Sat):
        yield claim.finding
    elif not isinstance(answer, Unsat):
        yield Finding(check, Verdict.UNKNOWN, claim.subject, answer.reason, claim.finding.span)
