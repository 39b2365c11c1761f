"""Every deliberate bug of `tests/soundness/probes` is noticed, and nothing fires without one.

A probe that nothing catches is a hole in the tests: the vector or the rule that catches it belongs beside it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from capwright_policy.checks.base import Outcome, Run
from capwright_registry.patterns import TooComplex
from tests.soundness.judging import CHECKS, by_reading, by_replay, by_vectors, forget_spaces, only, wrong
from tests.soundness.probe import Patch, Probe, all_probes
from tests.support.vectors import run, vectors

#: With each check whose vectors are run; what is seen otherwise is seen once.
PROBED = [
    (probe, check)
    for probe in all_probes()
    for check in (probe.checks if probe.caught in (by_vectors, by_reading, by_replay) else probe.checks[:1])
]


@pytest.mark.parametrize(("probe", "check"), PROBED, ids=[f"{check}-{probe.id}" for probe, check in PROBED])
def test_the_bug_is_noticed(probe: Probe, check: str, monkeypatch: Patch, tmp_path: Path) -> None:
    probe.caught(check, probe.bug, monkeypatch, tmp_path)
    if probe.where == "loading":
        forget_spaces()


@pytest.mark.parametrize("id_", sorted(CHECKS))
def test_nothing_fires_without_a_bug(id_: str, monkeypatch: Patch) -> None:
    only(monkeypatch, CHECKS[id_])
    assert [vector.name for vector in vectors(id_) if wrong(vector)] == []


@pytest.mark.parametrize("id_", sorted(CHECKS))
def test_a_check_that_always_proves_is_noticed(id_: str, monkeypatch: Patch) -> None:
    """Every refused vector of the check notices, and no accepted one does."""

    def blind(run: Run) -> Outcome:
        return Outcome(CHECKS[id_].run(run).obligations, ())

    only(monkeypatch, replace(CHECKS[id_], run=blind))
    assert {vector.name: vector.refused for vector in vectors(id_)} == {
        vector.name: wrong(vector) for vector in vectors(id_)
    }


@pytest.mark.parametrize("id_", sorted(CHECKS))
def test_a_check_with_nothing_to_prove_is_noticed(id_: str, monkeypatch: Patch) -> None:
    """Vacuity is told from proof."""
    only(monkeypatch, replace(CHECKS[id_], run=lambda _: Outcome((), ())))
    assert any(wrong(vector) for vector in vectors(id_) if not vector.refused)


def test_too_complex_is_what_the_vector_meets() -> None:
    """The vector `too-complex` is refused for the reason that it gives."""
    vector = next(v for v in vectors("grant-over-scope") if v.folder.name == "too-complex")
    reason = str(TooComplex("the patterns need more states than the budget allows"))
    assert [f.message for f in run(vector).findings] == [reason]
