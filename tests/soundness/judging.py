"""What notices a bug: the vectors of its check, the replay of a counterexample, the checker, the reference.

A judge puts the bug in itself, so that it can see first that nothing fires without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest

from capwright_policy import spaces
from capwright_policy.checks import all_checks
from capwright_policy.checks.base import Check
from capwright_policy.setting import Setting
from capwright_policy.verify import verify
from capwright_registry.errors import InternalError
from tests.soundness.decisions import disagreements
from tests.support.proofs import desk, refused_by
from tests.support.vectors import TODAY, Vector, said, setting_of, vectors, verdicts

CHECKS: Mapping[str, Check] = {check.id: check for check in all_checks()}
#: The check's id, what puts the bug in, the patch to do it with, and an empty folder.
Judge: TypeAlias = Callable[[str, Callable[[pytest.MonkeyPatch], None], pytest.MonkeyPatch, Path], None]


def only(patch: pytest.MonkeyPatch, check: Check) -> None:
    """Let a verification run this one check, and say nothing else of the workspace."""
    patch.setattr("capwright_policy.verify.all_checks", lambda: (check,))
    for notes in ("warned", "inexpressible", "_documents"):
        patch.setattr(f"capwright_policy.verify.{notes}", lambda _: ())


@cache
def _kept(vector: Vector) -> Setting:
    return setting_of(vector.folder, vector.sandbox)


def read_once(vector: Vector) -> Setting:
    """The setting of a vector, whose documents are read once for all bugs that are not in reading."""
    kept = _kept(vector)
    return Setting(kept.workspace, kept.host, kept.sandbox)  # what was worked out of it is not kept


def read_anew(vector: Vector) -> Setting:
    """The setting of a vector, its documents read once more."""
    return setting_of(vector.folder, vector.sandbox)


def wrong(vector: Vector, read: Callable[[Vector], Setting] = read_once) -> bool:
    """Whether the vector's own check says something else than `expected.json`, or fails outright."""
    try:
        report = verify(read(vector), TODAY)
    except (InternalError, RuntimeError, StopIteration):  # a finding that nothing explains is none
        return True
    own = [f for f in vector.expected.get("findings", []) if f["check"] == vector.check]
    verdict = vector.expected["checks"][vector.check]
    return verdicts(report)[vector.check] != verdict or [said(report, f) for f in report.findings] != own


def _by_vectors(read: Callable[[Vector], Setting]) -> Judge:
    def judge(
        check: str, bug: Callable[[pytest.MonkeyPatch], None], patch: pytest.MonkeyPatch, _: Path
    ) -> None:
        only(patch, CHECKS[check])
        bug(patch)
        refused_first = sorted(vectors(check), key=lambda vector: not vector.refused)
        assert any(wrong(vector, read) for vector in refused_first), f"no vector of `{check}` notices"

    return judge


#: Some vector of the check says something else. (Without the bug none does: `test_probes.py`.)
by_vectors = _by_vectors(read_once)
#: The same for a bug in how documents are read.
by_reading = _by_vectors(read_anew)


def by_replay(
    check: str, bug: Callable[[pytest.MonkeyPatch], None], patch: pytest.MonkeyPatch, _: Path
) -> None:
    """A false alarm is loud: the reference semantics, which shares no code with what finds, denies it."""
    only(patch, CHECKS[check])
    bug(patch)
    loud = 0
    for vector in vectors(check):
        if not vector.refused:
            try:
                assert verify(read_once(vector), TODAY).proved, vector.name
            except InternalError as error:
                assert "does not replay" in str(error)
                loud += 1
    assert loud, f"no accepted vector of `{check}` gives a counterexample that does not replay"


def by_step(step: int, changes: Mapping[str, str] | None = None) -> Judge:
    """The workspace of `tests/support/proofs.py` is proved, and the proof refused at this step.

    With `changes` the workspace is a bad one that only the bug lets pass; without, it is the proof alone
    that the bug spoils.
    """

    def judge(
        _: str, bug: Callable[[pytest.MonkeyPatch], None], patch: pytest.MonkeyPatch, root: Path
    ) -> None:
        assert _good(tuple((changes or {}).items())) is (changes is None), "only what is changed is bad"
        bug(patch)
        found = desk(root, changes)
        told = [f.message for f in found.report.findings]
        assert found.report.proved, f"the bug does not let the workspace pass: {told}"
        refused = refused_by(found)
        assert refused == f"step {step}", f"the proof is refused by {refused}"

    return judge


def by_decisions(
    _: str, bug: Callable[[pytest.MonkeyPatch], None], patch: pytest.MonkeyPatch, root: Path
) -> None:
    """The tables decide something otherwise than the reference semantics does."""
    assert _agreed()
    bug(patch)
    assert any(disagreements(desk(root))), "every effect and call is decided as the documents say"


@cache
def _good(changes: tuple[tuple[str, str], ...]) -> bool:
    """Whether the workspace is proved, and the proof believed, without a bug; made once for all probes."""
    with TemporaryDirectory() as folder:
        made = desk(Path(folder), dict(changes))
        return made.report.proved and refused_by(made) is None


@cache
def _agreed() -> bool:
    with TemporaryDirectory() as folder:
        return not any(disagreements(desk(Path(folder))))


def forget_spaces() -> None:
    """For a bug in how patterns are told apart: what was told apart before is kept for the whole process."""
    spaces._answer.cache_clear()
