"""A verdict about nothing says so."""

from __future__ import annotations

import json

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import Desk
from tests.cli.test_verify import ACCEPT, SPAN_KEYS

WIDE = 'grant = [{ action = "fs.read", on = ["${workspace}/**"]'
NO_PROFILES = """\

note desk (capwright.toml): no profiles in `profiles`: nothing is granted; each `*.toml` in it is a profile; \
`[profiles] path` names another folder

proved: """


def test_a_workspace_of_which_something_was_found_has_no_note(desk: Desk) -> None:
    assert "note" not in desk.run("verify").out


def test_a_folder_without_profiles(desk: Desk) -> None:
    (desk.root / "profiles").rename(desk.root / "profile")
    said = desk.run("verify")
    assert said.status == Exit.YES
    assert NO_PROFILES in said.out
    (note,) = desk.run("verify", "--format", "json").json["notes"]
    assert (note["message"], note["span"]["file"]) == (
        "no profiles in `profiles`: nothing is granted",
        "capwright.toml",
    )
    annotated = desk.run("verify", "--format", "github").out.splitlines()[0]
    assert annotated.startswith("::notice file=capwright.toml,title=nothing-there::desk: no profiles")


def test_a_source_without_plugins(desk: Desk) -> None:
    (desk.root / "more").mkdir()
    text = (desk.root / "capwright.toml").read_text()
    desk.write({"capwright.toml": text + '[[source]]\ntier = "project"\npath = "more"\n'})
    (note,) = desk.run("verify", "--format", "json").json["notes"]
    line = text.count("\n") + 3
    assert (note["message"], note["span"]["start_line"]) == ("no plugins in `more`", line)


def test_a_workspace_without_sources(desk: Desk) -> None:
    text = (desk.root / "capwright.toml").read_text()
    desk.write({"capwright.toml": text.partition("[[source]]")[0]})
    (desk.root / "profiles/lead.toml").unlink()
    notes = desk.run("verify", "--format", "json").json["notes"]
    assert [note["message"] for note in notes] == [
        "no `[[source]]`: there are no plugins",
        "no profiles in `profiles`: nothing is granted",
    ]


class TestNotes:
    """What breaks nothing, and is to be known: an accept of nothing, a grant that no sandbox expresses."""

    @pytest.fixture(autouse=True)
    def _idle(self, desk: Desk) -> None:
        text = (desk.root / "capwright.toml").read_text()
        accept = ACCEPT.replace("grant-over-ceiling", "ambient-process")
        (desk.root / "capwright.toml").write_text(text + accept)

    MESSAGE = "this accept is of nothing: `ambient-process` holds there without it"

    def test_plain(self, desk: Desk) -> None:
        said = desk.run("verify")
        assert said.status == Exit.YES
        assert f"\n\nnote lead/acme.notes (capwright.toml:12:1): {self.MESSAGE}\n\nproved: " in said.out

    def test_json(self, desk: Desk) -> None:
        (note,) = desk.run("verify", "--format", "json").json["notes"]
        assert list(note) == ["note", "subject", "message", "span", "help"]
        assert (note["note"], note["subject"], note["message"]) == (
            "idle-accept",
            "lead/acme.notes",
            self.MESSAGE,
        )
        assert list(note["span"]) == SPAN_KEYS

    def test_github(self, desk: Desk) -> None:
        first = desk.run("verify", "--format", "github").out.splitlines()[0]
        assert first.startswith("::notice file=capwright.toml,line=12,")
        assert first.endswith(f"title=idle-accept::lead/acme.notes: {self.MESSAGE}")

    def test_one_of_what_is_nowhere_is_bad_input(self, desk: Desk) -> None:
        desk.edit("capwright.toml", "lead/acme.notes", "lead/acme.nots")
        said = desk.run("verify")
        assert (said.status, said.out) == (Exit.INPUT, "")
        assert said.err.startswith("error: there is nothing called `lead/acme.nots` here to accept\n")
        assert "help: did you mean `lead/acme.notes`?" in said.err


def test_a_pattern_that_reads_like_a_prefix_is_noted_and_changes_no_verdict(desk: Desk) -> None:
    """It is told in every format, with the likely intention."""
    desk.edit(
        "profiles/lead.toml",
        "[scope]\nallow = [",
        '[scope]\nallow = [{ action = "fs.read", on = ["/srv/v1"] }, '
        '{ action = "fs.read", on = ["/srv/v1evil"] }, ',
    )
    shown = desk.run("verify", "--format", "json")
    assert shown.status == Exit.YES
    (note,) = (n for n in json.loads(shown.out)["notes"] if n["note"] == "doubtful-pattern")
    assert note["span"]["file"] == "profiles/lead.toml"
    assert "`/srv/v1` is that one resource" in note["message"]
    assert "write `/srv/v1/**`" in note["help"]
    assert "note desk (profiles/lead.toml:" in desk.run("verify").out


def test_a_grant_that_is_too_wide_is_warned_of_and_changes_no_verdict(desk: Desk) -> None:
    """In every format, with what to write instead."""
    desk.edit("profiles/lead.toml", 'grant = [{ action = "fs.read", on = ["${workspace}/notes/**"]', WIDE)
    shown = desk.run("verify", "--format", "json")
    assert shown.status == Exit.YES
    (note,) = shown.json["notes"]
    assert (note["note"], note["subject"]) == ("overbroad", "lead/project:acme.notes")
    assert (note["span"]["file"], note["span"]["start_line"]) == ("profiles/lead.toml", 11)
    assert note["help"].startswith('write `on = ["${workspace}/notes/**"]`')
    assert f"note {note['subject']} (profiles/lead.toml:11:" in desk.run("verify").out
    first = desk.run("verify", "--format", "github").out.splitlines()[0]
    assert first.startswith("::notice file=profiles/lead.toml,line=11,")
    assert "title=overbroad::" in first
