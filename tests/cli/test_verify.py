"""`capwright verify`: what it says in each format, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from capwright_cli import proof_file
from capwright_cli.exits import Exit
from capwright_runtimes import gate
from tests.cli.desk import ARTIFACT, Desk, process
from tests.support.proofs import parsed

CHECK_KEYS = ["check", "title", "verdict", "obligations"]
FINDING_KEYS = [
    "check",
    "verdict",
    "subject",
    "message",
    "span",
    "related",
    "counterexample",
    "help",
    "edits",
]
SPAN_KEYS = ["file", "start_line", "start_column", "end_line", "end_column"]


def widen(desk: Desk) -> None:
    """Grant more than the scope leaves."""
    desk.edit("profiles/lead.toml", ', except = ["**/.env"], when', ", when")


#: The parts of a finding that the command line makes; the words between them are the check's own.
WIDER = (
    """
  --> profiles/lead.toml:11:38
   |
11 | grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], when = "mode != 'ci'" }]
   |                                      ^^^^^^^^^^^^^^^^^^^^^^^
""",
    """
   = at: lead/project:acme.notes
   = counterexample: `fs.read:ROOT/notes/.env`
   = when: mode=""",
    """
   = chain: agent:lead -> holder:lead/project:acme.notes
help: """,
    """
  --> profiles/lead.toml:11
   |
11 - grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], when = "mode != 'ci'" }]
11 + grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env"], when = """
    """"mode != 'ci'" }]

refuted: 1 finding in 1 check, no proof written
""",
)


