"""`request-over-grant`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting
from tests.support.checking import (
    HOST,
    allows,
    check,
    enable,
    mended,
    plugin,
    profile,
    report,
    request,
    setting,
)
from tests.support.workspaces import WORKSPACE

ID = "request-over-grant"
LEAD = "profiles/lead.toml"
ENABLE = '[[enable]]\nplugin = "project:acme.notes"'


def desk(tmp_path: Path, asked: str, enabled: str, *scope: str) -> Setting:
    files = {
        "plugins/notes/plugin.toml": plugin("acme.notes", asked),
        LEAD: profile("lead", *(scope or [allows("fs.read", "/**")]), parts=[enabled]),
    }
    return setting(tmp_path, files)


@pytest.mark.parametrize(
    ("asked", "granted", "met"),
    [
        ("", "when = \"mode == 'ci'\"", True),
        ("when = \"mode == 'ci'\"", "when = \"mode != 'ci'\"", False),
        ("when = \"mode == 'ci'\"", "when = \"mode != 'x'\"", True),
        ('when = "depth > 3"', 'when = "depth < 4"', False),
        ("", "until = 2000-01-01", True),
        ("when = \"now > timestamp('2027-01-01T00:00:00Z')\"", "until = 2026-12-01", False),
        ('when = "approved && !approved"', 'when = "false"', True),
    ],
)
def test_some_context_is_enough(tmp_path: Path, asked: str, granted: str, met: bool) -> None:
    """A request is met if it is granted in one context in which it is made; one never made is met."""
    grant = allows("fs.read", "/a", more=granted)
    one = desk(tmp_path, request("fs.read", "/a", more=asked), f"{ENABLE}\ngrant = [{grant}]")
    assert check(ID, one).verdict is (Verdict.PROVED if met else Verdict.REFUTED)


def test_an_exception_of_the_request_is_not_asked_for(tmp_path: Path) -> None:
    asked = request("fs.read", "/a/**", more='except = ["/a/b/**"]')
    grant = allows("fs.read", "/a/**", more='except = ["/a/b/**"]')
    assert check(ID, desk(tmp_path, asked, f"{ENABLE}\ngrant = [{grant}]")).verdict is Verdict.PROVED


def test_the_counterexample_is_the_shortest_that_is_missing(tmp_path: Path) -> None:
    one = desk(
        tmp_path, request("fs.read", "/a/**"), f"{ENABLE}\ngrant = [{allows('fs.read', '/a', '/a/*')}]"
    )
    found = check(ID, one).findings[0].counterexample
    assert found is not None
    assert found.resource.count("/") == 3


@pytest.mark.parametrize(
    "enabled",
    [
        ENABLE,
        f"{ENABLE}\ngrant = []",
        f"{ENABLE}\ngrant = [\n]",
        f"{ENABLE}\ngrant = [{allows('fs.read', '/b')}]",
        f"{ENABLE}\ngrant = [\n  {allows('fs.read', '/b')}, # with a comma\n]",
        f"{ENABLE}\ngrant = [\n  {allows('fs.read', '/b')} # without\n]",
    ],
)
def test_the_edit_grants_it_however_the_list_is_written(tmp_path: Path, enabled: str) -> None:
    one = desk(tmp_path, request("fs.read", "/a"), enabled)
    (finding,) = check(ID, one).findings
    text = mended(finding, one, LEAD)
    assert allows("fs.read", "/a") in text
    again = setting(
        tmp_path / "again",
        {"plugins/notes/plugin.toml": plugin("acme.notes", request("fs.read", "/a")), LEAD: text},
    )
    assert check(ID, again).verdict is Verdict.PROVED


def test_grants_with_headers_of_their_own_are_left_to_the_reader(tmp_path: Path) -> None:
    tables = f'{ENABLE}\n[[enable.grant]]\naction = "fs.read"\non = ["/b"]'
    (finding,) = check(ID, desk(tmp_path, request("fs.read", "/a"), tables)).findings
    assert finding.edits == ()
    assert finding.help.startswith("grant it in the profile of `lead`")


def test_no_grant_is_proposed_over_the_scope(tmp_path: Path) -> None:
    (finding,) = check(ID, desk(tmp_path, request("fs.read", "/a"), ENABLE, allows("fs.read", "/b"))).findings
    assert finding.edits == ()
    assert finding.help == "mark it `optional` in the manifest: the scope of `lead` does not allow it either"


#: What a grant is held against, and what one more grant could break.
ALL = (ID, "grant-over-scope", "grant-over-ceiling", "policy-write", "deputy", "unmediated-effect")


def mended_whole(one: Setting, tmp_path: Path, host: str = HOST) -> tuple[str, list[str]]:
    """The profile after the edits of the one finding, and the checks that do not hold then."""
    (finding,) = [f for f in report(one, *ALL).findings if f.check == ID]
    assert finding.edits, finding.help
    text = mended(finding, one, LEAD)
    root = one.workspace.root
    names = [str(path.relative_to(root)) for path in root.rglob("*.toml")]
    again = setting(tmp_path / "again", {name: (root / name).read_text() for name in names}, host=host)
    return text, [f.check for f in report(again, *ALL).findings]


NARROW = allows("fs.read", "/a/b/**", more='except = ["**/.env"]')


@pytest.mark.parametrize("granted", ["", "grant = []", f"grant = [{NARROW}]"])
def test_a_forgotten_or_narrow_grant_gets_one_with_the_exceptions_of_the_scope(
    tmp_path: Path, granted: str
) -> None:
    scope = allows("fs.read", "/**", more='except = ["**/.env", "/a/private/**", "/b/private/**"]')
    one = desk(tmp_path, request("fs.read", "/a/**"), f"{ENABLE}\n{granted}", scope)
    text, left = mended_whole(one, tmp_path)
    assert allows("fs.read", "/a/**", more='except = ["**/.env", "/a/private/**"]') in text
    assert left == []


def test_the_ceilings_exceptions_and_every_scope_count_too(tmp_path: Path) -> None:
    host = HOST.replace('on = ["/**"] },', 'on = ["/**"], except = ["**/.host"] },', 1)
    within = allows("fs.read", "/**", more='except = ["**/.ceiling"]')
    ceiling = f"[ceiling.project]\nallow = [{within}]\n"
    files = {
        "capwright.toml": WORKSPACE + ceiling,
        "plugins/notes/plugin.toml": plugin("acme.notes", request("fs.read", "/a/**")),
        "profiles/base.toml": profile("base", allows("fs.read", "/**", more='except = ["**/.base"]')),
        LEAD: profile("lead", allows("fs.read", "/**", more='except = ["**/.env"]'), parts=[ENABLE]).replace(
            'name = "lead"', 'name = "lead"\nextends = "base"'
        ),
    }
    text, left = mended_whole(setting(tmp_path, files, host=host), tmp_path, host)
    assert all(f'"**/.{name}"' in text for name in ("env", "base", "ceiling", "host"))
    assert left == []


@pytest.mark.parametrize(
    ("asked", "scope", "more"),
    [
        ("", "when = \"mode != 'ci'\"", "when = \"mode != 'ci'\""),
        ("", "until = 2028-01-01", "until = 2028-01-01T00:00:00Z"),
        ('when = "depth < 3"', 'when = "approved"', 'when = "(depth < 3) && (approved)"'),
    ],
)
def test_the_guard_of_the_scope_comes_with_it(tmp_path: Path, asked: str, scope: str, more: str) -> None:
    one = desk(tmp_path, request("fs.read", "/a", more=asked), ENABLE, allows("fs.read", "/**", more=scope))
    text, left = mended_whole(one, tmp_path)
    assert allows("fs.read", "/a", more=more) in text
    assert left == []


def test_what_the_scope_excepts_whole_is_not_granted_as_nothing(tmp_path: Path) -> None:
    """A grant of nothing would satisfy the check, and nobody else."""
    scope = allows("fs.read", "/**", more='except = ["/a/**"]')
    (finding,) = check(ID, desk(tmp_path, request("fs.read", "/a/b/**"), ENABLE, scope)).findings
    assert finding.edits == ()
    assert finding.help == (
        "mark it `optional` in the manifest: the scope of `lead` leaves all of it out by its exceptions"
    )


def test_one_pattern_of_two_that_is_excepted_whole_is_left_to_the_reader(tmp_path: Path) -> None:
    scope = allows("fs.read", "/**", more='except = ["/a/**"]')
    (finding,) = check(ID, desk(tmp_path, request("fs.read", "/a", "/b"), ENABLE, scope)).findings
    assert finding.edits == ()
    assert finding.help.startswith("grant it in the profile of `lead` as far as its scope and the ceilings")


def test_a_condition_that_never_meets_the_scopes_bars_it(tmp_path: Path) -> None:
    asked = request("fs.read", "/a", more="when = \"mode == 'ci'\"")
    scope = allows("fs.read", "/**", more="when = \"mode != 'ci'\"")
    (finding,) = check(ID, desk(tmp_path, asked, ENABLE, scope)).findings
    assert finding.help.endswith("the scope of `lead` does not allow it either")


HOOK = '[[hook]]\non = "tool.before"\nmatch = "project:acme.notes/*"\npower = "deny"\nmessage = "no"'
HOOK_HOST = HOST.replace("allow = [", 'allow = [{ action = "hook.deny", on = ["tool.before/**"] },')


@pytest.mark.parametrize(
    ("scope", "help_"),
    [
        (allows("hook.deny", "tool.before/**"), "grant it in the profile of `lead`"),
        (
            allows("fs.read", "/**"),
            "take the hook out of the manifest: the scope of `lead` does not allow it either",
        ),
    ],
)
def test_a_hook_is_not_told_to_be_optional(tmp_path: Path, scope: str, help_: str) -> None:
    files = {
        "plugins/notes/plugin.toml": plugin("acme.notes", kind="declarative", tools=(), more=HOOK),
        LEAD: profile("lead", scope, parts=[ENABLE]),
    }
    (finding,) = check(ID, setting(tmp_path, files, host=HOOK_HOST)).findings
    assert finding.help == help_


def test_no_grant_is_offered_that_breaks_another_check(tmp_path: Path) -> None:
    """To call the other's tool is to cause what it may do: granting the call alone would end in `deputy`."""
    files = {
        "plugins/notes/plugin.toml": plugin("acme.notes", request("tool.call", "project:acme.git/log")),
        "plugins/git/plugin.toml": plugin("acme.git", request("fs.read", "/repo/**"), tools=("log",)),
        LEAD: profile(
            "lead",
            allows("tool.call", "project:**"),
            allows("fs.read", "/**"),
            parts=[ENABLE, enable("project:acme.git", allows("fs.read", "/repo/**"))],
        ),
    }
    (finding,) = check(ID, setting(tmp_path, files)).findings
    assert finding.edits == ()
    assert finding.help == (
        "grant it in the profile of `lead`, with what `deputy` will then ask for, or mark it `optional` "
        "in the manifest"
    )
