"""Every vector under `specs/vectors` says what its `expected.json` says, and edits make findings go away."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from capwright_policy.accepts import PLACEHOLDER
from capwright_policy.checks import all_checks
from capwright_policy.findings import Finding
from capwright_policy.verify import Report, verify
from tests.support.edits import apply_edits
from tests.support.vectors import TODAY, Vector, run, said, setting_of, vectors, verdicts

VECTORS = tuple(vectors())
REFUSED = tuple(vector for vector in VECTORS if vector.refused)
FINE = {"proved", "vacuous"}


def name(vector: Vector) -> str:
    return vector.name


@cache
def reported(vector: Vector) -> Report:
    """The report of a vector: a pure function of its files, which no test writes."""
    return run(vector)


def test_every_check_has_its_vectors() -> None:
    """Specification of a check: one vectors folder, accepted and refused workspaces."""
    assert {vector.check for vector in VECTORS} == {check.id for check in all_checks()}
    for check in all_checks():
        own = [vector for vector in VECTORS if vector.check == check.id]
        assert sum(not vector.refused for vector in own) >= 2, check.id
        assert sum(vector.refused for vector in own) >= 3, check.id


@pytest.mark.parametrize("vector", VECTORS, ids=name)
def test_verdicts(vector: Vector) -> None:
    """What is named has its verdict; nothing else is refuted or undecided."""
    found = verdicts(reported(vector))
    expected = vector.expected["checks"]
    assert {check: found[check] for check in expected} == expected
    assert {c: v for c, v in found.items() if c not in expected and v not in FINE} == {}


@pytest.mark.parametrize("vector", VECTORS, ids=name)
def test_accepted_is_proved_and_refused_is_not(vector: Vector) -> None:
    assert reported(vector).proved is not vector.refused
    assert (vector.expected["checks"][vector.check] not in FINE) is vector.refused


@pytest.mark.parametrize("vector", VECTORS, ids=name)
def test_findings_point_at_their_places(vector: Vector) -> None:
    """All findings of the run, each with its subject, its place and its least effect."""
    report = reported(vector)
    assert [said(report, finding) for finding in report.findings] == vector.expected.get("findings", [])


@pytest.mark.parametrize("vector", REFUSED, ids=name)
def test_counterexamples_replay(vector: Vector) -> None:
    """The reference semantics confirms each one."""
    report = reported(vector)
    checks = {check.id: check for check in all_checks()}
    for finding in report.findings:
        if finding.counterexample is not None:
            assert checks[finding.check].replay(report.setting, finding.counterexample)


EDITED = [
    pytest.param(vector, number, id=f"{vector.name}-{number}")
    for vector in REFUSED
    for number in range(len(vector.expected["findings"]))
]


@pytest.mark.parametrize(("vector", "number"), EDITED)
def test_edits_make_the_finding_go_away(vector: Vector, number: int, tmp_path: Path) -> None:
    """Applied together, the edits of one finding answer it, and make nothing worse that is not listed.

    Of an accept that they write, the reason is the operator's to give: it is given here.
    """
    report = reported(vector)
    finding = report.findings[number]
    if not finding.edits:
        assert finding.help or finding.verdict == "unknown", "a finding without edits says what to do"
        return
    after = _after(vector, finding, tmp_path)
    assert not [f for f in after.findings if _same(f, finding)]
    before = {f.check for f in report.findings}
    assert {f.check for f in after.findings} - before <= set(vector.expected.get("after", []))


def _after(vector: Vector, finding: Finding, tmp_path: Path) -> Report:
    """The report of a copy of the vector with the finding's edits applied."""
    copy = tmp_path / "copy"
    shutil.copytree(vector.folder, copy)
    root = copy / "workspace" if (copy / "workspace").exists() else copy
    apply_edits(root, finding.edits)
    document = root / "capwright.toml"
    document.write_text(document.read_text().replace(f'reason = "{PLACEHOLDER}"', 'reason = "tried"'))
    return verify(setting_of(copy, vector.sandbox), TODAY)


def _same(found: Finding, finding: Finding) -> bool:
    """Whether it is the same property at the same place: a message names no path of the workspace."""
    return (found.check, found.subject, found.message) == (finding.check, finding.subject, finding.message)
