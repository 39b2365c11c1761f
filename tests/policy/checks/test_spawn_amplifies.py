"""`spawn-amplifies`: what its vectors cannot say, and random ways down beside the reference semantics."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_policy import reference_spawns
from capwright_policy.compile import compile_graph
from capwright_policy.descents import descents
from capwright_policy.findings import Verdict
from capwright_policy.graph import EdgeKind
from capwright_policy.setting import Setting, find_profile
from tests.support.checking import HOST, allows, check, enable, mended, plugin, profile, request, setting

ID = "spawn-amplifies"
SPAWNING = HOST.replace("allow = [", 'allow = [\n  { action = "agent.spawn", on = ["**"] },')
STARTER = plugin("acme.starter", request("agent.spawn", "**"), request("fs.read", "/**"))
MAILER = plugin("acme.mailer", tools=("send",))
SEND = "project:acme.mailer/send"


def child(name: str, depth: int = 1) -> str:
    return f'[[child]]\nprofile = "{name}"\nmax_depth = {depth}'


def rules(*said: str, default: str = "deny") -> str:
    """Each is the decision on the tool of the mailer, and a condition after a space."""
    entries = []
    for one in said:
        action, _, when = one.partition(" ")
        more = f', when = "{when}"' if when else ""
        entries.append(f'{{ tool = "{SEND}", action = "{action}"{more} }}')
    return f'[permissions]\ndefault = "{default}"\nrules = [{", ".join(entries)}]'


def mailing(tmp_path: Path, lead: str, helper: str, scope: tuple[str, ...] = (), depth: int = 1) -> Setting:
    """Two agents with the mailer; `lead` starts `helper`."""
    has = enable("project:acme.mailer")
    files = {
        "plugins/acme.mailer/plugin.toml": MAILER,
        "profiles/lead.toml": profile("lead", *scope, parts=[lead, has, child("helper", depth)]),
        "profiles/helper.toml": profile("helper", parts=[helper, has]),
    }
    return setting(tmp_path, files)


def starting(tmp_path: Path, *grant: str, helper: str, mine: str = allows("fs.read", "/**")) -> Setting:
    """`lead` has a plugin with `grant`, and the child `helper` with that scope."""
    lead = profile(
        "lead",
        mine,
        allows("agent.spawn", "**"),
        parts=[enable("project:acme.starter", *grant), child("helper")],
    )
    files = {
        "plugins/acme.starter/plugin.toml": STARTER,
        "profiles/lead.toml": lead,
        "profiles/helper.toml": profile("helper", helper),
    }
    return setting(tmp_path, files, host=SPAWNING)


@pytest.mark.parametrize(
    ("lead", "helper", "holds"),
    [
        (("allow",), ("allow",), True),
        (("allow",), ("ask",), True),
        (("ask",), ("allow",), False),
        (("ask",), ("allow approved",), True),  # the same in another form
        (("ask", "allow"), ("ask",), True),
        (("allow mode == 'ci'",), ("allow mode == 'ci'",), True),
        (("allow mode == 'ci'",), ("allow",), False),
        (("allow depth == 0",), ("allow depth == 1",), True),  # the child is one level deeper
        (("allow depth == 0",), ("allow depth == 2",), False),
        (("allow", "deny mode == 'ci'"), ("allow", "deny mode != 'dev'"), True),
        (("allow", "deny mode == 'ci'"), ("allow",), False),
        (("deny",), ("ask",), False),
        ((), (), True),
        ((), ("ask",), False),
    ],
)
def test_a_child_calls_no_tool_more_freely(
    tmp_path: Path, lead: tuple[str, ...], helper: tuple[str, ...], holds: bool
) -> None:
    """Deny beats ask beats allow; ask is allow where approved."""
    result = check(ID, mailing(tmp_path, rules(*lead), rules(*helper)))
    assert result.verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


@pytest.mark.parametrize(("lead", "helper"), list(product(("deny", "ask", "allow"), repeat=2)))
def test_defaults_are_compared_as_rules_are(tmp_path: Path, lead: str, helper: str) -> None:
    freedom = ("deny", "ask", "allow")
    result = check(ID, mailing(tmp_path, rules(default=lead), rules(default=helper)))
    assert (result.verdict is Verdict.PROVED) is (freedom.index(helper) <= freedom.index(lead))


def test_what_the_agent_has_is_not_handed_down_by_its_scope(tmp_path: Path) -> None:
    """`tool.call` in a scope bounds plugins' calls; who must ask for its own tool hands down no more."""
    one = mailing(tmp_path, rules("ask"), rules("allow"), (allows("tool.call", "**"),))
    assert check(ID, one).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("lead", "word"), [("ask", "ask"), ("deny", "deny"), ("allow mode == 'ci'", "deny")])
