"""The example desk, by the real command: what it proves, what its agent gets, and what nobody gets."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from capwright_policy.checks import all_checks
from capwright_runtimes.sandbox import probe
from tests.examples.scene import Desk, Said, clean, desk_in, git
from tests.examples.watch import watching

DIARY = "Attenuation of my patience."
SEARCH = "project:acme.notes/search"
LOG, STATUS = "project:acme.git/git_log", "project:acme.git/git_status"
REPO = {"repo_path": "${workspace}/repo"}

confined = pytest.mark.bwrap


@pytest.fixture(name="desk", scope="module")
def _desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The desk, proved, with a file in its repository that Git does not know. Tests leave it as it is."""
    desk = desk_in(tmp_path_factory.mktemp("desk"))
    (desk.root / "repo/draft.md").write_text("not yet\n")
    assert desk.verify().status == 0
    return desk


@pytest.fixture(name="sandbox")
def _sandbox() -> None:
    if probe() != "bubblewrap":
        pytest.skip("no process sandbox works on this host; install bubblewrap")


def search(desk: Desk, path: str, *args: str, query: str = "attenuation") -> Said:
    return desk.call(SEARCH, {"path": path, "query": query}, *args)


class TestVerify:
    def test_it_holds_and_names_every_check(self, desk: Desk) -> None:
        said = desk.verify()
        assert (said.status, said.err) == (0, "")
        named = re.findall(r"^(?:proved|accepted|vacuous) +(\S+) ", said.out, re.MULTILINE)
        assert named == sorted(check.id for check in all_checks())
        assert f"proof written to {desk.root}/.capwright/proof.json" in said.out

    @confined
    @pytest.mark.usefixtures("sandbox")
    def test_with_a_sandbox_nothing_needs_to_be_accepted(self, tmp_path: Path) -> None:
        desk = desk_in(tmp_path)
        _drop_accept(desk)
        said = desk.verify("--format", "json")
        assert (said.status, said.json["accepted"]) == (0, [])
        assert desk.call(LOG, REPO).status == 0


@confined
@pytest.mark.usefixtures("sandbox")
class TestWhatTheSandboxCannotExpress:
    """Design 8: "What a target cannot express is said, never dropped"."""

    def test_a_grant_for_a_time_is_said_not_to_be_given(self, tmp_path: Path) -> None:
        desk = desk_in(tmp_path)
        file = desk.root / "profiles/lead.toml"
        old = 'on = ["${workspace}/repo/**"], except'
        file.write_text(file.read_text().replace(old, old.replace("except", "until = 2999-01-01, except")))
        told = f"in its sandbox, `fs.read` on `{desk.root}/repo/**` holds only at times, so it is not bound"
        said = desk.verify()
        assert said.status == 0
        assert f"\nnote lead/project:acme.git (profiles/lead.toml:38:9): {told}\n" in said.out
        noted = [n["message"] for n in desk.verify("--format", "json").json["notes"]]
        assert noted.count(told) == 1
        admitted = desk.admit("acme.git")
        assert admitted.status == 0
        assert admitted.out.splitlines()[-1] == f"  note {told}"

    def test_what_is_shown_as_a_copy_is_said(self, desk: Desk) -> None:
        (noted,) = (n for n in desk.verify("--format", "json").json["notes"] if n["note"] == "not-in-sandbox")
        assert noted["subject"] == "lead/project:acme.git"
        assert f"something in `{desk.root}/repo` is excepted" in noted["message"]
        assert "`fs.read` has copies of the folders around it, as they were when" in noted["message"]


class TestSearch:
    @pytest.mark.parametrize("query", ["attenuation", "A CAPABILITY", "(", "nobody wrote this"])
    def test_it_finds_what_a_plain_search_finds(self, desk: Desk, query: str) -> None:
        said = search(desk, "${workspace}/notes", "--format", "json", query=query)
        assert said.status == 0
        found = re.findall(r'"file":"(.*?)","line":(\d+),"text":"(.*?)"', said.json["text"])
        assert sorted(found) == _grep(desk.root / "notes", query)
        assert said.json["annotations"] == ["cite the file and the line of every note that you use"]

    def test_the_queries_find_something(self, desk: Desk) -> None:
        assert len(_grep(desk.root / "notes", "attenuation")) == 2
        assert DIARY in (desk.root / "notes/private/diary.md").read_text()

    def test_a_watch_sees_what_it_reads(self, desk: Desk) -> None:
        with watching(desk.root / "notes/capabilities.md") as watch:
            assert not watch.opened()
            assert search(desk, "${workspace}/notes").status == 0
            assert watch.opened()


