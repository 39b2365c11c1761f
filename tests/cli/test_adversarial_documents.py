"""Documents made to be dear: one clear message at its place and status 2, or `unknown`; never a proof."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capwright_cli.exits import Exit
from tests.cli.desk import PROFILE, Desk

MOST_SAID = 1200  # characters of a report with one problem
MILLION = 10**6
ON = '"${workspace}/notes/**"'
LONG = "an entry of `on` has more than 4096 characters"


def _granting(text: str) -> str:
    """The profile, whose grant stands on something else, on line 11 at column 38."""
    return PROFILE.replace(f"on = [{ON}]", f"on = [{text}]")


def _while(text: str) -> str:
    """The profile, whose grant holds under another condition, on line 11 at column 94."""
    return PROFILE.replace("mode != 'ci'", text)


#: The text of `on`, the message, and the column.
PATTERNS = [
    (f'"/{"a" * MILLION}"', LONG, 38),
    (f'"/{"*" * 500_000}"', LONG, 38),
    (f'"/{"[" * 500_000}"', LONG, 38),
    (f'"{"${" * 400_000}"', LONG, 38),
    (f'"/{"*a" * 1000}"', "the pattern has 1000 wildcards, more than 64", 38),
    (f'"/{"**/" * 1000}x"', "the pattern has 2000 wildcards, more than 64", 38),
    (f'"/{"[" * 4000}"', "the class that `[` opens is not closed", 38),
    (f'{ON}, "/[z-a]"', "the range `z-a` is empty", 63),
    (f'"{"a/" * 2000}a"', "the pattern is relative", 38),
    (f'"/{"a//" * 1000}a"', "the pattern holds an empty segment", 38),
    (f'"/[^{"a" * 4000}]"', "`^` does not negate a class", 38),
    (f"'/{chr(92) * 4000}'", "a backslash escapes nothing in a pattern", 38),
    (f'"${{{"a" * 4000}}}/x"', "unknown root `aaa", 39),
    (", ".join(f'"/srv/{n}"' for n in range(10_000)), "`on` has more than 1024 entries", 37),
]
#: The text of `when`, the message, and the column where it is not the text's first character.
CONDITIONS = [
    ("(" * 900 + "true" + ")" * 900, "the condition is nested more than 32 deep", 94),
    ("[" * 900 + "]" * 900, "the condition is nested more than 32 deep", 94),
    ("mode" + ".a" * 900, "the condition is nested more than 32 deep", 94),
    ("1" * 1900 + " == 1", "the number does not fit in 64 bits", 94),
    ("a" * 1900 + " == 1", "unknown variable `aaa", 94),
    ("&&".join(["mode=='ci'"] * 150), "the condition has more than 256 operations", None),
    ("mode in [" + "'a'," * 600 + "'b']", "the condition has 2413 characters, at most 2000 are read", None),
    ("a" * MILLION, "`when` has more than 4096 characters", 93),
]


@pytest.mark.parametrize(("on", "message", "column"), PATTERNS, ids=range(len(PATTERNS)))
def test_a_bomb_in_a_pattern_is_one_problem_at_its_place(
    desk: Desk, on: str, message: str, column: int
) -> None:
    desk.write({"profiles/lead.toml": _granting(on)})
    _assert_one_problem(desk, message, f"profiles/lead.toml:11:{column}\n")


@pytest.mark.parametrize(("when", "message", "column"), CONDITIONS, ids=range(len(CONDITIONS)))
def test_a_bomb_in_a_condition_is_one_problem_at_its_place(
    desk: Desk, when: str, message: str, column: int | None
) -> None:
    desk.write({"profiles/lead.toml": _while(when)})
    _assert_one_problem(desk, message, f"profiles/lead.toml:11:{'' if column is None else f'{column}'}")


def _assert_one_problem(desk: Desk, message: str, place: str) -> None:
    said = desk.run("verify")
    assert said.status == Exit.INPUT
    assert said.err.startswith(f"error: {message}")
    assert said.err.count("error") == 1
    assert place in said.err
    assert len(said.out + said.err) < MOST_SAID
    assert not desk.proof.exists()
    problem = desk.run("verify", "--format", "json").json["problems"]
    assert len(problem) == 1
    annotation = desk.run("verify", "--format", "github")
    assert "profiles/lead.toml,line=11," in annotation.out
    assert len(annotation.out) < MOST_SAID


@pytest.mark.parametrize("text", ["!" * 1900 + "sandboxed", "mode == '" + "a" * 1900 + "'"])
def test_a_condition_that_is_long_and_says_little_is_read(desk: Desk, text: str) -> None:
    desk.write({"profiles/lead.toml": _while(text)})
    assert desk.run("verify").status == Exit.YES


def test_a_thousand_bad_patterns_are_told_in_part(desk: Desk) -> None:
    desk.write({"profiles/lead.toml": _granting(", ".join(f'"a{n}"' for n in range(1000)))})
    said = desk.run("verify")
    assert said.status == Exit.INPUT
    assert said.err.count("error: the pattern is relative") == 100
    assert said.err.endswith("error: 1000 problems found\n")
    assert len(said.err) < 100 * MOST_SAID


def _tangled(number: int) -> str:
    letters = "abcdefghijkl"
    return f"${{workspace}}/notes/*{letters[number]}*{letters[-number]}*{letters[number - 3]}*"


def _list(name: str, count: int, bound: Callable[[int], int]) -> str:
    """Overlapping patterns, each under a condition of its own: all ways to overlap matter."""
    lines = (
        f'{{ action = "fs.read", on = ["{_tangled(number)}"], when = "depth < {bound(number)}" }},\n'
        for number in range(count)
    )
    return f"{name} = [\n{''.join(lines)}]\n"


def test_past_the_budget_the_verdict_is_unknown_and_the_status_3(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a budget that is small for the test's sake; eight such patterns pass the real one, too."""
    monkeypatch.setattr("capwright_registry.patterns.budget.MOST", 3000)
    head, _, rest = PROFILE.partition("allow = [{")
    middle = rest.partition("\n")[2].partition("grant = ")[0]
    scope, grant = _list("allow", 8, lambda n: n + 1), _list("grant", 8, lambda n: n)
    desk.write({"profiles/lead.toml": head + scope + middle + grant})
    said = desk.run("verify")
    assert said.status == Exit.FAILURE
    assert "unknown  grant-over-scope" in said.out
    assert "the patterns need more states than the budget allows" in said.out
    assert said.out.splitlines()[-1].startswith("unknown: ")
    assert not desk.proof.exists()


EXPLAIN = ("--profile", "lead", "--plugin", "acme.notes")


@pytest.mark.parametrize("unit", ["a", "a/", "../", "*a"])
def test_a_resource_of_a_megabyte_is_explained(desk: Desk, unit: str) -> None:
    resource = "${workspace}/notes/" + unit * (MILLION // len(unit)) + "b"
    said = desk.run("explain", f"fs.read:{resource}", *EXPLAIN)
    assert said.status in (Exit.YES, Exit.NO)
    assert said.out.startswith(("allowed", "denied: "))


@pytest.mark.parametrize("resource", ["a" * MILLION, "\x07" + "a" * MILLION, "/\udc80" * 1000 + "\ud800"])
def test_a_resource_of_a_megabyte_that_is_none_is_refused_shortly(desk: Desk, resource: str) -> None:
    said = desk.run("explain", f"fs.read:{resource}", *EXPLAIN)
    assert said.status == Exit.INPUT
    assert len(said.err) < MOST_SAID
