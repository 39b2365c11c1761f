"""`fail-open-hook`: what its vectors cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise, product
from pathlib import Path
from random import Random

import pytest

from capwright_policy import reference_guards
from capwright_policy.findings import Verdict
from capwright_policy.guarding import GUARDS
from capwright_policy.setting import Setting, find_holder, find_profile
from capwright_registry.vocabulary import HOOK_EVENTS
from tests.support.checking import allows, check, enable, marked, plugin, profile, request, setting

ID = "fail-open-hook"
HOST = """\
schema = "capwright.host/1"
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[ceiling.project]
allow = [
  { action = "env.read", on = ["**"] },
  { action = "tool.call", on = ["**"] },
  { action = "hook.deny", on = ["**"] },
  { action = "hook.ask", on = ["**"] },
]
"""
SCOPE = [allows(action, "**") for action in ("env.read", "tool.call", "hook.deny", "hook.ask")]
ALLOWED = '[permissions]\ndefault = "allow"'
TOOLS = enable("project:tools", allows("env.read", "A"))


def hook(
    more: str = "", *, power: str = "deny", event: str = "tool.before", match: str = "project:**"
) -> str:
    return f'[[hook]]\non = "{event}"\npower = "{power}"\nmatch = "{match}"\nmessage = "no"\n{more}\n'


def guard(more: str = "", *, power: str = "deny", on: str = "**") -> str:
    return enable("project:guard", allows(f"hook.{power}", on, more=more))


def when(condition: str) -> str:
    return f'when = "{condition}"' if condition else ""


def desk(tmp_path: Path, hooks: str, agents: Mapping[str, list[str]], *, tools: str = "run") -> Setting:
    """A plugin `guard` with these hooks, a server `tools`, and agents; each has the parts of its profile."""
    files = {
        "plugins/guard/plugin.toml": plugin("guard", kind="declarative", tools=(), more=hooks),
        "plugins/tools/plugin.toml": plugin("tools", request("env.read", "**"), tools=tools.split()),
    }
    files |= {f"profiles/{name}.toml": profile(name, *SCOPE, parts=parts) for name, parts in agents.items()}
    return setting(tmp_path, files, host=HOST)


def child(*names: str) -> str:
    return "\n".join(f'[[child]]\nprofile = "{name}"' for name in names)


@pytest.mark.parametrize(("power", "event"), [*product(GUARDS, HOOK_EVENTS)])
def test_events_at_which_the_host_listens(tmp_path: Path, power: str, event: str) -> None:
    """A deny before and after a tool, an ask before it; what else was declared would never be heard."""
    one = desk(tmp_path, hook(power=power, event=event), {"lead": [ALLOWED, guard(power=power), TOOLS]})
    assert (check(ID, one).verdict is Verdict.PROVED) is (event in GUARDS[power])


@pytest.mark.parametrize("depth", [1, 2, 3, 7])
def test_agents_below_at_any_depth(tmp_path: Path, depth: int) -> None:
    """Those between may lack the tool and the guard; the chain of the counterexample names each of them."""
    names = [f"a{number}" for number in range(depth + 1)]
    agents = {name: [ALLOWED, child(below)] for name, below in pairwise(names)}
    agents[names[0]] = [ALLOWED, guard(), TOOLS, child(names[1])]
    agents[names[-1]] = [ALLOWED, TOOLS]
    (finding,) = check(ID, desk(tmp_path, hook(), agents)).findings
    assert finding.counterexample is not None
    between = [f"agent:{name}" for name in names]
    assert finding.counterexample.chain == (
        "hook:a0/project:guard#0",
        *between,
        f"tool:{names[-1]}/project:tools/run",
    )


def test_circles_of_children_end(tmp_path: Path) -> None:
    agents = {
        "lead": [ALLOWED, guard(), TOOLS, child("lead", "helper")],
        "helper": [ALLOWED, guard(), TOOLS, child("lead", "helper")],
    }
    assert check(ID, desk(tmp_path, hook(), agents)).verdict is Verdict.PROVED


def test_agents_beside_are_not_below(tmp_path: Path) -> None:
    agents = {"lead": [ALLOWED, guard(), TOOLS], "other": [ALLOWED, TOOLS, child("lead")]}
    assert check(ID, desk(tmp_path, hook(), agents)).verdict is Verdict.PROVED


@pytest.mark.parametrize("power", ["observe", "annotate"])
def test_what_does_not_protect_may_be_missing(tmp_path: Path, power: str) -> None:
    agents = {"lead": [ALLOWED, enable("project:guard"), TOOLS, child("helper")], "helper": [ALLOWED, TOOLS]}
    assert check(ID, desk(tmp_path, hook(power=power), agents)).verdict is Verdict.VACUOUS


@pytest.mark.parametrize("condition", ["depth == 0", "depth < 3 && mode == 'x'"])
def test_a_guard_that_depends_on_depth_counts_as_always_there(tmp_path: Path, condition: str) -> None:
    """The child is one deeper: that its parent's guard does not hold at that depth is no excuse."""
    agents = {"lead": [ALLOWED, guard(), TOOLS, child("helper")], "helper": [ALLOWED, TOOLS]}
    (finding,) = check(ID, desk(tmp_path, hook(when(condition)), agents)).findings
    assert finding.counterexample is not None
    assert finding.counterexample.agent == "helper"


