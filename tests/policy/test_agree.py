"""The checks and the reference semantics agree on random workspaces; `tests.bench.agree` tries more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from capwright_policy.checks import deputy, inclusion
from capwright_policy.questions import Included
from tests.support.trials import CHECKED, compare

CASES, CHUNK = 60, 10


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_verdicts_agree(first: int, tmp_path: Path) -> None:
    """Each subject is refuted iff some concrete effect in some concrete context breaks the property."""
    wrong = [one for seed in range(first, first + CHUNK) for one in compare(seed, tmp_path / str(seed))[0]]
    assert wrong == []


def test_both_verdicts_are_common(tmp_path: Path) -> None:
    """The generator is no straw man: each check is proved and refuted often enough to be told wrong."""
    counts: Counter[tuple[str, str]] = Counter()
    for seed in range(12):
        counts.update(compare(seed, tmp_path / str(seed))[1])
    for check in CHECKED:
        assert counts[check, "proved"] >= 2, check
        assert counts[check, "refuted"] >= 2, check


def test_a_wrong_proof_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison itself: checks that prove everything disagree with the reference."""
    monkeypatch.setattr(inclusion, "included", lambda *_: Included())
    monkeypatch.setattr(deputy, "_decide", lambda *_: iter(()))
    told = {one.check for seed in range(12) for one in compare(seed, tmp_path / str(seed))[0]}
    assert told >= {"grant-over-scope", "grant-over-ceiling", "delegation-over-parent", "deputy"}
