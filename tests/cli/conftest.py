"""The desk that the command line's tests work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Desk, desk_in


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A workspace that is proved as it stands."""
    return desk_in(tmp_path, capsys, monkeypatch)
