"""The nearest miss is what a reader would change first."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.effects import Effect, parse_effect
from capwright_policy.near import Miss, covers, nearest, pattern_of
from capwright_registry.capability import CapabilityList
from tests.support.workspaces import PROFILE, load

SCOPE = (
    PROFILE
    + """
[scope]
allow = [
  { action = "fs.read", on = ["/srv/in/**", "/home/*/notes/**"], except = ["**/*.pem", "/srv/in/own/**"] },
  { action = "fs.read", on = ["/srv/docs"] },
  { action = "fs.write", on = ["/home/ann/out/**"] },
  { action = "net.connect", on = ["*.example.com:443", "10.0.0.0/8:80-90"] },
  { action = "tool.call", on = ["project:acme.notes/*"] },
  { action = "history.rewrite", on = ["x"] },
]
"""
)


@pytest.fixture(name="scope", scope="module")
def _scope(tmp_path_factory: pytest.TempPathFactory) -> CapabilityList:
    (profile,) = load(tmp_path_factory.mktemp("near"), {"profiles/lead.toml": SCOPE}).profiles
    return profile.scope[0]


def effect(text: str) -> Effect:
    return parse_effect(text, {})


@pytest.mark.parametrize(
    ("text", "kind", "shown", "line"),
    [
        ("fs.read:/srv/in/own/a.pem", Miss.EXCEPTED, "**/*.pem", 6),
        ("fs.read:/srv/in/own/a", Miss.EXCEPTED, "/srv/in/own/**", 6),
        ("fs.read:/srv/im", Miss.PATTERN, "/srv/in/**", 6),
        ("fs.read:/srv/docs/a", Miss.PATTERN, "/srv/docs", 7),
        ("fs.read:/srv/dog", Miss.PATTERN, "/srv/docs", 7),
        ("fs.read:/home/ann/out/a", Miss.PATTERN, "/home/*/notes/**", 6),
        ("fs.delete:/home/ann/out/a", Miss.ACTION, "fs.write", 8),
        ("net.connect:www.example.com:80", Miss.PATTERN, "*.example.com:443", 9),
        ("net.connect:10.1.2.3:91", Miss.PATTERN, "10.0.0.0/8:80-90", 9),
        ("tool.call:project:acme.git/log", Miss.PATTERN, "project:acme.notes/*", 10),
    ],
)
def test_nearest(scope: CapabilityList, text: str, kind: Miss, shown: str, line: int) -> None:
    miss = nearest(scope, effect(text))
    assert miss is not None
    assert (miss.kind, miss.text, miss.span.line) == (kind, shown, line)


@pytest.mark.parametrize("text", ["fs.delete:/elsewhere", "process.exec:ls", "agent.spawn:lead"])
def test_nothing_near(scope: CapabilityList, text: str) -> None:
    assert nearest(scope, effect(text)) is None


def test_what_is_covered_and_by_which_pattern(scope: CapabilityList) -> None:
    first = scope[0]
    assert covers(first, effect("fs.read:/home/ann/notes/a"))
    assert not covers(first, effect("fs.read:/home/ann/notes/a.pem"))
    assert not covers(first, effect("fs.write:/srv/data/a"))
    hit = pattern_of(first, "/home/ann/notes/a")
    assert hit is not None
    assert (hit[0].text, str(hit[1])) == ("/home/*/notes/**", "profiles/lead.toml:6:45")


def test_what_is_never_grantable_covers_nothing(scope: CapabilityList) -> None:
    assert scope[-1].never
    assert not covers(scope[-1], Effect("history.rewrite", "x"))


def test_the_place_is_the_pattern_s_own(scope: CapabilityList, tmp_path: Path) -> None:
    miss = nearest(scope, effect("fs.read:/srv/in/own/x"))
    assert miss is not None
    assert (miss.span.line, miss.span.column) == (6, 88)
