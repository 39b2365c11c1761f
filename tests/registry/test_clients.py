"""Files of other clients: JSON as editors take it, and which files are there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capwright_registry.clients.jsonc import keys, plain
from capwright_registry.clients.presence import UnfitClientError, presence_digest, present


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, }', {"a": 1}),
        ('{"a": [1, 2, /* x */ ], // y\n}', {"a": [1, 2]}),
        ('{"a": "// no", "b": "/* no */", "c": ",}"}', {"a": "// no", "b": "/* no */", "c": ",}"}),
        ('{"a": "\\"//"}', {"a": '"//'}),
        ("// only\n{}", {}),
        ('{"a": 1 // \n, "b": 2}', {"a": 1, "b": 2}),
    ],
)
def test_comments_and_commas_are_blanks(text: str, value: object) -> None:
    made = plain(text)
    assert json.loads(made) == value
    assert [len(line) for line in made.split("\n")] == [len(line) for line in text.split("\n")]


@pytest.mark.parametrize("text", ['{"a": 1,,}', "{,}x", "/* {}", '{"a": "x}', "{} /"])
def test_what_is_no_such_text_is_no_json_either(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(plain(text))


def test_keys_have_their_places() -> None:
    text = '{"a": {"b": ["x", {"c": 1}, "y"]}, "d": "e"}'
    found = {route: text[start:end] for route, start, end in keys(text)}
    assert found == {
        ("a",): '"a"',
        ("a", "b"): '"b"',
        ("a", "b", 0): '"x"',
        ("a", "b", 1, "c"): '"c"',
        ("a", "b", 2): '"y"',
        ("d",): '"d"',
    }


def test_only_what_is_there_counts(tmp_path: Path) -> None:
    """Folders that nobody reads, and files beside those that are read, are nothing."""
    for name in (".claude/agents/a/b.md", ".claude/notes.md", ".mcp.json", ".cursor/mcp.json/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert [file for _, file in present(tmp_path)] == [".claude/agents/a/b.md", ".mcp.json"]


def test_names_do_not_run_together() -> None:
    assert presence_digest(["a", "b"]) != presence_digest(["a\n1:b"])
    assert presence_digest(["b", "a"]) == presence_digest(["a", "b"])


def test_folders_have_a_bottom(tmp_path: Path) -> None:
    (tmp_path / ".claude/agents/1/2/3/4/5/6/7/8").mkdir(parents=True)
    with pytest.raises(UnfitClientError, match="more than 8 levels"):
        present(tmp_path)
