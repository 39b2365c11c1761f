"""An accept that takes nothing on is said: a mistake, or a note."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting
from capwright_policy.verify import Report, verify
from capwright_registry.errors import InputError
from tests.support.checking import HOST, allows, enable, plugin, profile, report, request, setting
from tests.support.pinning import with_pins
from tests.support.vectors import TODAY
from tests.support.workspaces import WORKSPACE

HOST_ACCEPTS = f'{HOST}[accepted]\nproject = ["ambient-process", "deputy"]\n'


def accept(at: str, finding: str = "ambient-process", until: str = "2027-01-01") -> str:
    return f'[[accept]]\nfinding = "{finding}"\nat = "{at}"\nreason = "tried"\nuntil = {until}\n'


def desk(tmp_path: Path, *accepts: str, sandbox: str = "bubblewrap", host: str = HOST_ACCEPTS) -> Setting:
    reads = allows("fs.read", "/a/**")
    files = {
        "capwright.toml": WORKSPACE + "".join(accepts),
        "plugins/git/plugin.toml": plugin("acme.git", request("fs.read", "/a/**"), tools=("log",)),
        "plugins/q/plugin.toml": plugin("acme.q", kind="declarative", tools=()),
        "profiles/lead.toml": profile(
            "lead",
            reads,
            parts=[enable("project:acme.git", reads), '[[child]]\nprofile = "aide"\nmax_depth = 1\n'],
        ),
        "profiles/aide.toml": profile("aide"),
    }
    return setting(tmp_path, with_pins(files), sandbox=sandbox, host=host)


def told(found: Report) -> list[tuple[str, str, int]]:
    notes = [note for note in found.notes if note.code == "idle-accept"]
    return [(note.subject, note.message, note.span.line) for note in notes]


@pytest.mark.parametrize(
    ("at", "help_"),
    [
        ("lead/acme.gt", "did you mean `lead/acme.git`?"),
        ("lead/user:acme.git", "did you mean `lead/acme.git`?"),
        ("led", "did you mean `lead`?"),
        ("lead/acme.q", ""),
        ("*", ""),
    ],
)
def test_what_is_nowhere_is_a_problem_with_its_place(tmp_path: Path, at: str, help_: str) -> None:
    one = desk(tmp_path, accept("lead/acme.git"), accept(at))
    with pytest.raises(InputError) as caught:
        verify(one, TODAY)
    (problem,) = caught.value.problems
    assert problem.message == f"there is nothing called `{at}` here to accept"
    assert str(problem.span) == f"capwright.toml:{WORKSPACE.count(chr(10)) + 8}:6"
    assert problem.help == help_ or not help_


@pytest.mark.parametrize(
    "at",
    [
        "lead/acme.git",
        "lead/project:acme.git",
        "lead",
        "acme.git",
        "project:acme.q",
        "project:acme.git/log",
        "lead/aide",
    ],
)
def test_what_holds_without_it_is_a_note(tmp_path: Path, at: str) -> None:
    found = verify(desk(tmp_path, accept(at)), TODAY)
    message = "this accept is of nothing: `ambient-process` holds there without it"
    assert told(found) == [(at, message, WORKSPACE.count("\n") + 1)]
    assert found.proved


def test_one_that_counts_is_no_note(tmp_path: Path) -> None:
    both = (accept("lead/acme.git"), accept("lead/acme.git", until="2026-01-01"))
    found = verify(desk(tmp_path, *both, sandbox="none"), TODAY)
    assert told(found) == []
    assert [r.word for r in found.results if r.check == "ambient-process"] == ["accepted"]


def test_one_that_does_not_count_has_been_said_with_the_finding(tmp_path: Path) -> None:
    ended = verify(desk(tmp_path, accept("lead/acme.git", until="2026-01-01"), sandbox="none"), TODAY)
    assert told(ended) == []
    assert ended.findings[0].related[-1].label == "the accept ended on 2026-01-01"


def test_of_a_check_that_is_undecided_nothing_is_said(tmp_path: Path) -> None:
    one = desk(tmp_path, accept("lead/acme.git"), accept("acme.git"))
    found = verify(one, TODAY, 1e-9)
    assert found.unknown
    assert told(found) == []


def test_the_word_of_a_check(tmp_path: Path) -> None:
    """Accepted only where it holds: one that was taken on beside one that was not is refuted."""
    one = desk(tmp_path, accept("lead/acme.git"), sandbox="none")
    assert report(one, "ambient-process").results[0].verdict is Verdict.PROVED
    other = desk(tmp_path / "other", sandbox="none")
    assert report(other, "ambient-process").results[0].word == "refuted"
    assert report(desk(tmp_path / "third"), "ambient-process").results[0].word == "proved"
