"""The warnings of one small workspace, without any check."""

from __future__ import annotations

from capwright_policy.findings import Note
from capwright_policy.setting import Setting
from capwright_policy.warnings import all_warnings
from tests.support.checking import marked, report


def warnings(one: Setting, code: str) -> tuple[Note, ...]:
    """The warnings of one code."""
    assert code in {warner.code for warner in all_warnings()}
    return tuple(note for note in report(one).notes if note.code == code)


def said(one: Setting, code: str) -> list[tuple[str, str, str]]:
    """Of each warning of a code: its subject, the text at its place, and what it says."""
    return [(note.subject, marked(note.span, one), note.message) for note in warnings(one, code)]
