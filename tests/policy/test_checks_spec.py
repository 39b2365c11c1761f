"""`specs/checks.md` and the code name the same checks."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from capwright_policy.checks import all_checks

SPEC = Path(__file__).parents[2] / "specs" / "checks.md"


def checks_part() -> str:
    """What is said of the checks; of the warnings behind it, `warnings/test_warnings.py` speaks."""
    return SPEC.read_text().partition("\n# Warnings\n")[0]


def test_every_check_has_a_section_and_every_section_a_check() -> None:
    """One section a check, in the order of the ids, with its guarantee."""
    text = checks_part()
    sections = re.findall(r"^## `([a-z-]+)`\n\n\*\*Guarantee\*\* (G\d)", text, re.MULTILINE)
    assert sections == [(check.id, check.guarantee) for check in all_checks()]


def test_every_section_says_what_it_should() -> None:
    """A user finds the meaning, the remedy, a real case and the limits under each id."""
    sections = checks_part().split("\n## ")[1:]
    for section in sections:
        for word in ("Guarantee", "Formula", "For you", "Mend", "Seen", "Not covered"):
            assert section.count(f"**{word}** ") == 1, (section.split("\n")[0], word)


def test_every_check_states_its_formula_where_it_is_written() -> None:
    """A check is one file: its docstring begins with the id, and says what the solver's answer means."""
    for check in all_checks():
        module = importlib.import_module(f"capwright_policy.checks.{check.id.replace('-', '_')}")
        text = module.__doc__ or ""
        assert text.startswith(f"`{check.id}`: "), check.id
        assert re.search(r"Formula.*sat( for each)? iff\s+the\s+property\s+holds", text, re.DOTALL), check.id
        assert module.CHECK is check