def test_another_guard_is_no_substitute(tmp_path: Path) -> None:
    """Each hook is held to its own plugin: two that deny may deny for different reasons."""
    hooks = hook('name = "one"', match="project:tools/run") + hook('name = "two"', match="project:tools/list")
    agents = {
        "lead": [ALLOWED, guard(), TOOLS, child("helper")],
        "helper": [ALLOWED, guard(on="tool.before/project:tools/run"), TOOLS],
    }
    (finding,) = check(ID, desk(tmp_path, hooks, agents, tools="run list")).findings
    assert "the hook `two`" in finding.message


def test_the_grant_that_ends_is_marked(tmp_path: Path) -> None:
    one = desk(tmp_path, hook(), {"lead": [ALLOWED, guard("until = 2027-01-01"), TOOLS]})
    (finding,) = check(ID, one).findings
    assert marked(finding.span, one) == '{ action = "hook.deny", on = ["**"], until = 2027-01-01 }'
    assert "without condition and end" in finding.help


def test_the_child_is_marked_where_it_enables_the_tool(tmp_path: Path) -> None:
    agents = {"lead": [ALLOWED, guard(), TOOLS, child("helper")], "helper": [ALLOWED, TOOLS]}
    (finding,) = check(ID, desk(tmp_path, hook(), agents)).findings
    assert (finding.span.file, finding.subject) == ("profiles/helper.toml", "lead/project:guard")
    assert "enable `project:guard` in `helper`" in finding.help


CONDITIONS = ("", "", "mode == 'ci'", "mode != 'ci'", "approved", "!approved", "mode == 'ci' || approved")
EVENTS = ("tool.before", "tool.after")
RESOURCES = tuple(f"{event}/project:tools/{tool}" for event, tool in product(EVENTS, ("run", "list")))


def _random_desk(seed: int, folder: Path) -> Setting:
    """Two agents, one below the other, with hooks, powers, conditions and rules drawn by lot."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    power = random.choice(("deny", "ask"))
    event = random.choice(EVENTS)
    match = random.choice(("project:**", "project:tools/run"))
    hooks = hook(when(random.choice(CONDITIONS)), power=power, event=event, match=match)

    def agent(share: float, *more: str) -> list[str]:
        words = [random.choice(("allow", "allow", "ask", "deny")) for _ in range(2)]
        rule = (
            f'{{ tool = "project:tools/run", action = "{words[1]}", {when(random.choice(CONDITIONS[2:]))} }}'
        )
        parts = [f'[permissions]\ndefault = "{words[0]}"\nrules = [{rule}]', TOOLS]
        on = random.choice(("**", "**", *RESOURCES))
        mine = guard(when(random.choice(CONDITIONS)), power=power, on=on)
        return [*parts, *([mine] if random.random() < share else []), *more]

    agents = {"lead": agent(1, child("helper")), "helper": agent(0.7)}
    return desk(folder, hooks, agents, tools="run list")


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_the_solver_and_the_reference_agree(tmp_path: Path, start: int) -> None:
    """Every call in every context, tried out: one goes unguarded exactly where the check says so."""
    told = set()
    for seed in range(start, start + 20):
        one = _random_desk(seed, tmp_path / str(seed))
        lead = find_holder(one, "lead", "project:guard")
        found = [f for f in check(ID, one).findings if f.subject == lead.subject]
        contexts = [
            {"mode": mode, "approved": approved, "depth": 0, "now": 0, "sandboxed": False}
            for mode, approved in product(("ci", "other"), (True, False))
        ]
        for name in ("lead", "helper"):
            agent = find_profile(one, name)
            tried = any(
                reference_guards.unguarded(one, lead, lead.plugin.hooks[0], agent, resource, context)
                for resource in RESOURCES
                for context in contexts
            )
            said = any(f.counterexample is not None and f.counterexample.agent == name for f in found)
            assert said is tried, (seed, name)
            told.add(said)
    assert told == {True, False}
