"""A solver that fails proves nothing (G8): when it gives up, when it raises, when time runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
import z3

from capwright_policy.checks import all_checks
from capwright_policy.findings import Verdict
from capwright_policy.proof import proof_of
from capwright_policy.solver import Answer, Sat, Solver, Undecided, Unsat
from capwright_policy.verify import Report, verify
from capwright_registry.errors import InternalError
from capwright_registry.patterns import TooComplex
from tests.support.quotes import quotes
from tests.support.vectors import TODAY, Vector, run, setting_of, vectors, verdicts

Patch = pytest.MonkeyPatch
CHECKS = {check.id: check for check in all_checks()}
PROVED = [v for v in vectors() if not v.refused and v.expected["checks"][v.check] == "proved"]
#: Where no condition bears on the answer no solver is asked, hence those with a condition for some checks.
CONDITIONAL = {
    "delegation-over-parent": "any-subset-all-the-way",
    "deputy": "condition-of-the-callee",
    "fail-open-hook": "the-same-condition",
    "grant-over-ceiling": "condition-within-a-condition",
    "grant-over-scope": "narrower-condition-and-end",
    "policy-write": "a-condition-that-never-holds",
    "request-over-grant": "withheld-on-purpose",
    "rewrite-deputy": "two-contexts-do-not-mix",
    "tier-precedence": "denied-in-the-same-contexts",
    "toxic-flow": "files-that-are-not-shared",
}
FIRST = {v.check: v for v in reversed(PROVED) if v.folder.name == CONDITIONAL.get(v.check, v.folder.name)}

#: Those that ask nothing of the algebra.
EXACT = {
    "ambient-import",
    "ambient-process",
    "api-incompatible",
    "artifact-drift",
    "budget-growth",
    "descriptor-drift",
    "never-grantable",
    "rewrite-after-check",
    "shadowed-identity",
    "uncovered-path",
    "unmediated-effect",
    "unpinned",
}


def gives_up(self: Solver, *formulas: z3.BoolRef) -> Answer:
    return Undecided("it gave up")


def raises(self: Solver, *formulas: z3.BoolRef) -> Answer:
    raise z3.Z3Exception("it broke")


@pytest.fixture(params=sorted(CHECKS))
def vector(request: pytest.FixtureRequest, monkeypatch: Patch) -> Vector:
    """A workspace of which one check is proved, and a verification that runs this check alone."""
    check = CHECKS[request.param]
    monkeypatch.setattr("capwright_policy.verify.all_checks", lambda: (check,))
    monkeypatch.setattr("capwright_policy.verify.warned", lambda _: ())  # whose questions are no proof's
    return FIRST[check.id]


def assert_undecided(vector: Vector, report: Report) -> None:
    assert verdicts(report)[vector.check] == "unknown"
    assert not report.proved
    assert report.unknown
    assert all(finding.message for finding in report.findings)
    with pytest.raises(InternalError, match="not proved"):
        proof_of(report, Solver(60))


@pytest.mark.parametrize("broken", [gives_up, raises])
def test_a_failure_is_unknown(vector: Vector, broken: Callable[..., Answer], monkeypatch: Patch) -> None:
    monkeypatch.setattr(Solver, "check", broken)
    assert_undecided(vector, run(vector))


def test_no_time_is_unknown(vector: Vector) -> None:
    report = verify(setting_of(vector.folder, vector.sandbox), TODAY, seconds=0.0)
    assert_undecided(vector, report)
    assert "time" in report.findings[0].message


def test_z3_saying_unknown_is_unknown(vector: Vector, monkeypatch: Patch) -> None:
    monkeypatch.setattr(z3.Solver, "check", lambda *_: z3.unknown)
    monkeypatch.setattr(z3.Solver, "reason_unknown", lambda _: "canceled")
    assert_undecided(vector, run(vector))


def test_z3_raising_is_unknown(vector: Vector, monkeypatch: Patch) -> None:
    def check(*_: object) -> None:
        raise z3.Z3Exception("out of memory")

    monkeypatch.setattr(z3.Solver, "check", check)
    assert_undecided(vector, run(vector))


@quotes("patterns", "Every check reads that as `unknown`, and so as a refusal.")
def test_patterns_beyond_the_budget_are_unknown(vector: Vector, monkeypatch: Patch) -> None:
    """Where the algebra gives up before the solver is asked."""

    def atoms(*_: object) -> None:
        raise TooComplex("too many states")

    monkeypatch.setattr("capwright_policy.spaces._atoms", atoms)
    if vector.check not in EXACT:
        assert_undecided(vector, run(vector))


@dataclass
class Failing:
    """Answers truly, but for the call of one number."""

    failing: int
    real: Callable[..., Answer]
    calls: Iterator[int] = field(default_factory=count)
    asked: int = 0

    def check(self, solver: Solver, *formulas: z3.BoolRef) -> Answer:
        """The answer, or none."""
        number = next(self.calls)
        self.asked = number + 1
        return Undecided("once") if number == self.failing else self.real(solver, *formulas)


def failing_at(number: int, monkeypatch: Patch) -> Failing:
    failing = Failing(number, Solver.check)
    monkeypatch.setattr(Solver, "check", lambda self, *formulas: failing.check(self, *formulas))
    return failing


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_one_failure_of_many_is_unknown(vector: Vector, share: float, monkeypatch: Patch) -> None:
    """Every question of a proof is needed: leave any one undecided, and there is no proof."""
    with pytest.MonkeyPatch.context() as counting:
        asked = failing_at(-1, counting)
        assert run(vector).proved
    assert asked.asked > 0
    failing_at(round(share * (asked.asked - 1)), monkeypatch)
    assert_undecided(vector, run(vector))


@pytest.mark.parametrize("id_", sorted(CHECKS))
def test_a_failure_never_hides_a_refutation_as_proof(id_: str, monkeypatch: Patch) -> None:
    """On refused workspaces: whichever single question fails, the answer is refuted or unknown."""
    monkeypatch.setattr("capwright_policy.verify.all_checks", lambda: (CHECKS[id_],))
    vector = next(v for v in vectors(id_) if v.refused)
    for number in range(6):
        with pytest.MonkeyPatch.context() as patch:
            failing_at(number, patch)
            report = run(vector)
        assert not report.proved
        assert verdicts(report)[id_] in ("refuted", "unknown")


def test_a_failure_hides_no_refutation_of_a_claim(monkeypatch: Patch) -> None:
    """The claims of a check are first asked about as one: where that fails, each is still looked at."""
    vector = next(v for v in vectors("never-grantable") if v.refused)
    monkeypatch.setattr("capwright_policy.verify.all_checks", lambda: (CHECKS["never-grantable"],))
    whole = run(vector).results[0]
    failing_at(0, monkeypatch)
    result = run(vector).results[0]
    refuted = [f for f in result.findings if f.verdict is Verdict.REFUTED]
    assert refuted == list(whole.findings) != []
    assert len(result.findings) == result.obligations, "what is not refuted is undecided, and not proved"


class TestSolver:
    """The door to Z3 itself."""

    def test_answers(self) -> None:
        x = z3.Int("x")
        assert isinstance(Solver(10).check(x > 1), Sat)
        assert isinstance(Solver(10).check(x > 1, x < 1), Unsat)

    def test_what_is_no_formula_is_undecided(self) -> None:
        answer = Solver(10).check(z3.Int("x"))
        assert isinstance(answer, Undecided)
        assert answer.reason.startswith("the solver failed")

    def test_a_hard_question_ends_in_time(self) -> None:
        """Squares that sum to a cube and more: nothing that Z3 decides in a moment."""
        a, b, c = z3.Ints("a b c")
        hard = z3.And(a > 2, b > 2, c > 2, a * a * a + b * b * b == c * c * c)
        assert isinstance(Solver(0.2).check(hard), Undecided)