class TestGit:
    @pytest.mark.parametrize("more", [{}, {"max_count": 1}])
    def test_the_log_is_real_and_cut_to_three(self, desk: Desk, more: dict[str, object]) -> None:
        said = desk.call(LOG, {**REPO, **more})
        form = "Commit: %H%nAuthor: %an%nDate: %ai%nMessage: %s"
        expected = git(desk.root / "repo", "log", "-3", f"--format={form}")
        assert said.status == 0
        assert [line for line in said.out.splitlines() if line] == [
            "Commit history:",
            *(_as_the_server_dates(line) for line in expected.splitlines()),
        ]
        assert len(git(desk.root / "repo", "log", "--format=%H").split()) > 3

    def test_the_status_is_real(self, desk: Desk) -> None:
        said = desk.call(STATUS, REPO)
        assert said.status == 0
        assert said.out.strip() == "Repository status:\n" + git(desk.root / "repo", "status").strip()
        assert "draft.md" in said.out

    @pytest.mark.parametrize("name", ["git_commit", "git_add", "git_checkout"])
    def test_a_tool_that_is_not_listed_does_not_exist(self, desk: Desk, name: str) -> None:
        before = git(desk.root / "repo", "log", "--format=%H", "--all")
        said = desk.call(f"project:acme.git/{name}", {**REPO, "message": "x", "files": ["draft.md"]})
        assert said.status != 0
        assert f"unknown tool `project:acme.git/{name}`" in said.err
        assert git(desk.root / "repo", "log", "--format=%H", "--all") == before

    @pytest.mark.parametrize("tool", [LOG, STATUS])
    def test_not_in_ci(self, desk: Desk, tool: str) -> None:
        before = desk.history
        said = desk.call(tool, REPO, "--context", "mode=ci")
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith(f"denied[hook]: `tool.call:{tool}` is denied")
        assert "in CI the repository is read from the checkout" in said.err
        assert "call" not in [record["kind"] for record in desk.records(before)]


OUTSIDE = {
    "${workspace}/notes/private": "granted",
    "${workspace}/notes/private/diary.md": "granted",
    "${workspace}/notes/research/../private/diary.md": "granted",
    "${workspace}/notes//./private/": "granted",
    "${workspace}": "requested",
    "${workspace}/capwright.toml": "requested",
    "${workspace}/notes/../..": "requested",
    "/etc": "requested",
    "/": "requested",
    "notes/private": "resource",
}


class TestOutside:
    @pytest.mark.parametrize(("path", "layer"), OUTSIDE.items())
    def test_it_is_denied_by_name_and_nothing_is_read(self, desk: Desk, path: str, layer: str) -> None:
        with _nothing_private_is_read(desk):
            said = search(desk, path)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith(f"denied[{layer}]: `fs.read:")
        assert (f"--> {_granting_rule(desk)}\n" in said.err) == (layer == "granted")

    @pytest.mark.parametrize("link", ["planted", "planted.md"])
    def test_a_planted_link_leads_nowhere(self, desk: Desk, link: str) -> None:
        place = desk.root / "notes" / link
        place.symlink_to("private" if link == "planted" else "private/diary.md")
        try:
            with _nothing_private_is_read(desk):
                said = search(desk, f"${{workspace}}/notes/{link}")
                whole = search(desk, "${workspace}/notes")
        finally:
            place.unlink()
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("denied[scoped-fs]:")
        assert "a symbolic link is on the path" in said.err
        assert (whole.status, DIARY in whole.text) == (0, False)

    @pytest.mark.parametrize("path", ["{other}", "{other}/.git", "${{workspace}}/repo/../../other"])
    def test_another_repository(self, desk: Desk, path: str, tmp_path: Path) -> None:
        other = _secret_repository(tmp_path)
        before = desk.history
        with watching(other, other / ".git", other / ".git/HEAD") as watch:
            said = desk.call(LOG, {"repo_path": path.format(other=other)})
            assert not watch.opened()
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("denied[requested]: `fs.read:")
        assert "call" not in [record["kind"] for record in desk.records(before)]

    def test_a_link_to_another_repository_leads_nowhere(self, desk: Desk, tmp_path: Path) -> None:
        link = desk.root / "repo/linked"
        link.symlink_to(_secret_repository(tmp_path))
        try:
            said = desk.call(LOG, {"repo_path": "${workspace}/repo/linked"})
        finally:
            link.unlink()
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("denied[scoped-fs]:")  # by the mediator, not by the server's own check
        assert "hush" not in said.text + desk.history


