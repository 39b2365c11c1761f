"""A verdict about nothing says so."""

from __future__ import annotations

from capwright_cli.exits import Exit
from tests.cli.desk import Desk

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
