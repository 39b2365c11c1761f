"""Of a context only that is shown which a condition on the scenario's way reads."""

from __future__ import annotations

import pytest

from capwright_cli.render.scenario import relevant_context
from capwright_policy.findings import Counterexample
from capwright_policy.setting import Setting
from tests.support.checking import allows, enable, plugin, profile, request, setting

CONTEXT = {"approved": False, "depth": 1, "mode": "x", "now": 0, "sandboxed": True}
NOTES, GIT = "project:acme.notes", "project:acme.git"


@pytest.fixture(name="desk", scope="module")
def _desk(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    """Each variable is read in one place: by a scope, another action, another resource, two plugins."""
    lead = profile(
        "lead",
        allows("fs.read", "/a/**", more='when = "depth > 0"'),
        allows("fs.write", "/a/**", more='when = "approved"'),
        allows("fs.read", "/b/**", more="until = 2030-01-01"),
        parts=[
            enable(NOTES, allows("fs.read", "/a/**", more="when = \"mode != 'ci'\"")),
            enable(GIT, allows("fs.read", "/a/**", more='when = "sandboxed"')),
        ],
    )
    files = {
        "plugins/notes/plugin.toml": plugin("acme.notes", request("fs.read", "/a/**")),
        "plugins/git/plugin.toml": plugin("acme.git", request("fs.read", "/a/**"), tools=("log",)),
        "profiles/lead.toml": lead,
    }
    return setting(tmp_path_factory.mktemp("scenario"), files)


@pytest.mark.parametrize(
    ("plugin", "action", "resource", "chain", "shown"),
    [
        (None, "fs.read", "/a/x", ("agent:lead",), {"depth"}),
        (None, "fs.write", "/a/x", ("agent:lead",), {"approved"}),
        (None, "fs.read", "/b", ("agent:lead",), {"now"}),
        (None, "fs.read", "/c", ("agent:lead",), set()),
        (NOTES, "fs.read", "/a/x", ("agent:lead", f"holder:lead/{NOTES}"), {"depth", "mode"}),
        (GIT, "fs.read", "/a/x", (f"lead/{GIT}",), {"depth", "sandboxed"}),
        (
            NOTES,
            "fs.read",
            "/a/x",
            (f"holder:lead/{NOTES}", f"tool:lead/{GIT}/log", "effect:fs.read"),
            {"depth", "mode", "sandboxed"},
        ),
    ],
)
def test_what_matters(
    desk: Setting, plugin: str | None, action: str, resource: str, chain: tuple[str, ...], shown: set[str]
) -> None:
    found = Counterexample("lead", plugin, action, resource, CONTEXT, chain)
    assert relevant_context(desk, found) == {name: CONTEXT[name] for name in shown}


def test_without_a_context_there_is_nothing_to_show(desk: Setting) -> None:
    assert relevant_context(desk, Counterexample("lead", NOTES, "fs.read", "", {}, ())) == {}
