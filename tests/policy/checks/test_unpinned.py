"""`unpinned`: what its vectors cannot say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.setting import Setting
from tests.support.checking import HOST, allows, check, enable, marked, plugin, profile, setting
from tests.support.pinning import pinned, pins_of

ID = "unpinned"
LEAD, MANIFEST, PINS = "profiles/lead.toml", "plugins/p/plugin.toml", "plugins/p/pins.json"
SERVER = pinned(plugin("p"))


def desk(tmp_path: Path, *parts: str, manifest: str = SERVER, host: str = HOST) -> Setting:
    """A pinned server, enabled by one agent, whose profile has further parts."""
    files: dict[str, str | bytes] = {
        MANIFEST: manifest,
        PINS: pins_of(SERVER),
        LEAD: profile("lead", parts=[*parts, enable("project:p")]),
    }
    return setting(tmp_path, files, host=host)


def decided(tmp_path: Path, *parts: str, manifest: str = SERVER) -> CheckResult:
    return check(ID, desk(tmp_path, *parts, manifest=manifest))


def rule(tool: str, action: str) -> str:
    return f'[permissions]\nrules = [{{ tool = "{tool}", action = "{action}" }}]'


@pytest.mark.parametrize(
    ("tool", "action", "found"),
    [
        ("project:p/run", "allow", 0),
        ("project:p/erase", "allow", 1),
        ("project:p/erase", "ask", 1),
        ("project:p/erase", "deny", 0),
        ("project:p/er*", "allow", 0),
        ("project:*/erase", "allow", 0),
        ("project:other/erase", "allow", 0),
        ("project:p", "allow", 0),
    ],
)
def test_rules(tmp_path: Path, tool: str, action: str, found: int) -> None:
    """A rule that names one tool outright counts on it; one that denies it does not."""
    assert len(decided(tmp_path, rule(tool, action)).findings) == found


@pytest.mark.parametrize(
    ("grant", "found"),
    [
        (allows("tool.call", "project:p/erase"), 1),
        (allows("tool.call", "project:p/run", "project:p/erase"), 1),
        (allows("tool.call", "project:p/*", more='except = ["project:p/erase"]'), 0),
        (allows("env.read", "project:p/erase"), 0),
    ],
)
def test_grants(tmp_path: Path, grant: str, found: int) -> None:
    """What a grant leaves out is not named by it; a name of something else is no tool."""
    files: dict[str, str | bytes] = {
        MANIFEST: SERVER,
        PINS: pins_of(SERVER),
        "plugins/q/plugin.toml": plugin("q", kind="declarative", tools=()),
        LEAD: profile("lead", grant, parts=[enable("project:p"), enable("project:q", grant)]),
    }
    assert len(check(ID, setting(tmp_path, files)).findings) == found


def test_a_rule_that_is_inherited_counts(tmp_path: Path) -> None:
    """`extends` takes over the rules of another profile, and with them what they name."""
    files: dict[str, str | bytes] = {
        MANIFEST: SERVER,
        PINS: pins_of(SERVER),
        LEAD: profile("lead", parts=[rule("project:p/erase", "allow")]),
        "profiles/other.toml": profile("other", parts=[enable("project:p")]).replace(
            "[scope]", 'extends = "lead"\n[scope]'
        ),
    }
    one = setting(tmp_path, files)
    (finding,) = check(ID, one).findings
    assert (finding.subject, finding.span.file) == ("other/project:p/erase", LEAD)


def test_without_pins_their_tools_are_not_told_one_by_one(tmp_path: Path) -> None:
    result = decided(tmp_path, manifest=plugin("p", tools=("a", "b", "c")))
    (finding,) = result.findings
    assert finding.message.startswith("`project:p` has no pins: its tools are whatever the server says")
    assert finding.help == (
        "run `capwright pin --plugin p`, review the file, and name it by `pins` under `[runtime]`"
    )


def test_each_package_is_told_where_it_is_named(tmp_path: Path) -> None:
    command = '["uvx", "--with", "extra", "mail"]'
    one = desk(tmp_path, manifest=SERVER.replace('["server"]', command))
    found = check(ID, one).findings
    assert [marked(finding.span, one) for finding in found] == ['"extra"', '"mail"']
    assert found[1].message == "`uvx` starts `mail` in whatever version is published when it runs"
    assert found[1].help == "name what was reviewed, as in `NAME==1.2.3`, and pin the server again"


@pytest.mark.parametrize(
    ("host", "verdict"),
    [(HOST, Verdict.REFUTED), (HOST + '[accepted]\nproject = ["unpinned"]\n', Verdict.PROVED)],
)
def test_the_host_says_who_may_accept_it(tmp_path: Path, host: str, verdict: Verdict) -> None:
    accept = '[[accept]]\nfinding = "unpinned"\nat = "p"\nreason = "ours"\nuntil = 2027-01-01\n'
    one = desk(tmp_path, manifest=SERVER.replace('["server"]', '["npx", "mail"]'), host=host)
    capwright = one.workspace.root / "capwright.toml"
    capwright.write_text(capwright.read_text() + accept)
    names = ("capwright.toml", MANIFEST, PINS, LEAD)
    again = {name: (one.workspace.root / name).read_bytes() for name in names}
    assert check(ID, setting(tmp_path / "again", again, host=host)).verdict is verdict


def test_other_kinds_have_nothing_to_pin(tmp_path: Path) -> None:
    files = {
        MANIFEST: plugin("p", kind="declarative", tools=()),
        LEAD: profile("lead", parts=[enable("project:p")]),
    }
    assert check(ID, setting(tmp_path, files)).verdict is Verdict.VACUOUS


@pytest.mark.parametrize(
    "command",
    [
        ["npx", "m\u0430il@1.2.3"],
        ["uvx", "-wmail", "a==1"],
        ["docker", "run", "-ie", "A", "mail"],
        ["env", "-S", "npx mail"],
        ["cmd", "/c", "npx mail"],
        ["sh", "-c", "npx mail''@latest"],
        ["sh", "-c", 'npx "mail@1.2.3 || 2"'],
        ["sh", "-c", "X=`npx mail`"],
        ["uvx", "--from="],
    ],
    ids=" ".join,
)
def test_a_finding_replays_however_the_command_is_written(tmp_path: Path, command: list[str]) -> None:
    """A counterexample that did not replay would be an error, and not a finding."""
    words = ", ".join(json.dumps(word) for word in command)
    manifest = SERVER.replace('command = ["server"]', f"command = [{words}]")
    assert manifest != SERVER
    one = desk(tmp_path, manifest=manifest)
    (finding,) = check(ID, one).findings
    assert finding.verdict is Verdict.REFUTED
    assert "in whatever version is published" in finding.message
