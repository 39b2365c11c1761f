"""`capwright verify --dump-smt`: the solver's questions on disk."""

from __future__ import annotations

from capwright_cli.exits import Exit
from tests.cli.desk import Desk


def test_each_question_is_a_script_in_a_folder_of_its_check(desk: Desk) -> None:
    plain = desk.run("verify")
    said = desk.run("verify", "--dump-smt", "out/smt")
    assert (said.status, said.out) == (Exit.YES, plain.out)
    scripts = sorted((desk.root / "out/smt").glob("*/*.smt2"))
    assert "grant-over-scope" in {script.parent.name for script in scripts}
    assert all(script.read_text().endswith("(check-sat)\n(exit)\n") for script in scripts)


def test_a_folder_with_something_in_it_is_left_alone(desk: Desk) -> None:
    desk.write({"smt/kept": "x"})
    said = desk.run("verify", "--dump-smt", "smt")
    assert (said.status, said.out) == (Exit.INPUT, "")
    assert "`smt` is not empty" in said.err
    assert [entry.name for entry in (desk.root / "smt").iterdir()] == ["kept"]
    assert not desk.proof.exists()


def test_a_place_that_is_no_folder_is_told(desk: Desk) -> None:
    desk.write({"smt": "x"})
    said = desk.run("verify", "--dump-smt", "smt")
    assert (said.status, "`smt` cannot be made" in said.err) == (Exit.INPUT, True)