PROVED_FILES = {
    "plugins/acme.notes/notes.wasm": "the artifact `plugins/acme.notes/notes.wasm` changed",
    "plugins/acme.git/pins.json": "the pins `plugins/acme.git/pins.json` changed",
    "plugins/acme.notes/plugin.toml": "the plugin `plugins/acme.notes/plugin.toml` changed",
    "profiles/lead.toml": "the profile `profiles/lead.toml` changed",
    "profiles/researcher.toml": "the profile `profiles/researcher.toml` changed",
    "capwright.toml": "the workspace `capwright.toml` changed",
    ".capwright/proof.json": "the proof is refused",
}


class TestChangedFiles:
    @pytest.mark.parametrize(("name", "reason"), PROVED_FILES.items())
    def test_one_flipped_byte_and_nothing_loads(self, desk: Desk, name: str, reason: str) -> None:
        before = desk.history
        with _flipped(desk.root / name):
            admitted = desk.admit("acme.notes")
            called = search(desk, f"{desk.root}/notes")
        for said in (admitted, called):
            assert (said.status, said.out) == (1, "")
            assert said.err.startswith("refused[proof-refused]: ")
            assert reason in said.err
        assert desk.history == before

    def test_as_it_was_it_loads(self, desk: Desk) -> None:
        assert desk.admit("acme.notes").status == 0


class TestWithoutBubblewrap:
    def test_the_risk_is_accepted_by_name_or_the_server_is_refused(self, tmp_path: Path) -> None:
        desk = replace(desk_in(tmp_path), env=clean(PATH=str(_path_without_bubblewrap(tmp_path))))
        said = desk.verify()
        assert said.status == 0
        assert re.search(r"^accepted ambient-process +1 obligation ", said.out, re.MULTILINE)
        assert (
            "accepted ambient-process at lead/project:acme.git until 2027-06-30: the git server is a"
            in said.out
        )
        assert desk.call(LOG, REPO).out.count("Commit: ") == 3
        _drop_accept(desk)
        said = desk.verify("--format", "json")
        assert said.status == 1
        assert [(f["check"], f["subject"]) for f in said.json["findings"]] == [
            ("ambient-process", "lead/project:acme.git")
        ]
        assert desk.call(LOG, REPO).status == 1


def _grep(notes: Path, query: str) -> list[tuple[str, str, str]]:
    """The lines of the notes that the agent may read, with the file and the number, as texts."""
    files = (file for file in notes.rglob("*.md") if "private" not in file.parts)
    lines = (
        (file, number, line) for file in files for number, line in enumerate(file.read_text().splitlines(), 1)
    )
    return sorted((str(f), str(n), line) for f, n, line in lines if query.lower() in line.lower())


def _as_the_server_dates(line: str) -> str:
    """`Date: 2026-05-04 09:00:00 +0000`, with the zone as Python writes it."""
    return re.sub(r"^(Date: .*) ([+-]\d\d)(\d\d)$", r"\1\2:\3", line)


def _granting_rule(desk: Desk) -> str:
    """The place of the rule that grants the lead's notes plugin its reading."""
    lines = (desk.root / "profiles/lead.toml").read_text().splitlines()
    number = lines.index('plugin = "project:acme.notes"') + 2
    return f"profiles/lead.toml:{number + 1}:{lines[number].index('{') + 1}"


@contextmanager
def _nothing_private_is_read(desk: Desk) -> Iterator[None]:
    """Nobody opens what is private, no read of it is recorded as allowed, and no record holds its text."""
    private, before = desk.root / "notes/private", desk.history
    with watching(private, private / "diary.md") as watch:
        yield
        assert not watch.opened()
    assert DIARY not in desk.history
    records = desk.records(before)
    assert any(record.get("allowed") is False for record in records)
    allowed = [record["resource"] for record in records if record.get("allowed") is True]
    assert not [resource for resource in allowed if "private" in resource or "planted" in resource]


@contextmanager
def _flipped(file: Path) -> Iterator[None]:
    """One bit in the middle of a file is another one."""
    data = file.read_bytes()
    middle = len(data) // 2
    file.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    try:
        yield
    finally:
        file.write_bytes(data)


def _secret_repository(folder: Path) -> Path:
    """A repository beside the desk whose log nobody is to see."""
    repository = folder / "other"
    repository.mkdir()
    git(repository, "init", "--quiet")
    who = ("-c", "user.name=Eve", "-c", "user.email=eve@example.com")
    git(repository, *who, "commit", "--quiet", "--allow-empty", "-m", "hush")
    return repository


def _drop_accept(desk: Desk) -> None:
    file = desk.root / "capwright.toml"
    text = file.read_text()
    assert text.count("[[accept]]") == 1
    file.write_text(text[: text.index("[[accept]]")])


def _path_without_bubblewrap(folder: Path) -> Path:
    """A folder for `PATH` that has Git and nothing else."""
    found = shutil.which("git")
    assert found is not None
    place = folder / "bin"
    place.mkdir()
    (place / "git").symlink_to(found)
    return place
