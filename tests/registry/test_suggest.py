"""Did you mean: the nearest name, alike in the part that tells names apart."""

from __future__ import annotations

import pytest

from capwright_registry.suggest import nearest, suggest

PLUGINS = ("project:acme.git", "project:acme.notes")


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("project:acme.note", PLUGINS, "project:acme.notes"),
        ("projct:acme.notes", PLUGINS, "project:acme.notes"),
        ("project:acme.notes", ("project:acme.git",), None),
        ("project:acme.git/git_commit", ("project:acme.git/git_log", "project:acme.git/git_show"), None),
        ("git_comit", ("git_log", "git_commit"), "git_commit"),
        ("fs.raed", ("fs.read", "env.read"), "fs.read"),
        ("capwright.plugin/2", ("capwright.plugin/1",), "capwright.plugin/1"),
        ("search", ("project:acme.notes/search", "project:acme.git/log"), "project:acme.notes/search"),
        ("search", ("project:a/search", "project:b/search"), None),
        ("", PLUGINS, None),
        ("...", PLUGINS, None),
        ("x" * 10_000, PLUGINS, None),
    ],
)
def test_the_nearest(word: str, known: tuple[str, ...], meant: str | None) -> None:
    assert nearest(word, known) == meant


def test_without_a_near_one_the_known_names_are_told() -> None:
    assert suggest("zzz", PLUGINS) == "the known names are `project:acme.git`, `project:acme.notes`"
    assert suggest("zzz", PLUGINS[:1]) == "the only known name is `project:acme.git`"
    assert suggest("zzz", ()) == ""
