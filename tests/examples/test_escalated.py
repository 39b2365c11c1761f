"""The desk with four mistakes: each is found, shown with a scenario, and goes away with the edits offered."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from capwright_policy.findings import Edit
from capwright_registry.spans import Span
from tests.examples.scene import EXAMPLES, Desk, clean, desk_in
from tests.support.edits import apply_edits

Finding = Mapping[str, Any]

#: The mistakes: subject, file, what stands at the place, and the effect that shows it.
MISTAKES: Mapping[str, tuple[str, str, str, str]] = {
    "ambient-import": (
        "project:acme.notes",
        "plugins/acme.notes/plugin.toml",
        '"notes.wasm"',
        "env.read:NOTES_LANG",
    ),
    "delegation-over-parent": (
        "lead/researcher",
        "profiles/researcher.toml",
        '"${workspace}/notes/**"',
        "fs.read:ROOT/notes/private",
    ),
    "deputy": (
        "lead/project:acme.notes",
        "profiles/lead.toml",
        '"project:acme.git/git_log"',
        "fs.read:ROOT/repo",
    ),
    "grant-over-ceiling": (
        "lead/project:acme.notes",
        "profiles/lead.toml",
        '"*:443"',
        "net.connect:com:443",
    ),
}


@pytest.fixture(name="twin", scope="module")
def _twin(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_in(tmp_path_factory.mktemp("twin"), "notes-desk-escalated")


@pytest.fixture(name="findings", scope="module")
def _findings(twin: Desk) -> Mapping[str, Finding]:
    """What `verify` says of it, by check."""
    said = twin.verify("--format", "json")
    assert said.status == 1
    found = said.json["findings"]
    assert [finding["check"] for finding in found] == [*MISTAKES]
    return {finding["check"]: finding for finding in found}


class TestFindings:
    def test_four_and_no_proof(self, twin: Desk, findings: Mapping[str, Finding]) -> None:
        said = twin.verify()
        assert said.status == 1
        assert said.out.endswith("refuted: 4 findings in 4 checks, no proof written\n")
        assert not (twin.root / ".capwright").exists()
        for finding in findings.values():
            assert f"error[{finding['check']}]: {finding['message']}\n" in said.out
            number, line = finding["span"]["start_line"], _line(twin.root, finding["span"])
            assert f"{number} | {line}\n" in said.out

    @pytest.mark.parametrize("check", MISTAKES)
    def test_each_has_its_place(self, check: str, twin: Desk, findings: Mapping[str, Finding]) -> None:
        subject, file, text, _ = MISTAKES[check]
        span = findings[check]["span"]
        assert (findings[check]["subject"], span["file"]) == (subject, file)
        assert span["start_line"] == span["end_line"]
        assert _line(twin.root, span)[span["start_column"] - 1 : span["end_column"] - 1] == text

    @pytest.mark.parametrize("check", MISTAKES)
    def test_each_has_a_scenario(self, check: str, twin: Desk, findings: Mapping[str, Finding]) -> None:
        shown = findings[check]["counterexample"]
        effect = f"{shown['action']}:{shown['resource']}".replace(str(twin.root), "ROOT")
        assert effect == MISTAKES[check][3]
        assert shown["chain"]
        assert shown["agent"] in {"lead", "researcher"}

    def test_nothing_loads(self, twin: Desk) -> None:
        assert twin.admit("acme.notes").err.startswith("refused[no-proof]: ")


class TestEdits:
    @pytest.mark.parametrize("check", MISTAKES)
    def test_the_edits_of_one_mend_that_one(
        self, check: str, twin: Desk, findings: Mapping[str, Finding], tmp_path: Path
    ) -> None:
        copy = _copy(twin, tmp_path)
        apply_edits(copy.root, _edits(findings[check]))
        said = copy.verify("--format", "json")
        left = [finding["check"] for finding in said.json["findings"]]
        assert (said.status, left) == (1, [name for name in MISTAKES if name != check])

    def test_one_after_the_other_they_mend_the_desk(self, twin: Desk, tmp_path: Path) -> None:
        # Each run offers edits for the files as they are then: two of the mistakes lie in one list.
        copy = _copy(twin, tmp_path)
        for _ in MISTAKES:
            said = copy.verify("--format", "json")
            assert said.status == 1
            apply_edits(copy.root, _edits(said.json["findings"][0]))
        assert copy.verify().status == 0
        assert copy.admit("acme.notes").status == 0
        self._runs(copy)

    def _runs(self, copy: Desk) -> None:
        """What verifies must also work: the import that was granted is one that the tool may use."""
        desk = replace(copy, env=clean(NOTES_LANG="en"))
        arguments = {"path": f"{copy.root}/notes", "query": "attenuation"}
        said = desk.call("project:acme.notes/search", arguments, "--format", "json")
        assert said.status == 0, said.text
        assert said.json["denials"] == []
        effects = {(r["action"], r["resource"]) for r in desk.records() if r["kind"] == "effect"}
        assert ("env.read", "NOTES_LANG") in effects


class TestTheTwins:
    def test_they_differ_where_they_are_meant_to(self) -> None:
        desk, twin = (_contents(EXAMPLES / name) for name in ("notes-desk", "notes-desk-escalated"))
        assert twin.keys() <= desk.keys()
        assert all(name.startswith("plugins/acme.notes/src/") for name in desk.keys() - twin.keys())
        assert {name for name in twin if twin[name] != desk[name]} == {
            "plugins/acme.notes/notes.wasm",
            "plugins/acme.notes/plugin.toml",
            "profiles/lead.toml",
            "profiles/researcher.toml",
        }


def _line(root: Path, span: Mapping[str, Any]) -> str:
    lines = Path(root, span["file"]).read_text().splitlines()
    number: int = span["start_line"]
    return lines[number - 1]


def _edits(finding: Finding) -> Iterable[Edit]:
    assert finding["edits"]
    for edit in finding["edits"]:
        places = (edit[key] for key in ("start_line", "start_column", "end_line", "end_column"))
        yield Edit(Span(edit["file"], *places), edit["text"])


def _copy(twin: Desk, folder: Path) -> Desk:
    root = folder.resolve() / "twin"
    shutil.copytree(twin.root, root)
    return replace(twin, root=root)


def _contents(example: Path) -> dict[str, bytes]:
    """The files of an example, but for what a run leaves behind or a bundle becomes."""
    files = (file for file in example.rglob("*") if file.is_file())
    named = {file.relative_to(example): file for file in files}
    own = {name: file for name, file in named.items() if name.parts[0] not in (".capwright", "repo")}
    return {name.as_posix(): file.read_bytes() for name, file in own.items()}
