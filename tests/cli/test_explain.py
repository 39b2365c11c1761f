"""`capwright explain`: each layer with its rule or its nearest miss, and what would have to change."""

from __future__ import annotations

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import Desk, Said

ALLOWED = """\
allowed: `lead/project:acme.notes` may cause `fs.read:ROOT/notes/a.md`, with mode=desk
  requested  allowed     `${workspace}/notes/**` at plugins/acme.notes/plugin.toml:14:7
  granted    allowed     `${workspace}/notes/**` at profiles/lead.toml:11:38 while `mode != 'ci'`
  scope      allowed     `${workspace}/**` at profiles/lead.toml:4:38
  host       allowed     `${workspace}/**` at HOST:8:31
note: `search` causes it only on what its argument `/path` names
"""

EXCEPTED = """\
denied: `lead/project:acme.notes` may not cause `fs.read:ROOT/notes/.env`
  requested  allowed     `${workspace}/notes/**` at plugins/acme.notes/plugin.toml:14:7
  granted    denied      left out by `except` with `**/.env` at profiles/lead.toml:11:74
  scope      denied      left out by `except` with `**/.env` at profiles/lead.toml:4:68
  host       allowed     `${workspace}/**` at HOST:8:31
  --> profiles/lead.toml:11:74
   |
11 | grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env"], when = "mode != 'ci'" }]
   |                                                                          ^^^^^^^^^
   = chain: plugin:project:acme.notes -> requested (plugins/acme.notes/plugin.toml:14:7) -> granted (missing, nearest at profiles/lead.toml:11:74)
help (granted): `except` leaves it out with `**/.env`; remove that if it is meant
help (scope): `except` leaves it out with `**/.env`; remove that if it is meant
"""  # noqa: E501 - as it is shown

OUTSIDE = """\
denied: `lead/project:acme.notes` may not cause `fs.read:ROOT/nots/a.md`
  requested  denied      no rule covers it; the nearest is `${workspace}/notes/**` at \
plugins/acme.notes/plugin.toml:14:7
  granted    denied      no rule covers it; the nearest is `${workspace}/notes/**` at profiles/lead.toml:11:38
  scope      allowed     `${workspace}/**` at profiles/lead.toml:4:38
  host       allowed     `${workspace}/**` at HOST:8:31
  --> plugins/acme.notes/plugin.toml:14:7
   |
14 | on = ["${workspace}/notes/**"]
   |       ^^^^^^^^^^^^^^^^^^^^^^^
   = chain: plugin:project:acme.notes -> requested (missing, nearest at plugins/acme.notes/plugin.toml:14:7)
help (requested): ask for `fs.read` on `${workspace}/nots/a.md` with a `[[requires]]` in \
`plugins/acme.notes/plugin.toml`
help (granted): grant `fs.read` on `${workspace}/nots/a.md`, in `profiles/lead.toml`
  --> profiles/lead.toml:11
   |
11 - grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env"], when = "mode != 'ci'" }]
11 + grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env"], when = "mode != 'ci'" }, \
{ action = "fs.read", on = ["${workspace}/nots/a.md"] }]
"""  # noqa: E501 - as it is shown

NOTES = ("--profile", "lead", "--plugin", "acme.notes")


def explain(desk: Desk, *args: str) -> Said:
    said = desk.run("explain", *args)
    host = str(desk.root.parent / "host.toml")
    return Said(said.status, said.out.replace(host, "HOST"), said.err.replace(host, "HOST"))


@pytest.mark.parametrize(
    ("effect", "context", "status", "shown"),
    [
        ("fs.read:${workspace}/notes/a.md", ("--context", "mode=desk"), Exit.YES, ALLOWED),
        ("fs.read:${workspace}/notes/.env", (), Exit.NO, EXCEPTED),
        ("fs.read:${workspace}/notes/../nots/./a.md", (), Exit.NO, OUTSIDE),
    ],
)
def test_the_answer_layer_by_layer(
    desk: Desk, effect: str, context: tuple[str, ...], status: Exit, shown: str
) -> None:
    assert explain(desk, *NOTES, effect, *context) == Said(status, shown, "")


def test_an_answer_that_hangs_on_the_context_says_on_what(desk: Desk) -> None:
    said = explain(desk, *NOTES, "fs.read:${workspace}/notes/a.md")
    first, *_, example, _ = said.out.splitlines()
    assert said.status == Exit.YES
    assert first.startswith("allowed only when `mode != 'ci'`: ")
    assert example.startswith("for example with mode=")


def test_a_context_that_rules_it_out_denies(desk: Desk) -> None:
    said = explain(desk, *NOTES, "fs.read:${workspace}/notes/a.md", "--context", "mode=ci")
    assert said.status == Exit.NO
    assert "\n  granted    denied      `${workspace}/notes/**` at profiles/lead.toml:11:38 while " in said.out
    assert "help (granted): it holds only while `mode != 'ci'`\n" in said.out


def test_the_agent_itself_has_its_scope(desk: Desk) -> None:
    said = explain(desk, "--profile", "lead", "fs.read:${workspace}/b.md")
    assert said == Said(
        Exit.YES,
        "allowed: `lead` may cause `fs.read:ROOT/b.md`\n"
        "  scope      allowed     `${workspace}/**` at profiles/lead.toml:4:38\n",
        "",
    )