class TestProved:
    def test_one_line_a_check_and_the_proof_where_the_gate_looks(self, desk: Desk) -> None:
        said = desk.run("verify")
        assert (said.status, said.err) == (Exit.YES, "")
        *checks, empty, outcome = said.out.splitlines()
        assert empty == ""
        names = [line.split()[1] for line in checks]
        assert names == sorted(names)
        assert "grant-over-scope" in names
        assert {line.split()[0] for line in checks} == {"proved", "vacuous"}
        obligations = sum(int(line.split()[2]) for line in checks)
        assert outcome == (
            f"proved: {len(checks)} checks, {obligations} obligations, proof written to .capwright/proof.json"
        )
        proof = parsed(desk.proof.read_bytes())
        assert [check["id"] for check in proof["checks"]] == names
        assert sum(check["obligations"] for check in proof["checks"]) == obligations

    def test_the_folder_or_the_document_may_be_named(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir("/")
        assert desk.run("verify", str(desk.root)).status == Exit.YES
        assert desk.run("verify", str(desk.root / "capwright.toml")).status == Exit.YES

    def test_json(self, desk: Desk) -> None:
        said = desk.run("verify", "--format", "json").json
        assert list(said) == [
            "schema",
            "verdict",
            "proof",
            "older_proof",
            "checks",
            "findings",
            "accepted",
            "notes",
        ]
        assert (said["schema"], said["verdict"]) == ("capwright.verification/1", "proved")
        assert (said["proof"], said["findings"], said["accepted"]) == ("ROOT/.capwright/proof.json", [], [])
        assert all(list(check) == CHECK_KEYS for check in said["checks"])

    def test_github(self, desk: Desk) -> None:
        said = desk.run("verify", "--format", "github")
        assert said.status == Exit.YES
        assert said.out.startswith("proved: ")

    def test_nothing_is_left_beside_the_proof(self, desk: Desk) -> None:
        desk.run("verify")
        desk.run("verify")
        assert [path.name for path in desk.proof.parent.iterdir()] == ["proof.json"]

    @pytest.mark.usefixtures("desk")
    def test_the_real_process_ends_alike(self) -> None:
        done = process("verify")
        assert (done.returncode, done.stderr) == (Exit.YES, "")
        assert done.stdout.splitlines()[-1].startswith("proved: ")


class TestWhatItTakes:
    #: Felt at the start of every run, and needed by none that proves: the servers' SDK, the gate, a terminal.
    NEEDLESS = ("mcp", "mcp_types", "capwright_runtimes.gate", "rich.console")

    @pytest.mark.usefixtures("desk")
    def test_it_imports_nothing_that_it_does_not_need(self) -> None:
        code = (
            "import json, sys; from capwright_cli.main import run; status = run(['verify']);"
            f"print(json.dumps([status, [m for m in {self.NEEDLESS!r} if m in sys.modules]]))"
        )
        assert json.loads(process(code=code).stdout.splitlines()[-1]) == [Exit.YES, []]

    def test_it_writes_where_the_gate_reads(self) -> None:
        assert proof_file.PROOF_PATH == gate.PROOF_PATH


class TestRefuted:
    def test_a_finding_with_its_lines_its_scenario_and_its_edit(self, desk: Desk) -> None:
        widen(desk)
        said = desk.run("verify")
        assert (said.status, said.err) == (Exit.NO, "")
        assert "\n\nerror[grant-over-scope]: " in said.out
        assert [said.out.count(part) for part in WIDER] == [1] * len(WIDER)
        assert not desk.proof.exists()

    def test_the_edit_of_the_finding_is_what_makes_it_go_away(self, desk: Desk) -> None:
        widen(desk)
        (finding,) = desk.run("verify", "--format", "json").json["findings"]
        (edit,) = finding["edits"]
        lines = (desk.root / edit["file"]).read_text().split("\n")
        assert edit["start_line"] == edit["end_line"]
        line = lines[edit["start_line"] - 1]
        before, after = line[: edit["start_column"] - 1], line[edit["end_column"] - 1 :]
        lines[edit["start_line"] - 1] = before + edit["text"] + after
        (desk.root / edit["file"]).write_text("\n".join(lines))
        assert desk.run("verify").status == Exit.YES

    def test_json_names_every_place_and_every_value(self, desk: Desk) -> None:
        widen(desk)
        said = desk.run("verify", "--format", "json")
        assert said.status == Exit.NO
        assert (said.json["verdict"], said.json["proof"], said.json["older_proof"]) == (
            "refuted",
            None,
            "none",
        )
        (finding,) = said.json["findings"]
        assert list(finding) == FINDING_KEYS
        assert list(finding["span"]) == SPAN_KEYS
        assert list(finding["edits"][0]) == [*SPAN_KEYS, "text"]
        assert list(finding["related"][0]) == ["label", "span"]
        assert finding["span"] == {
            "file": "profiles/lead.toml",
            "start_line": 11,
            "start_column": 38,
            "end_line": 11,
            "end_column": 61,
        }
        example = finding["counterexample"]
        assert list(example) == ["agent", "plugin", "action", "resource", "context", "chain"]
        assert (example["action"], example["resource"]) == ("fs.read", "ROOT/notes/.env")
        assert sorted(example["context"]) == ["approved", "depth", "mode", "now", "sandboxed"]
        assert all(isinstance(value, str) for value in example["context"].values())

    def test_github_annotates_the_line(self, desk: Desk) -> None:
        widen(desk)
        first = desk.run("verify", "--format", "github").out.splitlines()[0]
        assert first.startswith(
            "::error file=profiles/lead.toml,line=11,endLine=11,col=38,endColumn=60,title=grant-over-scope::"
        )
        assert "%0Acounterexample: `fs.read:ROOT/notes/.env`%0A" in first

    def test_github_takes_paths_from_the_top_of_the_checkout(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        widen(desk)
        monkeypatch.setenv("GITHUB_WORKSPACE", str(desk.root.parent))
        assert "::error file=desk/profiles/lead.toml," in desk.run("verify", "--format", "github").out

    def test_an_older_proof_stays_and_is_said_to_be_stale(self, desk: Desk) -> None:
        desk.run("verify")
        before = desk.proof.read_bytes()
        widen(desk)
        said = desk.run("verify")
        assert said.out.endswith(
            "no proof written; the older proof that is still there is now stale, and will be refused\n"
        )
        assert desk.proof.read_bytes() == before
        assert desk.run("verify", "--format", "json").json["older_proof"] == "stale"


class TestUnknown:
    def test_a_solver_without_time_proves_nothing(self, desk: Desk) -> None:
        desk.run("verify")
        said = desk.run("verify", "--timeout", "0.000001")
        assert said.status == Exit.FAILURE
        told = "the time limit of this run has passed; give the solver more time"
        assert said.out.count(told) == 1
        assert f"unknown[ambient-import]: {told}" in said.out
        assert re.search(r"  = and: 15 more for the same reason, of .*`request-over-grant` \(\d+\)", said.out)
        assert "unknown: 16 findings in 7 checks" in said.out
        outcome = said.out.splitlines()[-1]
        assert outcome.startswith("unknown: ")
        assert outcome.endswith("no proof written; an older proof of the same files is still there")

    def test_json(self, desk: Desk) -> None:
        said = desk.run("verify", "--timeout", "0.000001", "--format", "json")
        assert (said.status, said.json["verdict"]) == (Exit.FAILURE, "unknown")
        assert {finding["verdict"] for finding in said.json["findings"]} == {"unknown"}
        assert len(said.json["findings"]) == 16

    def test_github_says_it_once_too(self, desk: Desk) -> None:
        lines = desk.run("verify", "--timeout", "0.000001", "--format", "github").out.splitlines()
        assert [line.partition(" ")[0] for line in lines] == ["::error", "unknown:"]
        assert "%0Aand 15 more for the same reason, of " in lines[0]


ACCEPT = """\
[[accept]]
finding = "grant-over-ceiling"
at = "lead/acme.notes"
reason = "agreed \\u202E with everybody"
until = 2999-01-31
"""


class TestAccepted:
    @pytest.fixture(autouse=True)
    def _wide(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", '["${workspace}/**"]', '["/**"]')
        desk.edit("profiles/lead.toml", '["${workspace}/notes/**"], except', '["/srv/**"], except')
        desk.edit("plugins/acme.notes/plugin.toml", '["${workspace}/notes/**"]', '["/srv/**"]')
        text = (desk.root / "capwright.toml").read_text()
        (desk.root / "capwright.toml").write_text(text + ACCEPT)

    def test_it_is_shown_with_its_reason_and_end(self, desk: Desk) -> None:
        said = desk.run("verify")
        assert said.status == Exit.YES
        assert (
            "accepted grant-over-ceiling at lead/project:acme.notes until 2999-01-31: "
            "agreed \\u{202e} with everybody"
        ) in said.out.splitlines()

    def test_the_check_bears_one_word_in_every_format(self, desk: Desk) -> None:
        plain = desk.run("verify").out.splitlines()
        said = desk.run("verify", "--format", "json").json
        words = {line.split()[1]: line.split()[0] for line in plain[: len(said["checks"])]}
        assert words == {check["check"]: check["verdict"] for check in said["checks"]}
        assert words["grant-over-ceiling"] == "accepted"
        assert said["verdict"] == "proved"

    def test_it_is_in_the_json_and_in_the_annotations(self, desk: Desk) -> None:
        (accepted,) = desk.run("verify", "--format", "json").json["accepted"]
        assert list(accepted) == ["reason", "until", "finding"]
        assert list(accepted["finding"]) == FINDING_KEYS
        assert "::notice file=profiles/lead.toml," in desk.run("verify", "--format", "github").out


SLIPS = """\
schema = "capwright.profile/1"
name = "lead"
[scope]
allow = [{ action = "fs.reed", on = ["notes/**"] }]
[permissions]
default = "no"
[[enable]]
plugin = "project:acme.note"
version = "^1"
[[child]]
profile = "led"
"""

SLIPS_TOLD = """\
error: unknown action `fs.reed`
 --> profiles/lead.toml:4:21
  |
4 | allow = [{ action = "fs.reed", on = ["notes/**"] }]
  |                     ^^^^^^^^^
  = help: did you mean `fs.read`?

error: the pattern is relative
 --> profiles/lead.toml:4:38
  |
4 | allow = [{ action = "fs.reed", on = ["notes/**"] }]
  |                                      ^^^^^^^^^^
  = help: write `${workspace}/notes/**`, or `**/notes/**` for anywhere

error: `default` cannot be `no`
 --> profiles/lead.toml:6:11
  |
6 | default = "no"
  |           ^^^^
  = help: the known names are `allow`, `ask`, `deny`

error: unknown plugin `project:acme.note`
 --> profiles/lead.toml:8:10
  |
8 | plugin = "project:acme.note"
  |          ^^^^^^^^^^^^^^^^^^^
  = help: did you mean `project:acme.notes`?

error: `^1` is not a version range
 --> profiles/lead.toml:9:11
  |
9 | version = "^1"
  |           ^^^^
  = help: write a range like `>=1.2,<2`

error: unknown profile `led`
  --> profiles/lead.toml:11:11
   |
11 | profile = "led"
   |           ^^^^^
   = help: did you mean `lead`?

error: 6 problems found
"""


class TestBadInput:
    def test_every_problem_with_its_line(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", 'name = "lead"', 'name = "lead"\nnme = 3')
        desk.edit("plugins/acme.notes/plugin.toml", "[[requires]]\naction", "[[requires]]\nacton")
        said = desk.run("verify")
        assert (said.status, said.out) == (Exit.INPUT, "")
        assert said.err.endswith("error: 3 problems found\n")
        assert (
            """\
error: unknown key `nme`
 --> profiles/lead.toml:3:1
  |
3 | nme = 3
  | ^^^
"""
            in said.err
        )

    def test_a_wrong_value_hides_no_other_problem(self, desk: Desk) -> None:
        desk.write({"profiles/lead.toml": SLIPS})
        said = desk.run("verify")
        assert (said.status, said.out, said.err) == (Exit.INPUT, "", SLIPS_TOLD)

    def test_json(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", 'name = "lead"', "name = 3")
        said = desk.run("verify", "--format", "json")
        assert (said.status, said.err) == (Exit.INPUT, "")
        assert list(said.json) == ["schema", "kind", "code", "problems", "left_out"]
        assert (said.json["schema"], said.json["kind"]) == ("capwright.failure/1", "input")
        (problem,) = said.json["problems"]
        assert list(problem) == ["message", "span", "help"]
        assert list(problem["span"]) == SPAN_KEYS

    def test_github(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", 'name = "lead"', "name = 3")
        said = desk.run("verify", "--format", "github")
        assert said.status == Exit.INPUT
        assert said.out.startswith("::error file=profiles/lead.toml,line=2,endLine=2,col=8,")

    def test_one_mistake_made_many_times_is_shown_a_hundred_times(self, desk: Desk) -> None:
        keys = "".join(f"k{number} = 1\n" for number in range(250))
        desk.edit("profiles/lead.toml", 'name = "lead"\n', f'name = "lead"\n{keys}')
        desk.edit("plugins/acme.notes/plugin.toml", "[[requires]]\naction", "[[requires]]\nacton")
        said = desk.run("verify")
        assert said.err.count("error: unknown key `k") == 100
        assert said.err.endswith(
            "\n\n... and 150 more in `profiles/lead.toml`\n\nerror: 252 problems found\n"
        )
        told = desk.run("verify", "--format", "json").json
        assert (len(told["problems"]), told["left_out"]) == (102, 150)
        last = desk.run("verify", "--format", "github").out.splitlines()[-1]
        assert last == "::error file=profiles/lead.toml,title=input::... and 150 more"

    def test_a_folder_that_no_pattern_can_name_is_told_once(self, desk: Desk) -> None:
        moved = desk.root.rename(desk.root.with_name("a\nb"))
        said = desk.run("verify", str(moved))
        assert said.status == Exit.INPUT
        assert said.err.startswith(
            "error: no pattern can name what is in the workspace: the path holds a control"
        )
        assert said.err.count("error") == 1

    def test_a_folder_that_is_not_there(self, desk: Desk) -> None:
        said = desk.run("verify", "nowhere")
        assert (said.status, said.out) == (Exit.INPUT, "")
        assert said.err.startswith("error: `nowhere` cannot be opened")

    def test_a_host_policy_that_cannot_be_read(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        policy = desk.root.parent / "other.toml"
        policy.write_text('schema = "capwright.host/2"\n')
        monkeypatch.setenv("CAPWRIGHT_HOST_POLICY", str(policy))
        said = desk.run("verify")
        assert said.status == Exit.INPUT
        assert '1 | schema = "capwright.host/2"\n  |          ^' in said.err

    def test_an_artifact_that_is_no_component(self, desk: Desk) -> None:
        desk.write({"plugins/acme.notes/notes.wasm": b"no component"})
        assert desk.run("verify").status == Exit.INPUT


class TestHostileText:
    def test_names_and_lines_are_escaped_wherever_they_are_shown(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", '"**/.env"] }]\n[perm', '"**/.env", "**/\u200b"] }]\n[perm')
        said = desk.run("verify")
        assert said.status == Exit.NO
        assert "\\u{200b}" in said.out
        assert "\u200b" not in said.out

    def test_json_is_ascii(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", '"**/.env"] }]\n[perm', '"**/.env", "**/é注\u202e"] }]\n[perm')
        said = desk.run("verify", "--format", "json")
        assert said.status == Exit.NO
        assert said.out.isascii()
        assert "é注\u202e" in json.dumps(said.json, ensure_ascii=False)

    def test_annotations_are_one_line_each(self, desk: Desk) -> None:
        desk.edit("profiles/lead.toml", 'name = "lead"', 'name = "lead"\n"x\\n::error::y%" = 3')
        said = desk.run("verify", "--format", "github")
        lines = said.out.splitlines()
        assert len(lines) == 1
        assert "%25" in lines[0]


class TestWriting:
    def test_a_linked_folder_is_not_followed(self, desk: Desk, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        desk.proof.parent.symlink_to(elsewhere)
        said = desk.run("verify")
        assert said.status == Exit.INPUT
        assert "cannot be written" in said.err
        assert list(elsewhere.iterdir()) == []

    def test_a_linked_proof_is_replaced_and_not_written_through(self, desk: Desk, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.write_text("mine")
        desk.proof.parent.mkdir()
        desk.proof.symlink_to(target)
        assert desk.run("verify").status == Exit.YES
        assert target.read_text() == "mine"
        assert not desk.proof.is_symlink()

    def test_an_artifact_of_the_tests_is_the_example_s(self) -> None:
        assert ARTIFACT.is_file()