def test_the_edit_is_the_mildest_rule_that_mends(tmp_path: Path, lead: str, word: str) -> None:
    one = mailing(tmp_path, rules(lead), rules("allow"))
    (finding,) = check(ID, one).findings
    assert f'{{ tool = "{SEND}", action = "{word}" }}' in mended(finding, one, "profiles/helper.toml")


def test_the_edit_writes_the_rules_where_there_are_none(tmp_path: Path) -> None:
    one = mailing(tmp_path, rules("ask"), '[permissions]\ndefault = "allow"')
    (finding,) = check(ID, one).findings
    assert f'rules = [{{ tool = "{SEND}", action = "ask" }}]' in mended(finding, one, "profiles/helper.toml")


@pytest.mark.parametrize(
    ("grant", "helper", "holds"),
    [
        (("/a/**",), "/a/**", True),
        (("/a/**",), "/a/b", True),
        (("/a/**", "/b/**"), "/b/*", True),
        (("/a/*",), "/a/**", False),
        (("/a/**",), "/b", False),
        ((), "/a", False),
    ],
)
def test_a_plugin_starts_nobody_stronger(
    tmp_path: Path, grant: tuple[str, ...], helper: str, holds: bool
) -> None:
    """True narrowings, whatever their form; and no grant is nothing, not everything."""
    reads = [allows("fs.read", *grant)] if grant else []
    one = starting(tmp_path, *reads, allows("agent.spawn", "helper"), helper=allows("fs.read", helper))
    assert check(ID, one).verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


def test_a_child_that_may_do_nothing_is_no_power(tmp_path: Path) -> None:
    one = starting(tmp_path, allows("agent.spawn", "*"), helper="")
    assert check(ID, one).verdict is Verdict.PROVED


@pytest.mark.parametrize("name", ["helpers", "lead", "help"])
def test_who_is_no_child_is_not_started(tmp_path: Path, name: str) -> None:
    one = starting(tmp_path, allows("agent.spawn", name), helper=allows("fs.read", "/**"))
    assert check(ID, one).verdict is Verdict.VACUOUS


def test_the_edit_takes_the_child_out_of_a_pattern(tmp_path: Path) -> None:
    one = starting(tmp_path, allows("agent.spawn", "h*"), helper=allows("fs.read", "/a"))
    (finding,) = check(ID, one).findings
    assert 'except = ["helper"]' in mended(finding, one, "profiles/lead.toml")


def test_the_graph_shows_who_may_start_whom(tmp_path: Path) -> None:
    """An edge from the plugin to the template of its agent."""
    one = starting(tmp_path, allows("agent.spawn", "h*"), helper=allows("fs.read", "/a"))
    edges = {(str(e.source), str(e.target)) for e in compile_graph(one).edges(EdgeKind.SPAWNS)}
    assert edges == {
        ("holder:lead/project:acme.starter", "template:lead/helper"),
        ("agent:lead", "template:lead/helper"),
    }


NAMES = ("a", "b", "c")
TEMPLATES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 4)), max_size=6)


@settings(max_examples=80, deadline=None)
@given(TEMPLATES)
def test_every_way_down_is_there_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, templates: list[tuple[str, str, int]]
) -> None:
    """Who is how many levels below whom, through circles too: as the reference semantics tries them out."""
    files = {
        f"profiles/{name}.toml": profile(name, parts=[child(to, n) for by, to, n in templates if by == name])
        for name in NAMES
    }
    one = setting(tmp_path_factory.mktemp("case"), files)
    for start in NAMES:
        found = {(d.way[-1].name, d.levels) for d in descents(one, find_profile(one, start))}
        tried = {
            (way[-1], len(way))
            for length in range(1, 6)
            for way in product(NAMES, repeat=length)
            if reference_spawns.may_follow(one, (start, *way))
        }
        assert found == tried


WORDS = st.sampled_from(["allow", "ask", "deny", "allow mode == 'ci'", "deny depth > 1", "ask depth < 1"])


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=2), st.lists(WORDS, max_size=2), st.booleans())
def test_rules_as_tried_out(
    tmp_path_factory: pytest.TempPathFactory, lead: list[str], helper: list[str], recursive: bool
) -> None:
    """Beside every context that the rules tell apart; the reference semantics decides each."""
    one = mailing(tmp_path_factory.mktemp("case"), rules(*lead), rules(*helper), depth=1 + recursive)
    broken = any(
        reference_spawns.calls_more(
            one, ("lead", "helper"), SEND, {"mode": mode, "depth": depth, "approved": approved}
        )
        for mode, depth, approved in product(("ci", "dev"), range(1, 5), (True, False))
    )
    assert (check(ID, one).verdict is Verdict.REFUTED) is broken
