"""An entry that gives the plugin nothing is told; all that are told of can go, and the authority stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.authority import Authority, Layer, effective
from capwright_policy.contexts import contexts_of
from capwright_policy.questions import Included, Question, included
from capwright_policy.setting import Setting, holders
from capwright_policy.solver import Solver
from capwright_registry.spans import Span
from tests.support.checking import allows, enable, plugin, profile, request, setting
from tests.support.warning import warnings
from tests.support.workspaces import WORKSPACE

EVERYTHING = allows("fs.read", "/**")
IN_CI = "when = \"mode == 'ci'\""
NOT_IN_CI = "when = \"mode != 'ci'\""


def desk(
    tmp_path: Path,
    *grant: str,
    asked: tuple[str, ...] = ("/**",),
    scope: tuple[str, ...] = (EVERYTHING,),
    more: str = "",
    ceiling: str = "",
) -> Setting:
    files = {
        "capwright.toml": WORKSPACE + ceiling,
        "plugins/git/plugin.toml": plugin("acme.git", request("fs.read", *asked, more=more)),
        "profiles/lead.toml": profile("lead", *scope, parts=[enable("project:acme.git", *grant)]),
    }
    return setting(tmp_path, files)


def told(one: Setting) -> list[tuple[int, str]]:
    """The numbers of the entries that are warned of, and why."""
    grant = holders(one)[0].grant.grant
    place = {entry.span: number for number, entry in enumerate(grant)}
    found = warnings(one, "dead-grant")
    assert _same_without(one, {note.span for note in found})
    return [(place[note.span], note.message.partition("nothing: ")[2]) for note in found]


def _same_without(one: Setting, gone: set[Span]) -> bool:
    """Whether the authority is what it was without these entries, in every context."""
    before = effective(one, holders(one)[0])
    after = Authority(
        tuple(
            Layer(x.name, tuple(c for c in x.capabilities if x.name != "granted" or c.span not in gone))
            for x in before.layers
        )
    )
    question = Question(before, after)
    return isinstance(included(question, contexts_of(one), Solver(60)), Included)


OUTSIDE = [
    (
        ["/a/**", "/b/**"],
        {"asked": ("/a/**",)},
        1,
        "what its manifest asks for has nothing of it in any context",
    ),
    (
        ["/a/**", "/b/**"],
        {"scope": (allows("fs.read", "/a/**"),)},
        1,
        "the scope of `lead` has nothing of it",
    ),
    (
        ["/a/**", "/b/**"],
        {"ceiling": '[ceiling.project]\nallow = [{ action = "fs.read", on = ["/a/**"] }]\n'},
        1,
        "the ceiling of tier `project` has nothing of it",
    ),
    (
        ["/a/**", "/b/**"],
        {"asked": ("/a/**", "/b/x"), "scope": (allows("fs.read", "/a/**", "/b/y"),)},
        1,
        "the request, the scope and the ceilings have nothing of it in common",
    ),
]


@pytest.mark.parametrize(("given", "around", "dead", "why"), OUTSIDE)
def test_one_that_is_outside(
    tmp_path: Path, given: list[str], around: dict[str, tuple[str, ...]], dead: int, why: str
) -> None:
    ((number, said),) = told(desk(tmp_path, *(allows("fs.read", p) for p in given), **around))  # type: ignore[arg-type]
    assert number == dead
    assert said.startswith(why)


def test_one_whose_context_never_comes(tmp_path: Path) -> None:
    """In one context it is asked for, in another one granted."""
    one = desk(tmp_path, allows("fs.read", "/a", more=IN_CI), asked=("/a",), more=NOT_IN_CI)
    ((number, said),) = told(one)
    assert (number, said) == (0, "what its manifest asks for has nothing of it in any context")


def test_one_that_a_sibling_covers(tmp_path: Path) -> None:
    one = desk(tmp_path, allows("fs.read", "/a/**"), allows("fs.read", "/a/b", more=IN_CI))
    (found,) = warnings(one, "dead-grant")
    assert [number for number, _ in told(one)] == [1]
    assert found.subject == "lead/project:acme.git"
    sibling = holders(one)[0].grant.grant[0].span
    assert found.message == (
        "this `fs.read` gives `project:acme.git` nothing: what is left of it within the request, the scope "
        f"and the ceilings, {sibling} grants"
    )
    assert found.help == "remove it"


def test_several_siblings_together_cover_it(tmp_path: Path) -> None:
    """In every context by another one; no sibling has it alone."""
    entries = (allows("fs.read", "/a/**", more=IN_CI), allows("fs.read", "/a/**", more=NOT_IN_CI))
    ((number, said),) = told(desk(tmp_path, *entries, allows("fs.read", "/a/b")))
    assert number == 2
    assert said.endswith("and 1 more grants")


def test_of_two_that_say_the_same_one_is_told_of(tmp_path: Path) -> None:
    same = [allows("fs.read", "/a/**")] * 3
    assert [number for number, _ in told(desk(tmp_path, *same))] == [1, 2]


ALIVE = [
    [allows("fs.read", "/a/**"), allows("fs.read", "/a/b", "/b")],
    [allows("fs.read", "/a/**", more=IN_CI), allows("fs.read", "/a/b")],
    [allows("fs.read", "/a/**", more='except = ["/a/b"]'), allows("fs.read", "/a/b")],
    [allows("fs.read", "/a/**", more="until = 2028-01-01"), allows("fs.read", "/a/b")],
    [allows("fs.read", "/a", more="until = 2020-01-01")],
]


@pytest.mark.parametrize("entries", ALIVE)
def test_one_that_adds_something(tmp_path: Path, entries: list[str]) -> None:
    assert told(desk(tmp_path, *entries)) == []


def test_what_is_withheld_on_purpose_is_not_dead(tmp_path: Path) -> None:
    """`request-over-grant` counts it as granted: without it the plugin would not be loaded."""
    assert told(desk(tmp_path, allows("fs.read", "/a/**", more='except = ["/a/**"]'), asked=("/a/b",))) == []


def test_a_condition_that_never_holds_is_another_warning(tmp_path: Path) -> None:
    never = allows("fs.read", "/a", more='when = "depth < 0"')
    assert told(desk(tmp_path, never)) == []


def test_an_entry_of_a_set_is_others_too(tmp_path: Path) -> None:
    """It is not told of; it covers what the profile writes itself."""
    both = f"{allows('fs.read', '/a/**', '/x/**')}, {allows('fs.read', '/a/b')}"
    sets = f"[sets.all]\nallow = [{both}]\n"
    one = desk(tmp_path, '{ set = "all" }', allows("fs.read", "/a/b"), ceiling=sets)
    assert [number for number, _ in told(one)] == [2]


def test_of_another_action_nothing_covers(tmp_path: Path) -> None:
    writes = allows("fs.write", "/a/**")
    one = desk(tmp_path, allows("fs.read", "/a/**"), writes, scope=(EVERYTHING, writes))
    ((number, said),) = told(one)
    assert number == 1
    assert said.startswith("what its manifest asks for")
