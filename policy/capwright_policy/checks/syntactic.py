"""Checks whose obligations are facts of the documents: each is a formula that must have no model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from capwright_policy.booleans import Term, disj, lift
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.findings import Counterexample, Finding, Verdict
from capwright_policy.setting import Setting
from capwright_policy.solver import Answer, Sat, Undecided, Unsat
from capwright_registry.errors import InternalError


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
    """A check that is proved iff the violation of every claim is unsatisfiable.

    They are first asked about as one: if no claim can be violated, one answer says so. Where the solver fails
    at that, nothing is proved any more, but what can be violated is still found.
    """

    def run(run: Run) -> Outcome:
        every = list(claims(run))
        obligations = tuple(Obligation(id_, claim.subject) for claim in every)
        # Most claims are one and the same formula, or false by itself.
        violations = {id(claim.violation): claim.violation for claim in every}
        together = run.solver.check(lift(disj(violations.values())))
        apart = () if isinstance(together, Unsat) else every
        found = tuple(finding for claim in apart for finding in _decide(id_, run, claim, together))
        if isinstance(together, Sat) and not found:
            raise InternalError(f"claims of `{id_}` can be violated together, and none by itself")
        return Outcome(obligations, found)

    return Check(id_, guarantee, title, run, replay)


def _decide(check: str, run: Run, claim: Claim, together: Answer) -> Iterator[Finding]:
    answer = run.solver.check(lift(claim.violation))
    failed = next((a for a in (answer, together) if isinstance(a, Undecided)), None)
    if isinstance(answer, Sat):
        yield claim.finding
    elif failed is not None:
        yield Finding(check, Verdict.UNKNOWN, claim.subject, failed.reason, claim.finding.span)
