"""`toxic-flow`: what its vectors cannot say, and the formula against the reference semantics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from random import Random

import pytest

from capwright_policy import reference_flow
from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.setting import Setting
from tests.support.checking import allows, check, enable, plugin, profile, request, setting
from tests.support.workspaces import WORKSPACE

ID = "toxic-flow"
LABELS = {
    "files": ("private_data",),
    "web": ("untrusted_content",),
    "mail": ("public_sink",),
    "disk": ("changes_state",),
    "clock": (),
}
TRIFECTA = 'rules = ["trifecta"]'
BOTH = 'rules = ["trifecta", "rule-of-two"]'


def labelled(labels: Mapping[str, Sequence[str]] = LABELS) -> str:
    entries = []
    for name, words in labels.items():
        listed = ", ".join(f'"{word}"' for word in words)
        entries.append(f'[[flow.label]]\ntool = "project:{name}/*"\nlabels = [{listed}]')
    return "\n".join(entries)


def agent(name: str, rules: Mapping[str, str], *, children: Sequence[str] = (), more: str = "") -> str:
    """A profile that may call the tools of these plugins, each by the keys of a permission rule."""
    listed = ", ".join(f'{{ tool = "project:{p}/*", {rule} }}' for p, rule in rules.items())
    scope = (allows("fs.read", "/**"), allows("fs.write", "/**"), allows("tool.call", "project:**"))
    parts = [f"[permissions]\nrules = [{listed}]\n{more}", *(enable(f"project:{p}") for p in LABELS)]
    parts += [f'[[child]]\nprofile = "{child}"\nmax_depth = 3' for child in children]
    return profile(name, *scope, parts=parts)


ALLOW = 'action = "allow"'


def desk(
    tmp_path: Path, profiles: Mapping[str, str], flow: str = TRIFECTA, labels: str | None = None
) -> Setting:
    files: dict[str, str | bytes] = {
        "capwright.toml": f"{WORKSPACE}\n[flow]\n{flow}\n{labelled() if labels is None else labels}\n",
        **{f"plugins/{name}/plugin.toml": plugin(name) for name in LABELS},
        **{f"profiles/{name}.toml": text for name, text in profiles.items()},
    }
    return setting(tmp_path, files)


def subjects(result: CheckResult) -> list[str]:
    assert all(f.verdict is Verdict.REFUTED for f in result.findings)
    return [f.subject for f in result.findings]


def test_without_rules_there_is_nothing_to_hold(tmp_path: Path) -> None:
    one = setting(tmp_path, {"profiles/lead.toml": profile("lead")})
    assert check(ID, one).verdict is Verdict.VACUOUS


def test_two_of_three_are_no_trifecta(tmp_path: Path) -> None:
    for missing in ("files", "web", "mail"):
        rules = {name: ALLOW for name in ("files", "web", "mail", "disk", "clock") if name != missing}
        one = desk(tmp_path / missing, {"lead": agent("lead", rules)})
        assert check(ID, one).verdict is Verdict.PROVED


def test_a_trifecta_split_over_parent_and_child_is_found(tmp_path: Path) -> None:
    profiles = {
        "lead": agent("lead", {"files": ALLOW, "mail": ALLOW}, children=["reader"]),
        "reader": agent("reader", {"web": ALLOW}),
    }
    result = check(ID, desk(tmp_path, profiles))
    assert subjects(result) == ["trifecta/lead"]
    found = result.findings[0].counterexample
    assert found is not None
    assert found.chain == (
        *("agent:lead", "tool:lead/project:files/run"),
        *("agent:lead", "agent:reader", "tool:reader/project:web/run"),
        *("agent:lead", "tool:lead/project:mail/run", "flow:trifecta"),
    )


@pytest.mark.parametrize("depth", [1, 2, 5, 9])
def test_a_trifecta_is_found_over_any_number_of_levels(tmp_path: Path, depth: int) -> None:
    names = ["lead", *(f"a{n}" for n in range(1, depth + 1))]
    profiles = {
        name: agent(
            name,
            {"files": ALLOW}
            if name == "lead"
            else {"web": ALLOW, "mail": ALLOW}
            if name == names[-1]
            else {},
            children=names[n + 1 : n + 2],
        ).replace("max_depth = 3", f"max_depth = {depth}")
        for n, name in enumerate(names)
    }
    assert subjects(check(ID, desk(tmp_path, profiles))) == ["trifecta/lead"]


def test_three_tools_without_labels_are_not_proven(tmp_path: Path) -> None:
    """ "a tool without labels carries all of them, and that counts in the exit status" (design, G9)."""
    one = desk(tmp_path, {"lead": agent("lead", {"clock": ALLOW})}, labels="")
    result = check(ID, one)
    assert subjects(result) == ["trifecta/lead"]
    assert "no label, so all of them" in result.findings[0].message
    assert result.findings[0].help == "say under `[[flow.label]]` what `project:clock/run` brings"


def test_a_second_entry_adds_and_takes_nothing_away(tmp_path: Path) -> None:
    more = labelled() + '\n[[flow.label]]\ntool = "project:**"\nlabels = []\n'
    rules = {"files": ALLOW, "web": ALLOW, "mail": ALLOW}
    assert subjects(check(ID, desk(tmp_path, {"lead": agent("lead", rules)}, labels=more)))


def test_conditions_that_never_meet_join_nothing(tmp_path: Path) -> None:
    rules = {
        "files": f"{ALLOW}, when = \"mode == 'ci'\"",
        "web": f"{ALLOW}, when = \"mode != 'ci'\"",
        "mail": ALLOW,
    }
    assert check(ID, desk(tmp_path / "a", {"lead": agent("lead", rules)})).verdict is Verdict.PROVED
    rules["web"] = f'{ALLOW}, when = "depth == 2"'
    result = check(ID, desk(tmp_path / "b", {"lead": agent("lead", rules)}))
    assert result.findings[0].counterexample is not None
    assert result.findings[0].counterexample.context["depth"] == 2


def test_a_child_is_one_level_below(tmp_path: Path) -> None:
    rules = {"files": f'{ALLOW}, when = "depth == 0"', "mail": ALLOW}
    for depth, holds in (("0", True), ("1", False), ("2", True)):
        profiles = {
            "lead": agent("lead", rules, children=["reader"]),
            "reader": agent("reader", {"web": f'{ALLOW}, when = "depth == {depth}"'}),
        }
        assert (check(ID, desk(tmp_path / depth, profiles)).verdict is Verdict.PROVED) is holds


def test_asking_breaks_the_way_only_where_it_is_said_to(tmp_path: Path) -> None:
    rules = {"files": ALLOW, "web": ALLOW, "mail": 'action = "ask"'}
    profiles = {"lead": agent("lead", rules)}
    result = check(ID, desk(tmp_path / "a", profiles))
    assert result.findings[0].counterexample is not None
    assert result.findings[0].counterexample.context["approved"] is True
    broken = desk(tmp_path / "b", profiles, f'{TRIFECTA}\nbreaks = ["ask"]')
    assert check(ID, broken).verdict is Verdict.PROVED


def test_the_rule_of_two_counts_changes_as_well(tmp_path: Path) -> None:
    rules = {"files": ALLOW, "web": ALLOW, "disk": ALLOW}
    assert subjects(check(ID, desk(tmp_path, {"lead": agent("lead", rules)}, BOTH))) == ["rule-of-two/lead"]


def test_a_tool_that_calls_another_brings_what_that_brings(tmp_path: Path) -> None:
    call = allows("tool.call", "project:mail/run")
    one = agent("lead", {"files": ALLOW, "web": ALLOW}).replace(
        enable("project:web"), enable("project:web", call)
    )
    files: dict[str, str | bytes] = {
        "capwright.toml": f"{WORKSPACE}\n[flow]\n{TRIFECTA}\n{labelled()}\n",
        **{f"plugins/{name}/plugin.toml": plugin(name) for name in LABELS},
        "plugins/web/plugin.toml": plugin("web", request("tool.call", "project:mail/run")),
        "profiles/lead.toml": one,
    }
    result = check(ID, setting(tmp_path, files))
    found = result.findings[0].counterexample
    assert found is not None
    assert found.chain[-3:] == ("tool:lead/project:web/run", "tool:lead/project:mail/run", "flow:trifecta")


def shared(tmp_path: Path, written: str, read: str) -> Setting:
    """Two agents that nobody spawns from one another; the one writes files and the other reads them."""
    clerk = agent("clerk", {"web": ALLOW, "files": ALLOW}).replace(
        enable("project:disk"), enable("project:disk", allows("fs.write", written))
    )
    lead = agent("lead", {"files": ALLOW, "mail": ALLOW}).replace(
        enable("project:clock"), enable("project:clock", allows("fs.read", read))
    )
    files: dict[str, str | bytes] = {
        "capwright.toml": f"{WORKSPACE}\n[flow]\n{TRIFECTA}\n{labelled()}\n",
        **{f"plugins/{name}/plugin.toml": plugin(name) for name in LABELS},
        "plugins/disk/plugin.toml": plugin("disk", request("fs.write", "/**")),
        "plugins/clock/plugin.toml": plugin("clock", request("fs.read", "/**")),
        "profiles/lead.toml": lead,
        "profiles/clerk.toml": clerk,
    }
    return setting(tmp_path, files)


def test_what_another_agent_leaves_in_a_file_counts(tmp_path: Path) -> None:
    result = check(ID, shared(tmp_path, "/notes/**", "/notes/*.md"))
    assert subjects(result) == ["trifecta/lead"]
    found = result.findings[0].counterexample
    assert found is not None
    assert "file:/notes/.md" in found.chain


def test_files_that_the_two_do_not_share_join_nothing(tmp_path: Path) -> None:
    assert check(ID, shared(tmp_path, "/notes/**", "/docs/**")).verdict is Verdict.PROVED


CONDITIONS = (None, "mode == 'x'", "mode != 'x'", "depth > 0", "depth == 1", "approved")


def random_rules(random: Random) -> dict[str, str]:
    rules = {}
    for name in random.sample([*LABELS], random.randint(0, 4)):
        when = random.choice(CONDITIONS)
        word = random.choice(["allow", "allow", "ask", "deny"])
        rules[name] = f'action = "{word}"' + (f', when = "{when}"' if when else "")
    return rules


@pytest.mark.parametrize("seed", range(60))
def test_the_formula_agrees_with_trying_every_context(tmp_path: Path, seed: int) -> None:
    """The reference semantics, tried in each context that the conditions tell apart, says the same."""
    random = Random(seed)  # noqa: S311 - cases, no secrets
    names = ["lead", "mid", "low"]
    profiles = {}
    for number, name in enumerate(names):
        default = random.choice(["", 'default = "ask"', 'default = "allow"'])
        below = [names[number + 1]] if number < 2 and random.random() < 0.8 else []
        below += ["lead"] if number == 2 and random.random() < 0.3 else []
        profiles[name] = agent(name, random_rules(random), children=below, more=default)
    flow = BOTH + ('\nbreaks = ["ask"]' if random.random() < 0.5 else "")
    one = desk(tmp_path, profiles, flow)
    refuted = set(subjects(check(ID, one)))
    spaces = product(("x", "interactive"), range(4), (True, False))
    contexts = [{"mode": m, "depth": d, "approved": a, "now": 0, "sandboxed": True} for m, d, a in spaces]
    for rule, name in product(("trifecta", "rule-of-two"), names):
        tried = any(reference_flow.joins(one, rule, name, context, ()) for context in contexts)
        assert (f"{rule}/{name}" in refuted) is tried, (rule, name)
