"""Each question to the solver, read and answered by another one from its script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import cvc5
import pytest
import z3

from capwright_policy.smtlib import Export, script
from capwright_policy.solver import Undecided, Unsat
from capwright_policy.verify import verify
from tests.support.vectors import TODAY, Vector, setting_of, vectors


def other_answer(text: str) -> list[str]:
    """What cvc5 prints for a script. It fails where the script's `:status` is not what it finds."""
    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "script")
    symbols, said = parser.getSymbolManager(), []
    while not (command := parser.nextCommand()).isNull():
        said += str(command.invoke(solver, symbols)).split()
    return said


def some_vectors() -> Iterator[Vector]:
    """Two of each check's accepted and refused workspaces."""
    for _, group in groupby(vectors(), key=lambda v: v.folder.parent):
        yield from list(group)[:2]


@pytest.mark.parametrize("vector", list(some_vectors()), ids=lambda v: v.name)
def test_another_solver_says_the_same_of_each_question(vector: Vector) -> None:
    scripts: dict[str, str] = {}
    setting = setting_of(vector.folder, vector.sandbox)
    verify(setting, TODAY, watch=Export(scripts.__setitem__))
    for name, text in scripts.items():
        status = next(line for line in text.splitlines() if "(set-info :status " in line)
        assert f"(set-info :status {' '.join(other_answer(text))})" == status, name


def test_a_question_that_holds_and_one_that_does_not() -> None:
    atom = z3.Int("#atom")
    assert other_answer(script([atom > 3, atom < 5], Unsat(), "x").replace("unsat", "unknown")) == ["sat"]
    assert other_answer(script([atom > 3, atom < 4], Unsat(), "x")) == ["unsat"]


def test_what_was_not_decided_is_said_to_be_unknown() -> None:
    assert "(set-info :status unknown)" in script([z3.Bool("a")], Undecided("no time"), "x")


def test_scripts_are_numbered_within_their_check() -> None:
    written: dict[str, str] = {}
    export = Export(written.__setitem__)
    for check in ("deputy", "policy-write"):
        export.begins(check, 0, 2)
        export.asked([z3.Bool("a")], Unsat())
        export.asked([z3.Bool("b")], Unsat())
    assert [*written] == [f"{c}/{n}.smt2" for c in ("deputy", "policy-write") for n in ("0001", "0002")]
