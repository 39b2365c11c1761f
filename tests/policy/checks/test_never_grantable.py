"""`never-grantable`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting
from capwright_registry.vocabulary import NEVER_GRANTABLE
from tests.support.checking import HOST, allows, check, enable, marked, plugin, profile, setting
from tests.support.workspaces import WORKSPACE

ID = "never-grantable"
LEAD = "profiles/lead.toml"


@pytest.mark.parametrize("action", sorted(NEVER_GRANTABLE))
def test_each_action_is_refused_with_its_reason(tmp_path: Path, action: str) -> None:
    one = setting(tmp_path, {LEAD: profile("lead", allows(action, "**"))})
    (finding,) = check(ID, one).findings
    assert finding.message == f"`{action}` is never grantable: {NEVER_GRANTABLE[action]}"
    assert marked(finding.span, one) == allows(action, "**")
    assert finding.counterexample is not None
    assert finding.counterexample.effect == f"{action}:**"


def test_the_effect_is_on_what_was_written(tmp_path: Path) -> None:
    """As text: what these resources are is nowhere said. A tool's declaration has none at all."""
    tool = plugin("p", tools=['name = "run"\neffects = [{ action = "context.inject" }]'])
    files = {LEAD: profile("lead", allows("policy.write", "/x", "not/a/path")), "plugins/p/plugin.toml": tool}
    found = [f.counterexample for f in check(ID, setting(tmp_path, files)).findings]
    assert [example.effect for example in found if example] == ["context.inject", "policy.write:/x"]


def test_once_where_it_is_written(tmp_path: Path) -> None:
    """A scope that is delegable too, because nothing else is said, is told once; an own list on its own."""
    bad = allows("scope.change", "**")
    out = setting(tmp_path / "out", {LEAD: profile("lead", bad)})
    assert len(check(ID, out).findings) == 1
    own = setting(tmp_path / "own", {LEAD: profile("lead", bad, delegable=[bad])})
    assert len(check(ID, own).findings) == 2


def test_an_extended_profile_tells_its_own(tmp_path: Path) -> None:
    base = profile("base", allows("scope.change", "**"))
    lead = profile("lead").replace('name = "lead"', 'name = "lead"\nextends = "base"')
    one = setting(tmp_path, {"profiles/base.toml": base, LEAD: lead})
    assert [finding.subject for finding in check(ID, one).findings] == ["base"]


def test_a_plugin_that_nobody_enables_is_refused_too(tmp_path: Path) -> None:
    tool = 'name = "run"\neffects = [{ action = "context.inject" }]'
    one = setting(tmp_path, {"plugins/p/plugin.toml": plugin("p", tools=[tool])})
    (finding,) = check(ID, one).findings
    assert (finding.subject, marked(finding.span, one)) == ("project:p", '{ action = "context.inject" }')


def test_no_condition_and_no_end_makes_it_grantable(tmp_path: Path) -> None:
    for number, more in enumerate(('when = "false"', "until = 2000-01-01", "optional = true")):
        one = setting(tmp_path / str(number), {LEAD: profile("lead", allows("policy.write", "a", more=more))})
        assert check(ID, one).verdict is Verdict.REFUTED


def test_the_host_policy_has_none_either(tmp_path: Path) -> None:
    host = HOST.replace("allow = [\n", f"allow = [\n  {allows('history.rewrite', '**')},\n")
    one = setting(tmp_path, {}, host=host)
    (finding,) = check(ID, one).findings
    assert (finding.subject, finding.span.file) == ("host.project", str(tmp_path / "host.toml"))


def at_every_place(tmp_path: Path) -> Setting:
    bad = allows("memory.write", "**")
    lend = allows("memory.write", "**", more='to = "project:q"')
    asks = 'action = "memory.write"\non = ["**"]'
    tool = 'name = "run"\neffects = [{ action = "memory.write" }]'
    files = {
        "capwright.toml": f"{WORKSPACE}[ceiling.project]\nallow = [{bad}]\n",
        "plugins/p/plugin.toml": plugin("p", asks, tools=[tool]),
        "plugins/q/plugin.toml": plugin("q"),
        LEAD: profile("lead", bad, delegable=[bad], parts=[enable("project:p", bad, lend=[lend])]),
    }
    return setting(tmp_path, files, host=HOST.replace("allow = [\n", f"allow = [\n  {bad},\n"))


def test_every_place_that_names_an_action_is_read(tmp_path: Path) -> None:
    found = check(ID, at_every_place(tmp_path)).findings
    assert [finding.subject for finding in found] == [
        *("project:p", "project:p"),
        *("lead", "lead"),
        *("lead/project:p", "lead/project:p"),
        "ceiling.project",
        "host.project",
    ]
