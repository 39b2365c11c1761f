"""What holds of all warnings: they are found by file, described, and change nothing."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import z3

from capwright_policy.findings import Verdict
from capwright_policy.proof import proof_of
from capwright_policy.setting import Setting
from capwright_policy.solver import Answer, Solver, Undecided
from capwright_policy.verify import Report, verify
from capwright_policy.warnings import all_warnings
from capwright_policy.warnings.overbroad import _wide
from capwright_policy.watch import Watch
from capwright_registry.host_policy import load_host_policy
from capwright_registry.patterns import TooComplex
from capwright_registry.workspace import load_workspace
from tests.support.checking import allows, enable, plugin, profile, report, request, setting
from tests.support.pinning import with_pins
from tests.support.vectors import TODAY

SPECS = Path(__file__).parents[3] / "specs"
CODES = ["dead-grant", "declared-not-enforced", "expired", "overbroad", "unused-grant", "vacuous-condition"]


def careless(tmp_path: Path) -> Setting:
    """A workspace in which every check holds, and a good deal is warned of."""
    reads = allows("fs.read", "/a/**")
    conditions = ("when = \"mode == 'ci'\"", "when = \"mode != 'ci'\"")
    twice = (*(allows("fs.read", "/a/**", more=when) for when in conditions), allows("fs.read", "/a/b/c"))
    files = {
        "plugins/git/plugin.toml": plugin("acme.git", request("fs.read", "/a/b/c/**")),
        "profiles/lead.toml": profile("lead", reads, parts=[enable("project:acme.git", *twice)]),
    }
    return setting(tmp_path, with_pins(files))


def codes(found: Report) -> set[str]:
    """The codes of what was warned of; other notes aside."""
    return {note.code for note in found.notes} & {*CODES}


def test_every_file_is_a_warning() -> None:
    assert [warner.code for warner in all_warnings()] == CODES


def test_each_is_named_and_stated_where_it_is_written() -> None:
    for warner in all_warnings():
        module = importlib.import_module(f"capwright_policy.warnings.{warner.code.replace('-', '_')}")
        assert (module.__doc__ or "").startswith(f"`{warner.code}`: "), warner.code
        assert module.WARNING is warner


def test_each_has_a_section_and_is_listed() -> None:
    part = (SPECS / "checks.md").read_text().partition("\n# Warnings\n")[2]
    sections = re.findall(r"^## `([a-z-]+)`\n\n\*\*Says\*\* ", part, re.MULTILINE)
    assert sections == CODES
    for section in part.split("\n## ")[1:]:
        for word in ("Says", "Formula", "Mend", "Not covered"):
            assert section.count(f"**{word}** ") == 1, (section.split("\n")[0], word)
    listed = (SPECS / "output.md").read_text()
    assert all(f"`{code}`" in listed for code in CODES)


def test_they_change_no_verdict_and_stand_in_no_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = careless(tmp_path)
    loud = verify(one, TODAY)
    assert loud.proved
    assert codes(loud) == {"dead-grant", "overbroad"}
    monkeypatch.setattr("capwright_policy.verify.warned", lambda _: ())
    still = verify(one, TODAY)
    assert [r.verdict for r in still.results] == [r.verdict for r in loud.results]
    assert proof_of(still, Solver(60)) == proof_of(loud, Solver(60))


def gives_up(*_: object) -> Answer:
    return Undecided("it gave up")


def raises(*_: object) -> Answer:
    raise z3.Z3Exception("it broke")


@pytest.mark.parametrize("broken", [gives_up, raises])
def test_what_is_undecided_is_not_warned_of(
    tmp_path: Path, broken: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A solver that fails silences a warning; it neither makes one up nor ends the verification."""
    one = careless(tmp_path)
    monkeypatch.setattr(Solver, "check", broken)
    assert codes(report(one)) == {"overbroad"}  # which takes no solver


def test_patterns_beyond_the_budget_are_not_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = careless(tmp_path)

    def too_complex(*_: object) -> None:
        raise TooComplex("too many states")

    monkeypatch.setattr("capwright_policy.warnings.dead_grant.space_of", too_complex)
    monkeypatch.setattr("capwright_policy.warnings.overbroad.outside", too_complex)
    _wide.cache_clear()
    assert codes(report(one)) == set()
    _wide.cache_clear()


class Counting(Watch):
    """Keeps the questions and their answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[Sequence[z3.BoolRef], Answer]] = []

    def asked(self, formulas: Sequence[z3.BoolRef], answer: Answer) -> None:
        """As `Watch`."""
        self.heard.append((formulas, answer))


def test_who_watches_the_checks_does_not_hear_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, watch = careless(tmp_path), Counting()
    monkeypatch.setattr("capwright_policy.verify.all_checks", lambda: ())
    found = verify(one, TODAY, watch=watch)
    assert codes(found) == {"dead-grant", "overbroad"}
    assert watch.heard == []
    assert Verdict.REFUTED not in {result.verdict for result in found.results}


def test_the_example_is_not_warned_of(tmp_path: Path) -> None:
    example = load_workspace(SPECS / "examples/notes-desk")
    one = Setting(example, load_host_policy(example.root, {"XDG_CONFIG_HOME": str(tmp_path)}), "none")
    assert codes(report(one)) == set()
