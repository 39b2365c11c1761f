"""Lines for messages: what was judged where it is known, else the disk, and never through a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from capwright_cli.failures import parse_span
from capwright_cli.sources import SourceTexts, root_of, sources_of
from capwright_registry.spans import Span
from tests.support.workspaces import PROFILE, load


def test_known_bytes_win_over_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("now")
    assert SourceTexts(tmp_path, {"a.toml": b"then\r\nand\xff"}).lines("a.toml") == ("then", "and\ufffd")
    assert SourceTexts(tmp_path).lines("a.toml") == ("now",)


def test_a_line_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("one\ntwo")
    sources = SourceTexts(tmp_path)
    assert [sources.line("a.toml", number) for number in (0, 1, 2, 3)] == [None, "one", "two", None]


@pytest.mark.parametrize("file", ["", "missing.toml", "folder", "link.toml", "../secret", "a\0b", "fifo"])
def test_what_cannot_be_shown_has_no_line(tmp_path: Path, file: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (root / "link.toml").symlink_to(tmp_path / "secret")
    os.mkfifo(root / "fifo")
    assert SourceTexts(root).lines(file) == ()


def test_without_a_root_only_absolute_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "host.toml").write_text("host")
    sources = SourceTexts(None)
    assert sources.lines("host.toml") == ()
    assert sources.lines(str(tmp_path / "host.toml")) == ("host",)


def test_the_built_in_policy_has_lines() -> None:
    assert SourceTexts(None).line("built-in", 1) == 'schema = "capwright.host/1"'


def test_a_workspace_s_documents_are_shown_as_they_were_read(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"profiles/lead.toml": PROFILE})
    (tmp_path / "profiles/lead.toml").write_text("changed")
    sources = sources_of(workspace)
    assert sources.line("profiles/lead.toml", 2) == 'name = "lead"'
    assert sources.line("capwright.toml", 2) == 'name = "desk"'


def test_the_root_of_what_a_user_names(tmp_path: Path) -> None:
    (tmp_path / "capwright.toml").touch()
    assert root_of(tmp_path / "capwright.toml") == root_of(tmp_path) == Path(os.path.realpath(tmp_path))
    assert root_of(tmp_path / "other.toml") == Path(os.path.realpath(tmp_path)) / "other.toml"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("profiles/lead.toml:12:3", Span("profiles/lead.toml", 12, 3, 12, 4)),
        ("a:b.toml:12:3", Span("a:b.toml", 12, 3, 12, 4)),
        ("profiles/lead.toml", Span("profiles/lead.toml")),
        ("a:1", Span("a:1")),
        ("a:x:3", Span("a:x:3")),
        ("a:\u0661:\u0662", Span("a:\u0661:\u0662")),
    ],
)
def test_a_rule_s_source_is_read_as_a_place(text: str, span: Span) -> None:
    assert parse_span(text) == span
