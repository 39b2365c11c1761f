"""Patterns over commands."""

from __future__ import annotations

import shlex

import pytest

from capwright_registry.canonical import canonical
from capwright_registry.patterns import PatternError, matches, parse

MATCHES = [
    ("git", [["git"]], [["git", "x"], ["Git"], ["/usr/bin/git"]]),
    ("git ...", [["git"], ["git", "push", ""]], [["gitk"], [""]]),
    (
        "git push *",
        [["git", "push", "x"], ["git", "push", ""], ["git", "push", "a b\n"]],
        [["git", "push"], ["git", "push", "a", "b"]],
    ),
    ("git -*", [["git", "-x"], ["git", "--force"]], [["git", "x"]]),
    ("...", [["a"], [""], ["a", "b"]], []),
    ("git commit -m 'a *'", [["git", "commit", "-m", "a *"]], [["git", "commit", "-m", "a b"]]),
    ('git "a b"*', [["git", "a bc"], ["git", "a b"]], [["git", "a"]]),
    ("git ''", [["git", ""]], [["git"]]),
    ("git [a b]", [["git", "a"], ["git", " "]], [["git", "c"]]),
    ("echo '...'", [["echo", "..."]], [["echo"], ["echo", "a"]]),
    ("echo '.'..", [["echo", "..."]], [["echo"], ["echo", "a"], ["echo", "...", "a"]]),
    ("echo ''...", [["echo", "..."]], [["echo"], ["echo", "a"]]),
    ("echo ...'' x", [["echo", "...", "x"]], [["echo", "x"]]),
    ("echo ....", [["echo", "...."]], [["echo"]]),
    ("ls  /a/*", [["ls", "/a/b/c"]], [["ls", "/a"]]),
    ("echo [']", [["echo", "'"]], []),
    ("  git  ", [["git"]], []),
]

REFUSED = [
    ("   ", "empty", "`...`"),
    ("... x", "only at the end", "`*`"),
    ("git ... ...", "only at the end", "`*`"),
    ("git 'x", "not closed", "close it"),
    ('git "x', "not closed", "close it"),
    ("git \\*", "backslash", "`[*]`"),
    ("git **", "stands alone", "`*`"),
    ("git [", "not closed", "`]`"),
    ("git a\nb", "control", "?"),
]


@pytest.mark.parametrize(("text", "yes", "no"), MATCHES)
def test_matches(text: str, yes: list[list[str]], no: list[list[str]]) -> None:
    pattern = parse("argv", text)
    assert [r for r in yes if not matches(pattern, canonical("argv", shlex.join(r)))] == []
    assert [r for r in no if matches(pattern, canonical("argv", shlex.join(r)))] == []
    again = parse("argv", pattern.canonical)
    assert (again.elements, again.canonical) == (pattern.elements, pattern.canonical)


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_refused_with_what_was_probably_meant(text: str, message: str, hint: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse("argv", text)
    assert message in caught.value.message
    assert hint in caught.value.help
