"""A value of another type: what is wanted, what is given, and what to write instead."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from capwright_registry.documents.load import load_document
from capwright_registry.documents.plugin import PluginDoc
from capwright_registry.documents.profile import ProfileDoc
from capwright_registry.documents.workspace import WorkspaceDoc
from tests.support.workspaces import PLUGIN, PROFILE, WORKSPACE


def helped(text: str, model: type[BaseModel]) -> list[str]:
    """Messages and helps of a document, by place."""
    problems = load_document(text.encode(), "f.toml", model).problems
    return [f"{problem.message}: {problem.help}" for problem in problems]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "[[scope]]\nallow = []",
            "`scope` must be a table, not an array: write `[scope]` once, with one bracket on each side",
        ),
        (
            "scope = []",
            "`scope` must be a table, not an array: "
            "write `[scope]` on a line of its own, with `allow` below it",
        ),
        (
            '[enable]\nplugin = "project:a"',
            "`enable` must be an array, not a table: write `[[enable]]`, with two brackets on each side",
        ),
        (
            'enable = { plugin = "project:a" }',
            "`enable` must be an array, not a table: write a list of tables: `enable = [{ plugin = ... }]`",
        ),
        (
            'scope.allow = [{ action = "fs.read", on = "/x" }]',
            '`on` must be an array, not a string: put it in brackets: `on = ["/x"]`',
        ),
        (
            "scope.allow = [{ action = 1.5 }]",
            '`action` must be a string, not a float: put it in quotes: `action = "1.5"`',
        ),
        (
            'scope.allow = [{ action = ["x"] }]',
            "`action` must be a string, not an array: write one text in quotes",
        ),
        (
            'scope.allow = [{ action = "x", optional = "yes" }]',
            "`optional` must be a boolean, not a string: write `true` or `false`, without quotes",
        ),
        (
            'scope.allow = [{ action = "x", limits = 3 }]',
            "`limits` must be a table, not an integer: write a table in braces: `limits = { ... }`",
        ),
        (
            'permissions.rules = ["x"]',
            "an entry of `rules` must be a table, not a string: "
            "write a table in braces, like `{ tool = ..., action = ... }`",
        ),
        (
            '[[child]]\nprofile = "a"\nmax_depth = "3"',
            "`max_depth` must be an integer, not a string: write a whole number, without quotes",
        ),
    ],
)
def test_what_to_write_instead(body: str, told: str) -> None:
    assert helped(f"{PROFILE}{body}\n", ProfileDoc) == [told]


def test_a_version_is_a_text() -> None:
    assert helped(WORKSPACE.replace('"1.4.0"', "1.4"), WorkspaceDoc) == [
        '`api` must be a string, not a float: put it in quotes: `api = "1.4"`'
    ]


def test_a_command_line_is_a_list_of_words() -> None:
    assert helped(PLUGIN.replace('["notes-server"]', '"notes-server --root x"'), PluginDoc) == [
        "`command` must be an array, not a string: write a list of the program and its arguments: "
        '`command = ["notes-server", "--root", "x"]`'
    ]


def test_a_missing_word_is_spelled_out() -> None:
    text = PROFILE.replace('schema = "capwright.profile/1"\n', "") + "permissions.rules = [{ tool = 'x' }]\n"
    assert helped(text, ProfileDoc) == [
        '`schema` is missing: add `schema = "capwright.profile/1"`',
        "`action` is missing: add `action`: `allow`, `ask`, `deny`",
    ]
