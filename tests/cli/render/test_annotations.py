"""Workflow commands: one line each, every separator of the format escaped."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_cli.render.annotations import annotation
from capwright_registry.spans import Span

ROOT = Path("/src/desk")


@pytest.fixture(autouse=True)
def _checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", "/src")


def test_a_place_in_one_line() -> None:
    assert annotation("error", Span("a.toml", 3, 5, 3, 9), "deputy", ["no", "help: yes"], ROOT) == (
        "::error file=desk/a.toml,line=3,endLine=3,col=5,endColumn=8,title=deputy::no%0Ahelp: yes"
    )


def test_a_place_over_lines_a_whole_file_and_no_file() -> None:
    over = annotation("notice", Span("a.toml", 3, 5, 4, 2), "t", ["m"], ROOT)
    assert over == "::notice file=desk/a.toml,line=3,endLine=4,col=5,title=t::m"
    assert annotation("error", Span("a.toml"), "t", ["m"], ROOT) == "::error file=desk/a.toml,title=t::m"
    assert annotation("error", Span(""), "t", ["m"], ROOT) == "::error title=t::m"


def test_nothing_breaks_out_of_its_part() -> None:
    span = Span("a,b:c%\n::error::.toml", 1, 1, 1, 2)
    line = annotation("error", span, "t:,\r", ["50%\n::stop-commands::x", "\u202e"], ROOT)
    assert line == (
        "::error file=desk/a%2Cb%3Ac%25\\u{a}%3A%3Aerror%3A%3A.toml,line=1,endLine=1,col=1,endColumn=1,"
        "title=t%3A%2C\\u{d}::50%25\\u{a}::stop-commands::x%0A\\u{202e}"
    )


def test_a_file_outside_of_the_checkout_keeps_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "file=/etc/host.toml," in annotation("error", Span("/etc/host.toml", 1, 1, 1, 2), "t", ["m"], ROOT)
    monkeypatch.setenv("GITHUB_WORKSPACE", "/elsewhere")
    assert "file=/src/desk/a.toml," in annotation("error", Span("a.toml", 1, 1, 1, 2), "t", ["m"], ROOT)
