"""A limit that no mediator keeps is refused, wherever it stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from capwright_policy.setting import Setting
from capwright_policy.verify import verify
from capwright_registry.errors import InputError
from capwright_registry.host_policy import load_host_policy
from tests.support.workspaces import PROFILE, load

LIMITED = """
[scope]
allow = [{ action = "fs.read", on = ["${workspace}/a/**"], limits = { calls = 3 } }]
"""


def test_a_limit_on_calls_is_refused_at_its_place(tmp_path: Path) -> None:
    """`refuse_unenforced`: a limit that is not kept allows more."""
    workspace = load(tmp_path, {"profiles/lead.toml": PROFILE + LIMITED})
    setting = Setting(workspace, load_host_policy(workspace.root, {}), "none")
    with pytest.raises(InputError) as raised:
        verify(setting, date(2026, 11, 23))
    assert [str(p.span) for p in raised.value.problems] == ["profiles/lead.toml:5:10"]
    assert "`calls` of `fs.read` is not enforced" in raised.value.problems[0].message
