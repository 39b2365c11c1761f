"""Names in full, or without their tier where that is clear."""

from __future__ import annotations

import pytest

from capwright_cli.names import full_identity, known_name
from capwright_registry.errors import InputError

KNOWN = ("project:acme.notes", "user:acme.notes", "user:acme.git")


def test_the_full_name_and_the_clear_short_one() -> None:
    assert full_identity("plugin", "user:acme.notes", KNOWN) == "user:acme.notes"
    assert full_identity("plugin", "acme.git", KNOWN) == "user:acme.git"


@pytest.mark.parametrize(
    ("name", "message", "help_"),
    [
        (
            "acme.notes",
            "`acme.notes` is not one plugin",
            "write one of `project:acme.notes`, `user:acme.notes`",
        ),
        ("user:acme.gut", "unknown plugin `user:acme.gut`", "did you mean `user:acme.git`?"),
        ("project:acme.git", "unknown plugin `project:acme.git`", "did you mean `user:acme.git`?"),
    ],
)
def test_anything_else_is_refused(name: str, message: str, help_: str) -> None:
    with pytest.raises(InputError) as caught:
        full_identity("plugin", name, KNOWN)
    (problem,) = caught.value.problems
    assert (problem.message, problem.help) == (message, help_)


def test_a_long_name_is_clipped() -> None:
    with pytest.raises(InputError) as caught:
        known_name("profile", "x" * 10_000, ["lead"])
    assert len(str(caught.value)) < 200
