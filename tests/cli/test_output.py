"""Colour only where somebody sees it, and never a reading of markup."""

from __future__ import annotations

import io
import sys

import pytest
from rich.text import Text

from capwright_cli.output import emit, working

STYLED = Text.assemble(("refuted", "bold red"), ": [/oops] [bold]x[/bold] :smile: 2026-11-23 " + "long " * 60)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal_of(monkeypatch: pytest.MonkeyPatch, **environ: str) -> Terminal:
    """A terminal in place of both streams. No fixture: between two phases pytest puts its own back."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environ}.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_without_a_terminal_there_is_text_alone(capsys: pytest.CaptureFixture[str]) -> None:
    emit(STYLED)
    emit("for a program", error=True)
    assert capsys.readouterr() == (f"{STYLED.plain}\n", "for a program\n")


def test_a_terminal_gets_colour_and_the_words_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    emit(STYLED)
    assert terminal.getvalue() == f"\x1b[1;31mrefuted\x1b[0m{STYLED.plain.removeprefix('refuted')}\n"


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch, NO_COLOR="1")
    emit(STYLED)
    assert "31m" not in terminal.getvalue()
    assert "refuted" in terminal.getvalue()


def test_text_for_programs_is_never_styled(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    emit('{"a": 1}')
    assert terminal.getvalue() == '{"a": 1}\n'


def test_a_bar_moves_only_where_somebody_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with working("reading [/oops]") as tell:
        tell("deputy [bold]", 3, 11)
    assert "deputy [bold]" in terminal.getvalue()
    silent = io.StringIO()
    monkeypatch.setattr(sys, "stderr", silent)
    with working("verifying") as tell:
        tell("deputy", 3, 11)
    assert silent.getvalue() == ""
