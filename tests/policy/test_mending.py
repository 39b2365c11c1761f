"""A suggested change lets exactly the effect through, and says what no change here could."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.explain import Answer
from capwright_policy.mending import Mend, mends
from capwright_policy.setting import Setting
from tests.policy.explain_desk import FILES, LEAD, NOTES, explained, setting_of
from tests.support.edits import apply_edits

SRC = "fs.read:${workspace}/src/a[1]*.py"


def mended(setting: Setting, text: str, plugin: str | None = NOTES) -> dict[str, Mend]:
    found = mends(setting, explained(setting, text, plugin))
    return {mend.layer: mend for mend in found}


def test_all_changes_together_let_the_effect_through_and_nothing_beside_it(tmp_path: Path) -> None:
    files = dict(FILES)
    files["plugins/acme.notes/plugin.toml"] = files["plugins/acme.notes/plugin.toml"].replace(
        '"${workspace}/docs/*.md"]', '"${workspace}/docs/*.md", "${workspace}/src/**"]'
    )
    setting = setting_of(tmp_path / "desk", files)
    found = mended(setting, SRC)
    assert list(found) == ["granted", "scope"]
    apply_edits(setting.workspace.root, [edit for mend in found.values() for edit in mend.edits])
    after = setting_of(tmp_path / "desk", {})
    assert explained(after, SRC).answer is Answer.ALLOWED
    assert explained(after, "fs.read:${workspace}/src/a1x.py").answer is Answer.DENIED
    assert explained(after, "fs.read:${workspace}/src/a").answer is Answer.DENIED


@pytest.mark.parametrize(
    ("text", "layer", "words"),
    [
        (
            "fs.read:${workspace}/src/a",
            "requested",
            "with a `[[requires]]` in `plugins/acme.notes/plugin.toml`",
        ),
        ("fs.read:/etc/passwd", "host", "whoever keeps the host policy"),
        ("fs.read:/etc/passwd", "ceiling", "to the ceiling of tier `project`, in `capwright.toml`"),
        ("fs.write:${workspace}/out/a.exe", "granted", "`except` leaves it out with `**/*.exe`"),
    ],
)
def test_each_layer_is_told_what_is_its_to_change(tmp_path: Path, text: str, layer: str, words: str) -> None:
    assert words in mended(setting_of(tmp_path / "desk"), text)[layer].help


def test_the_second_scope_is_the_extended_profile_s(tmp_path: Path) -> None:
    setting = setting_of(tmp_path / "desk")
    (mend,) = mends(setting, explained(setting, "fs.read:${workspace}/src/a", None))
    assert [edit.span.file for edit in mend.edits] == ["profiles/base.toml"]


def test_what_stands_above_gets_no_edit(tmp_path: Path) -> None:
    found = mended(setting_of(tmp_path / "desk"), "fs.read:/etc/passwd")
    assert found["host"].edits == ()
    assert found["ceiling"].edits


def test_a_list_that_is_not_there_gets_words_and_no_edit(tmp_path: Path) -> None:
    head, _, _ = LEAD.partition("grant = [")
    setting = setting_of(tmp_path / "desk", {**FILES, "profiles/lead.toml": head})
    mend = mended(setting, "fs.read:${workspace}/notes/a")["granted"]
    assert (mend.help, mend.edits) == (
        "grant `fs.read` on `${workspace}/notes/a`, in `profiles/lead.toml`",
        (),
    )


@pytest.mark.parametrize("text", ["process.exec:...", "process.exec:ls '...'", "process.exec:ls '*'"])
def test_nothing_wider_than_the_effect_is_ever_suggested(tmp_path: Path, text: str) -> None:
    setting = setting_of(tmp_path / "desk")
    for mend in mended(setting, text).values():
        for edit in mend.edits:
            assert "..." not in edit.text
            assert "'*'" in edit.text


CALL = "tool.call:project:acme.notes/search"
RULE = '  { tool = "project:acme.notes/*", action = "ask", when = "mode != \'ci\'" },\n'


def test_a_rule_for_a_call_is_suggested_where_none_denies_it(tmp_path: Path) -> None:
    lead = LEAD.replace(RULE, "").replace('"project:acme.notes/search"', '"project:acme.git/*"')
    setting = setting_of(tmp_path / "desk", {**FILES, "profiles/lead.toml": lead})
    told = mended(setting, CALL, None)["permission"].help
    assert '`{ tool = "project:acme.notes/search", action = "allow" }`' in told


def test_a_rule_that_denies_a_call_is_named(tmp_path: Path) -> None:
    lead = LEAD.replace('action = "deny", when = "region == \'us\'"', 'action = "deny"')
    setting = setting_of(tmp_path / "desk", {**FILES, "profiles/lead.toml": lead})
    told = mended(setting, CALL, None)["permission"].help
    assert told.startswith("the rule at `profiles/lead.toml:13:3` denies it")
