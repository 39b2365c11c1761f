"""Findings as people see them, whole: golden texts, from documents made here."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_cli.render.findings import finding_block
from capwright_cli.sources import SourceTexts
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.setting import Setting
from capwright_registry.capability import HostPolicy
from capwright_registry.spans import Span
from tests.support.workspaces import PROFILE, load

LEAD = """\
schema = "capwright.profile/1"
name = "注记"
grant = [{ action = "fs.read", on = ["${workspace}/注/**", "/etc/**"] }]
\tok = 1
scope = [
  "a",
  "b",
  "c",
]
"""

CONDITIONAL = (
    PROFILE
    + """
[scope]
allow = [
  { action = "fs.read", on = ["/**"], when = "mode != 'ci' && depth < 3", until = 2027-01-01T00:00:00Z },
]
"""
)

HOST = HostPolicy({}, (), {}, "1.4.0", "built-in", "0" * 64)
CONTEXT = {"approved": False, "depth": 2, "mode": "de\u202esk", "now": 0, "sandboxed": True}
NARROW = Edit(Span("lead.toml", 3, 57, 3, 68), "")


@pytest.fixture(name="setting", scope="module")
def _setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    workspace = load(tmp_path_factory.mktemp("desk"), {"profiles/lead.toml": CONDITIONAL})
    return Setting(workspace, HOST, "none")


def shown(finding: Finding, setting: Setting) -> str:
    sources = SourceTexts(Path("/nowhere"), {"lead.toml": LEAD.encode()})
    return finding_block(finding, setting, sources).plain


def test_everything_that_a_finding_can_say(setting: Setting) -> None:
    finding = Finding(
        "grant-over-scope",
        Verdict.REFUTED,
        "lead/project:acme.notes",
        "`lead` grants `\x1b[2J` more",
        Span("lead.toml", 3, 59, 3, 68),
        (
            Related(Span("lead.toml", 2, 8, 2, 12), "the agent is here"),
            Related(Span("other.toml", 7, 1, 7, 2), "and so is this"),
            Related(Span("lead.toml", 5, 9, 9, 2), "the scope is here"),
        ),
        Counterexample(
            "lead", "project:acme.notes", "fs.read", "/etc/\u200bx", CONTEXT, ("agent:lead", "holder:x")
        ),
        'narrow it to ["${workspace}/注/**"]',
        (NARROW,),
    )
    assert shown(finding, setting) == (
        """\
error[grant-over-scope]: `lead` grants `\\u{1b}[2J` more
 --> lead.toml:3:59
  |
3 | grant = [{ action = "fs.read", on = ["${workspace}/注/**", "/etc/**"] }]
  |                                                            ^^^^^^^^^
 ::: lead.toml:2:8
  |
2 | name = "注记"
  |        ------ the agent is here
 ::: other.toml:7:1 (and so is this)
 ::: lead.toml:5:9
  |
5 | scope = [
  |         -
 ...
9 | ]
  | - the scope is here
  = at: lead/project:acme.notes
  = counterexample: `fs.read:/etc/\\u{200b}x`
  = when: depth=2, mode=de\\u{202e}sk, now=1970-01-01T00:00:00Z
  = chain: agent:lead -> holder:x
help: narrow it to ["${workspace}/注/**"]
 --> lead.toml:3
  |
3 - grant = [{ action = "fs.read", on = ["${workspace}/注/**", "/etc/**"] }]
3 + grant = [{ action = "fs.read", on = ["${workspace}/注/**"] }]"""
    )


def test_one_that_nobody_could_decide(setting: Setting) -> None:
    span = Span("lead.toml", 4, 2, 4, 4)
    finding = Finding("deputy", Verdict.UNKNOWN, "lead", "the solver gave up: timeout", span)
    assert shown(finding, setting) == (
        """\
unknown[deputy]: the solver gave up: timeout
 --> lead.toml:4:2
  |
4 |     ok = 1
  |     ^^
  = at: lead"""
    )


def test_one_about_a_whole_file_or_about_none(setting: Setting) -> None:
    whole = Finding("deputy", Verdict.REFUTED, "lead", "it is missing", Span("lead.toml"))
    assert shown(whole, setting) == "error[deputy]: it is missing\n --> lead.toml\n  = at: lead"
    none = Finding("deputy", Verdict.REFUTED, "lead", "it is missing", Span(""))
    assert shown(none, setting) == "error[deputy]: it is missing\n  = at: lead"


def test_variables_that_no_condition_reads_are_left_out(setting: Setting) -> None:
    example = Counterexample("somebody", None, "fs.read", "/a", CONTEXT, ())
    finding = Finding("deputy", Verdict.REFUTED, "x", "y", Span(""), counterexample=example)
    assert "when" not in shown(finding, setting)
    related = Counterexample("somebody", None, "fs.read", "/a", CONTEXT, ("agent:lead",))
    finding = Finding("deputy", Verdict.REFUTED, "x", "y", Span(""), counterexample=related)
    assert "  = when: depth=2, mode=" in shown(finding, setting)