def test_the_agent_s_calls_follow_its_permissions(desk: Desk) -> None:
    said = explain(desk, "--profile", "lead", "tool.call:project:acme.notes/search")
    assert said == Said(
        Exit.YES,
        "allowed: `lead` may cause `tool.call:project:acme.notes/search`\n"
        "  enabled    allowed     `project:acme.notes/search` at plugins/acme.notes/plugin.toml:8:1\n"
        "  permission allowed     `project:acme.notes/*` at profiles/lead.toml:7:10\n",
        "",
    )


def test_a_grant_that_has_ended_allows_nothing_now(desk: Desk) -> None:
    desk.edit("profiles/lead.toml", "when = \"mode != 'ci'\"", "until = 2020-01-01T00:00:00Z")
    effect = "fs.read:${workspace}/notes/a.md"
    assert explain(desk, *NOTES, effect).status == Exit.NO
    assert explain(desk, *NOTES, effect, "--context", "now=2019-06-01T00:00:00Z").status == Exit.YES


@pytest.mark.parametrize(
    ("args", "message", "help_"),
    [
        (("fs.rad:/a",), "unknown action `fs.rad`", "did you mean `fs.read`?"),
        (("fs.read",), "`fs.read` needs a resource", "write `fs.read:RESOURCE`"),
        (("fs.read:notes/a",), "the path is relative", "did you mean `fs.read:ROOT/notes/a`?"),
        (("fs.read:${workspce}/a",), "unknown root `workspce`", ""),
        (("net.connect:a.com",), "the port is missing", "did you mean `net.connect:a.com:443`?"),
        (("fs.read:/a", "--context", "mod=ci"), "no context variable is named `mod`", "mean `mode`?"),
        (
            ("fs.read:/a", "--context", "depth=-1"),
            "the value does not fit `depth`",
            "a whole number, 0 or more",
        ),
        (("fs.read:/a", "--context", "mode"), "`mode` is no `NAME=VALUE`", "`--context mode=ci`"),
    ],
)
def test_what_cannot_be_read_is_met_with_what_was_meant(
    desk: Desk, args: tuple[str, ...], message: str, help_: str
) -> None:
    said = explain(desk, *NOTES, *args)
    assert (said.status, said.out) == (Exit.INPUT, "")
    assert message in said.err
    assert help_ in said.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--profile", "led"), "unknown profile `led`\n  = help: did you mean `lead`?"),
        (("--profile", "lead", "--plugin", "acme.note"), "unknown plugin `acme.note`"),
    ],
)
def test_an_unknown_name_is_met_with_the_nearest(desk: Desk, args: tuple[str, ...], message: str) -> None:
    said = explain(desk, *args, "fs.read:/a")
    assert (said.status, said.out) == (Exit.INPUT, "")
    assert message in said.err


def test_a_plugin_that_is_not_enabled_is_said_to_be(desk: Desk) -> None:
    desk.write({"profiles/other.toml": 'schema = "capwright.profile/1"\nname = "other"\n'})
    said = explain(desk, "--profile", "other", "--plugin", "acme.notes", "fs.read:/a")
    assert said.status == Exit.NO
    assert "the profile `other` does not enable `project:acme.notes`" in said.err


def test_json(desk: Desk) -> None:
    said = desk.run("explain", *NOTES, "fs.read:${workspace}/nots/a", "--format", "json")
    assert said.status == Exit.NO
    assert list(said.json) == [
        "schema",
        "answer",
        "agent",
        "plugin",
        "action",
        "resource",
        "given",
        "witness",
        "reason",
        "layers",
        "chain",
        "mends",
        "caveats",
    ]
    assert (said.json["schema"], said.json["answer"]) == ("capwright.explanation/1", "denied")
    requested, _, scope, _ = said.json["layers"]
    assert list(requested) == ["name", "answer", "rules", "nearest", "note"]
    assert list(requested["nearest"]) == ["kind", "text", "span"]
    assert list(scope["rules"][0]) == ["word", "pattern", "when", "span"]
    assert [list(mend) for mend in said.json["mends"]] == [["layer", "help", "edits"]] * 2


def test_json_of_an_allowance_has_its_witness_as_it_can_be_given(desk: Desk) -> None:
    effect = "fs.read:${workspace}/notes/a"
    witness = desk.run("explain", *NOTES, effect, "--format", "json").json["witness"]
    given = [f"--context={name}={value}" for name, value in witness.items()]
    assert given
    assert desk.run("explain", *NOTES, effect, *given, "--format", "json").json["answer"] == "allowed"


def test_it_needs_no_proof_and_leaves_none(desk: Desk) -> None:
    desk.edit("profiles/lead.toml", ', except = ["**/.env"], when', ", when")
    assert explain(desk, *NOTES, "fs.read:${workspace}/notes/a").status == Exit.YES
    assert not desk.proof.exists()


def test_hostile_resources_are_escaped(desk: Desk) -> None:
    said = explain(desk, *NOTES, "fs.read:/\u202ea")
    assert said.status == Exit.NO
    assert "fs.read:/\\u{202e}a" in said.out
    assert "\u202e" not in said.out
