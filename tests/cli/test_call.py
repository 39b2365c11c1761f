"""`capwright call`: one call of a real component, along the host's path."""

from __future__ import annotations

import io
import json
import sys

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import Desk, Said

ARGUMENTS = '{"path": "${workspace}/notes", "query": "plants"}'


@pytest.fixture(name="proved")
def _proved(desk: Desk) -> Desk:
    assert desk.run("verify").status == Exit.YES
    return desk


def call(desk: Desk, *args: str, arguments: str = ARGUMENTS, tool: str = "acme.notes/search") -> Said:
    return desk.run("call", tool, "--profile", "lead", "--args", arguments, *args)


class TestAnswers:
    def test_the_tool_s_text_and_nothing_else(self, proved: Desk) -> None:
        said = call(proved, "--context", "mode=desk")
        assert (said.status, said.err) == (Exit.YES, "")
        assert json.loads(said.out) == {
            "matches": [{"file": "ROOT/notes/a.md", "line": 1, "text": "water the plants"}]
        }

    def test_whoever_calls_is_a_person_at_a_terminal(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", "mode != 'ci'", "mode == 'interactive' && depth == 0")
        assert desk.run("verify").status == Exit.YES
        assert call(desk).status == Exit.YES
        assert call(desk, "--context", "depth=1").status == Exit.NO

    def test_json(self, proved: Desk) -> None:
        said = call(proved, "--context", "mode=desk", "--format", "json")
        assert list(said.json) == [
            "schema",
            "tool",
            "text",
            "is_error",
            "cut_bytes",
            "annotations",
            "denials",
            "history",
        ]
        assert (said.json["schema"], said.json["tool"]) == ("capwright.call/1", "project:acme.notes/search")

    def test_every_call_is_in_the_history(self, proved: Desk) -> None:
        call(proved, "--context", "mode=desk")
        call(proved, "--context", "mode=ci")
        lines = (proved.root / ".capwright/history/lead.jsonl").read_text().splitlines()
        kinds = [json.loads(line)["record"]["kind"] for line in lines]
        assert {"call", "effect", "result"} <= set(kinds[:-1])
        assert kinds[-1] == "denied"


class TestDenials:
    def test_the_rule_and_its_line(self, proved: Desk) -> None:
        said = call(proved, "--context", "mode=ci")
        assert (said.status, said.out) == (Exit.NO, "")
        assert said.err.startswith("denied[granted]: `fs.read:ROOT/notes` is denied by `granted`: ")
        assert "--> profiles/lead.toml:11:10\n" in said.err
        assert "--context NAME=VALUE" in said.err

    def test_a_variable_that_nobody_gave_fails_closed(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", "mode != 'ci'", "sandboxed || !sandboxed")
        assert desk.run("verify").status == Exit.YES
        assert call(desk).status == Exit.NO
        assert call(desk, "--context", "sandboxed=false").status == Exit.YES

    def test_outside_of_what_is_granted(self, proved: Desk) -> None:
        said = call(proved, "--context", "mode=desk", arguments='{"path": "/etc", "query": "root"}')
        assert said.status == Exit.NO
        assert said.err == (
            "denied[requested]: `fs.read:/etc` is denied by `requested`: no rule of `requested` covers it; "
            "the nearest is at `plugins/acme.notes/plugin.toml:12:1`\n"
            "  --> plugins/acme.notes/plugin.toml:12:1\n"
            "   |\n"
            "12 | [[requires]]\n"
            "   | ^\n"
            "   = help: `capwright explain` says which layers allow it, and what is missing\n"
        )

    def test_the_default_names_the_rule_whose_condition_failed(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", '"allow" }]', """"allow", when = "mode == 'ci'" }]""")
        assert desk.run("verify").status == Exit.YES
        said = call(desk, "--context", "mode=desk")
        assert said.status == Exit.NO
        assert said.err.startswith(
            "denied[permission]: `tool.call:project:acme.notes/search` is denied by `permission`: the "
            "default denies it, since the condition at `profiles/lead.toml:7:10` does not hold\n"
            " --> profiles/lead.toml:7:10\n"
        )
        assert "--context NAME=VALUE" in said.err

    def test_a_root_that_is_none_is_said_to_be(self, proved: Desk) -> None:
        said = call(proved, "--context", "mode=desk", arguments='{"path": "${nope}/x", "query": "x"}')
        assert said.status == Exit.NO
        assert "no root has this name" in said.err

    def test_json(self, proved: Desk) -> None:
        said = call(proved, "--context", "mode=ci", "--format", "json")
        assert said.status == Exit.NO
        assert (said.json["kind"], said.json["code"]) == ("denied", "granted")
        assert said.json["problems"][0]["span"]["file"] == "profiles/lead.toml"

    def test_without_a_proof_nothing_is_called(self, desk: Desk) -> None:
        assert call(desk).err.startswith("refused[no-proof]: ")

    def test_hostile_arguments_are_escaped(self, proved: Desk) -> None:
        hostile = json.dumps({"path": "/\u202ea", "query": "x"})
        said = call(proved, "--context", "mode=desk", arguments=hostile)
        assert said.status == Exit.NO
        assert "/\\u{202e}a" in said.err
        assert "\u202e" not in said.err


class TestWhatIsNotThere:
    """It was granted and is not there: nobody refused it. Outside of a grant nothing tells the two apart."""

    def looked_for(self, desk: Desk, path: str) -> Said:
        return call(desk, "--context", "mode=desk", arguments=json.dumps({"path": path, "query": "x"}))

    def test_within_the_grant_it_is_said_apart_from_a_denial(self, proved: Desk) -> None:
        said = self.looked_for(proved, "${workspace}/notes/none")
        assert "\nnot found: `fs.read:ROOT/notes/none`: there is no such file\n" in said.out
        assert "denied:" not in said.out

    def test_outside_of_it_both_are_denied_alike(self, proved: Desk) -> None:
        told = [self.looked_for(proved, path) for path in ("/etc", "/nowhere", "${workspace}/profiles")]
        assert [(said.status, said.out, said.err.partition(":")[0]) for said in told] == [
            (Exit.NO, "", "denied[requested]")
        ] * 3

    def test_what_is_there_and_cannot_be_read_is_denied(self, proved: Desk) -> None:
        (proved.root / "notes/link").symlink_to("/etc")
        said = self.looked_for(proved, "${workspace}/notes/link")
        assert said.err.startswith("denied[scoped-fs]: ")
        assert "a symbolic link is on the path" in said.err


class TestAsking:
    @pytest.fixture(name="asking")
    def _asking(self, desk: Desk) -> Desk:
        desk.edit("profiles/lead.toml", 'action = "allow" }]', 'action = "ask" }]')
        assert desk.run("verify").status == Exit.YES
        return desk

    def test_nobody_there_means_no(self, asking: Desk) -> None:
        said = call(asking, "--context", "mode=desk")
        assert said.status == Exit.NO
        assert said.err.startswith("denied[approval]: ")
        assert "approve it at a terminal, or with `--yes`" in said.err

    def test_yes_approves(self, asking: Desk) -> None:
        assert call(asking, "--context", "mode=desk", "--yes").status == Exit.YES

    @pytest.mark.parametrize(("answer", "status"), [("y\n", Exit.YES), ("n\n", Exit.NO), ("\n", Exit.NO)])
    def test_a_person_at_a_terminal_is_asked(
        self, asking: Desk, answer: str, status: Exit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal = io.StringIO(answer)
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", terminal)
        said = call(asking, "--context", "mode=desk")
        assert said.status == status
        assert '`project:acme.notes/search` wants to run with {"path": "ROOT/notes"' in said.err

    def test_nobody_answers_any_more(self, asking: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal = io.StringIO("")
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", terminal)
        assert call(asking, "--context", "mode=desk").status == Exit.INTERRUPTED


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ('{"path": "/a", "path": "/b"}', 'the key "path" stands twice'),
            ("[1]", "is no JSON object"),
            ("{", "`--args` is refused at line 1, column 2: not JSON"),
            ('{"a": NaN}', "`NaN` is not JSON"),
            (
                "@nowhere.json",
                "`nowhere.json` cannot be read: no such file or directory\n"
                "  = help: name a file that can be read, as in `--args @arguments.json`",
            ),
            ("@\0", "cannot be read"),
        ],
    )
    def test_arguments_have_one_meaning_or_none(self, proved: Desk, arguments: str, message: str) -> None:
        said = call(proved, arguments=arguments)
        assert (said.status, said.out) == (Exit.INPUT, "")
        assert message in said.err

    def test_arguments_out_of_a_file(self, proved: Desk) -> None:
        proved.write({"in.json": ARGUMENTS})
        assert call(proved, "--context", "mode=desk", arguments="@in.json").status == Exit.YES

    def test_arguments_from_standard_input(self, proved: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ARGUMENTS.encode())))
        assert call(proved, "--context", "mode=desk", arguments="-").status == Exit.YES

    def test_the_workspace_s_own_variables_have_their_types(self, desk: Desk) -> None:
        text = (desk.root / "capwright.toml").read_text()
        desk.write({"capwright.toml": text + '[context.region]\ntype = "enum"\nvalues = ["eu", "us"]\n'})
        desk.edit("profiles/lead.toml", "mode != 'ci'", "region == 'eu'")
        assert desk.run("verify").status == Exit.YES
        assert call(desk, "--context", "region=eu").status == Exit.YES
        assert call(desk, "--context", "region=us").status == Exit.NO
        said = call(desk, "--context", "region=uk")
        assert said.status == Exit.INPUT
        assert "the value does not fit `region`, which is of type `enum`" in said.err

    @pytest.mark.parametrize("tool", ["acme.notes/serch", "project:acme.note/search", "search"])
    def test_an_unknown_tool_is_met_with_the_nearest(self, proved: Desk, tool: str) -> None:
        said = call(proved, tool=tool)
        assert said.status == Exit.INPUT
        assert f"unknown tool `{tool}`" in said.err
        assert "project:acme.notes/search" in said.err
