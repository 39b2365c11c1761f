"""Edits as lines before and after."""

from __future__ import annotations

from pathlib import Path

from capwright_cli.render.suggestion import Change, changes, suggestion
from capwright_cli.sources import SourceTexts
from capwright_policy.findings import Edit
from capwright_registry.spans import Span

TEXT = "one\ntwo\nthree\nfour\nfive\nsix"


def sources(**files: str) -> SourceTexts:
    return SourceTexts(Path("/nowhere"), {f"{name}.toml": text.encode() for name, text in files.items()})


def edit(line: int, column: int, end_line: int, end_column: int, text: str, file: str = "a.toml") -> Edit:
    return Edit(Span(file, line, column, end_line, end_column), text)


def made(*edits: Edit) -> list[Change]:
    return list(changes(edits, sources(a=TEXT, b=TEXT)))


def test_a_replacement_an_insertion_and_a_removal() -> None:
    assert made(edit(2, 1, 2, 4, "TWO")) == [Change("a.toml", 2, ("two",), ("TWO",))]
    assert made(edit(2, 4, 2, 4, "!")) == [Change("a.toml", 2, ("two",), ("two!",))]
    assert made(edit(2, 1, 4, 1, "")) == [Change("a.toml", 2, ("two", "three"), ())]


def test_edits_of_one_line_are_applied_together_whatever_their_order() -> None:
    first, second = edit(2, 1, 2, 2, "T"), edit(2, 4, 2, 4, "!")
    assert made(first, second) == made(second, first) == [Change("a.toml", 2, ("two",), ("Two!",))]


def test_edits_far_apart_are_shown_apart_and_files_in_order() -> None:
    found = made(edit(6, 1, 6, 4, "6"), edit(1, 1, 1, 4, "1"), edit(1, 1, 1, 4, "1", "b.toml"))
    assert [(change.file, change.start) for change in found] == [("a.toml", 1), ("a.toml", 6), ("b.toml", 1)]


def test_new_lines_are_numbered_on() -> None:
    text = suggestion([edit(2, 4, 2, 4, "\nand a half")], sources(a=TEXT), 1).plain
    assert text == "\n --> a.toml:3\n  |\n3 + and a half"


def test_lines_that_stay_and_lines_that_become_empty_are_not_shown() -> None:
    assert made(edit(2, 1, 3, 6, "two\nand\nthree")) == [Change("a.toml", 3, (), ("and",))]
    (change,) = changes([edit(1, 3, 1, 6, "")], sources(a="  one\nend"))
    assert (change.before, change.after) == (("  one",), ())
    (change,) = changes([edit(1, 4, 1, 4, "\n\n[b]\nc = 1\n")], sources(a="a=1"))
    assert change == Change("a.toml", 3, (), ("[b]", "c = 1"))


def test_an_edit_of_a_place_that_is_not_there_is_not_shown() -> None:
    assert made(edit(9, 1, 9, 2, "x")) == []
    assert made(edit(1, 1, 1, 2, "x", "c.toml")) == []
    assert list(changes([Edit(Span("a.toml"), "x")], sources(a=TEXT))) == []


def test_the_new_text_is_escaped_like_the_old() -> None:
    text = suggestion([edit(2, 1, 2, 4, "\x1b\t")], sources(a="one\nt\u202eo"), 1).plain
    assert "2 - t\\u{202e}o\n2 + \\u{1b}    " in text
