"""What the host itself says of tools and tiers, whatever a proof says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.runtimes.forging import Body, Scene, host, scene
from tests.support.checking import allows, enable, plugin, profile
from tests.support.workspaces import WORKSPACE

CONTEXT = {"mode": "x", "approved": False, "depth": 0, "now": 0, "sandboxed": True}
POWER = allows("hook.rewrite", "tool.before/project:shell/*")
RULES = plugin(
    "limits",
    kind="declarative",
    tools=(),
    more='[[hook]]\non = "tool.before"\nmatch = "project:shell/*"\npower = "rewrite"\nset = { "/n" = 1 }\n',
)
ABOVE = """\
[permissions]
rules = [
  { tool = "project:shell/*", action = "ask", when = "mode != 'safe'" },
  { tool = "project:shell/erase", action = "deny" },
  { tool = "builtin:shell/list", action = "deny" },
]
"""
OWN = """\
[permissions]
rules = [
  { tool = "project:shell/erase", action = "deny" },
  { tool = "project:shell/list", action = "ask" },
  { tool = "project:shell/run", action = "ask" },
]
"""


@pytest.fixture
def made(tmp_path: Path) -> Scene:
    """A server of the workspace, rules of the workspace, and rules of the user."""
    sources = f'[[source]]\ntier = "user"\npath = "{tmp_path}/host/plugins/user"\n'
    grants = [enable("user:limits", POWER), enable("project:shell"), enable("project:others", POWER)]
    files: dict[str, str | bytes] = {
        "capwright.toml": WORKSPACE + sources,
        "plugins/shell/plugin.toml": plugin("shell", tools=("run", "list", "erase")),
        "plugins/others/plugin.toml": RULES.replace('"limits"', '"others"'),
        "profiles/lead.toml": profile("lead", POWER, parts=[OWN, *grants]),
        "profiles/freer.toml": profile("freer", parts=[re.sub('"(deny|ask)"', '"allow"', OWN)]),
    }
    return scene(tmp_path, files, host(POWER, user=POWER) + ABOVE, {"limits/plugin.toml": RULES})


def test_hooks_of_the_highest_tier_run_last(made: Scene) -> None:
    """In the proof the plugins stand by name, and `project:` is before `user:` for no better reason."""
    assert [*made.admit().plugins] == ["project:others", "project:shell", "user:limits"]


def test_a_tier_is_what_the_host_believes(tmp_path: Path) -> None:
    """A folder of the workspace that calls itself `builtin` does not come after the user's."""
    sources = WORKSPACE.replace('tier = "project"', 'tier = "user"')
    sources += '[[source]]\ntier = "builtin"\npath = "more"\n'
    sources += f'[[source]]\ntier = "user"\npath = "{tmp_path}/host/plugins/user"\n'
    grants = [enable("user:a", POWER), enable("builtin:b", POWER), enable("user:shell")]
    power = POWER.replace("project:shell", "user:shell")
    rules = RULES.replace("project:shell", "user:shell")
    files: dict[str, str | bytes] = {
        "capwright.toml": sources,
        "plugins/shell/plugin.toml": plugin("shell"),
        "more/b/plugin.toml": rules.replace('"limits"', '"b"'),
        "profiles/lead.toml": profile(
            "lead", power, parts=[grant.replace("project:shell", "user:shell") for grant in grants]
        ),
    }
    user = {"a/plugin.toml": rules.replace('"limits"', '"a"')}
    made = scene(tmp_path, files, host(power, user=power), user)
    assert [*made.admit().plugins] == ["builtin:b", "user:shell", "user:a"]


@pytest.mark.parametrize(
    ("tool", "mode", "asks", "allowed"),
    [
        ("run", "x", True, False),
        ("run", "safe", True, False),
        ("list", "x", True, False),
        ("erase", "x", False, False),
        ("nothing", "x", False, False),
    ],
)
def test_both_are_heard(made: Scene, tool: str, mode: str, asks: bool, allowed: bool) -> None:
    found = made.admit().permit(f"project:shell/{tool}", {**CONTEXT, "mode": mode})
    assert (found.ask, found.allowed) == (asks, allowed)


def test_an_approval_counts_for_both(made: Scene) -> None:
    assert made.admit().permit("project:shell/run", {**CONTEXT, "approved": True}).allowed


def free(body: Body) -> None:
    """The forgery: a proof that gives one profile the rules of another, which allow everything."""
    family = next(family for family in body["families"] if "lead" in family["tables"])
    permissions = family["tables"]["lead"]["permissions"]
    for rule in permissions["rules"]:
        rule |= {"action": "allow", "source": "profiles/freer.toml:7:3"}
    permissions["default"] = "allow"


@pytest.mark.parametrize(
    ("tool", "mode", "asks", "allowed"),
    [
        ("run", "x", True, False),
        ("run", "safe", False, True),
        ("list", "x", True, False),
        ("erase", "safe", False, False),
    ],
)
def test_a_proof_that_is_freer_changes_nothing(
    made: Scene, tool: str, mode: str, asks: bool, allowed: bool
) -> None:
    """The host's own rules are not read from the proof."""
    admitted = made.admit(made.forged(free))
    found = admitted.permit(f"project:shell/{tool}", {**CONTEXT, "mode": mode})
    assert (found.ask, found.allowed) == (asks, allowed)


def test_a_condition_that_cannot_be_decided_denies(made: Scene) -> None:
    admitted = made.admit(made.forged(free))
    assert not admitted.permit("project:shell/run", {"approved": True}).allowed
