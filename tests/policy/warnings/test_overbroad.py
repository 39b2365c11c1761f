"""A pattern that is over its budget is told, with the narrower one."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.findings import Note
from capwright_policy.warnings.overbroad import _apart, written_out
from capwright_registry.patterns import Region, overlap, parse
from capwright_registry.vocabulary import ACTIONS
from tests.support.checking import allows, enable, marked, plugin, profile, request, setting
from tests.support.warning import warnings


def of(tmp_path: Path, action: str, asked: tuple[str, ...], *given: str, more: str = "") -> list[Note]:
    grant = allows(action, *given, more=more)
    files = {
        "plugins/git/plugin.toml": plugin("acme.git", request(action, *asked)),
        "profiles/lead.toml": profile("lead", grant, parts=[enable("project:acme.git", grant)]),
    }
    one = setting(tmp_path, files)
    found = list(warnings(one, "overbroad"))
    assert all(marked(note.span, one).strip('"') in given for note in found)
    return found


WIDE = [
    ("fs.read", "${workspace}/**", "${workspace}/notes/**"),
    ("fs.read", "/**", "/a/b"),
    ("fs.read", "/a/**", "/a/b/c/**"),
    ("fs.read", "/a/*/*/**", "/a/b/c/d"),
    ("fs.read", "${workspace}/**", "${workspace}/**/*.md"),
    ("fs.read", "/**/x", "/a/b/c/x"),
    ("net.connect", "*:443", "api.example.com:443"),
    ("net.connect", "*.com:443", "api.example.com:443"),
    ("net.http", "* https://*:443/**", "GET https://api.example.com/v1/**"),
    ("env.read", "*", "NOTES_LANG"),
    ("tool.call", "project:**", "project:acme.other/log"),
    ("process.exec", "...", "git log"),
]
NARROW = [
    ("fs.read", "/a/**", "/a/b/**"),
    ("fs.read", "/a/b", "/a/**"),
    ("fs.read", "/a/**", "/**"),
    ("fs.read", "${workspace}/**", "${workspace}/**"),
    ("fs.read", "${workspace}/a/**", "${workspace}/a/*.md"),
    ("fs.read", "/a/**", "/b/c/d/**"),
    ("fs.read", "/[x-z]*/**", "/a/b/c"),
    ("net.connect", "*.example.com:443", "api.example.com:443"),
    ("net.connect", "api.example.com:*", "api.example.com:443"),
    ("net.http", "* https://api.example.com/v1/**", "GET https://api.example.com/v1/**"),
    ("env.read", "NOTES_*", "NOTES_LANG"),
    ("tool.call", "project:acme.other/*", "project:acme.other/log"),
    ("process.exec", "git ...", "git log"),
]


@pytest.mark.parametrize(("action", "given", "asked"), WIDE)
def test_one_that_is_over_its_budget(tmp_path: Path, action: str, given: str, asked: str) -> None:
    (found,) = of(tmp_path, action, (asked,), given)
    assert found.subject == "lead/project:acme.git"
    assert found.message == f"`{given}` is far more than `project:acme.git` asks for of `{action}`"
    assert found.help.startswith(f'write `on = ["{asked}"]`')


@pytest.mark.parametrize(("action", "given", "asked"), NARROW)
def test_one_that_is_within_it(tmp_path: Path, action: str, given: str, asked: str) -> None:
    assert of(tmp_path, action, (asked,), given) == []


def test_one_request_that_is_near_is_enough(tmp_path: Path) -> None:
    assert of(tmp_path / "a", "fs.read", ("/a/b/c/**", "/a/d/**"), "/a/**") == []
    assert len(of(tmp_path / "b", "fs.read", ("/a/b/c/**", "/a/d/e/**"), "/a/**")) == 1


def test_several_requests_together_may_ask_for_all(tmp_path: Path) -> None:
    """No request has it alone: decided by the algebra, not pattern by pattern."""
    assert of(tmp_path, "fs.read", ("/a/b/[a-m]*/**", "/a/b/[!a-m]*/**", "/a/b"), "/a/b/**") == []


def test_what_the_entry_leaves_out_does_not_count(tmp_path: Path) -> None:
    asked = ("${workspace}/notes/**", "${workspace}/src/**")
    assert len(of(tmp_path / "a", "fs.read", asked, "${workspace}/**")) == 1
    rest = 'except = ["${workspace}", "${workspace}/*", "${workspace}/[!ns]*/**", "${workspace}/n[!o]*/**", '
    rest += '"${workspace}/n/**", "${workspace}/s/**", "${workspace}/no[!t]*/**", "${workspace}/s[!r]*/**"]'
    assert len(of(tmp_path / "b", "fs.read", asked, "${workspace}/**", more=rest)) == 1
    assert (
        of(
            tmp_path / "c",
            "fs.read",
            ("/a/b/**",),
            "/**",
            more='except = ["/[!a]*/**", "/a?*/**", "/", "/a/[!b]*/**", "/a", "/a/b?*/**"]',
        )
        == []
    )


def test_the_edit_keeps_the_other_patterns(tmp_path: Path) -> None:
    (found,) = of(tmp_path, "fs.read", ("/x/y/**", "/a/b/c"), "/x/y/**", "/a/**")
    assert 'write `on = ["/x/y/**", "/a/b/c"]`' in found.help


def test_where_a_request_only_overlaps_no_edit_is_made_up(tmp_path: Path) -> None:
    (found,) = of(tmp_path, "fs.read", ("/*/b/c/d/e/f",), "/a/**")
    assert found.help == "narrow it to what `plugins/git/plugin.toml` asks for"


@pytest.mark.parametrize(
    ("action", "text", "parts"),
    [
        ("fs.read", "/a/b*/c/**", 2),
        ("net.connect", "*.example.com:443", 3),
        ("net.connect", "10.0.0.1:443", 2),
        ("net.connect", "10.0.0.0/8:*", 0),
        ("tool.call", "project:acme.git/*", 3),
        ("process.exec", "git log ...", 2),
    ],
)
def test_what_is_written_out(action: str, text: str, parts: int) -> None:
    assert written_out(parse(ACTIONS[action].domain, text)) == parts


@pytest.mark.parametrize(
    "texts",
    [
        ["/a/**", "/**/x", "/a/*/x", "/b", "/*/x", "/a", "/**", "/[ab]/y"],
        ["*.example.com:443", "example.com:443", "*:443", "a.com:80", "10.0.0.0/8:443", "10.0.0.1:*", "*:*"],
        ["project:**", "project:acme.git/*", "user:acme.git/log", "**", "*", "acme.*", "project:*.git/log"],
    ],
)
def test_what_is_seen_apart_has_nothing_in_common(texts: list[str]) -> None:
    """The shortcut agrees with the algebra, and takes something off it."""
    domain = "path" if texts[0].startswith("/") else "host" if "443" in texts[0] else "name"
    patterns = [parse(domain, text) for text in texts]
    apart = [(a, b) for a in patterns for b in patterns if _apart(a, b)]
    assert apart
    assert all(overlap(Region((a,)), Region((b,))) is None for a, b in apart)
