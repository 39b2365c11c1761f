"""Families of questions about globs that grow: are k child globs within k parent globs?

Deterministic. Every question has a twin in which one child of the middle escapes, so that no answer is
vacuous.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from capwright_registry.patterns import Pattern, Region, parse

_KINDS: Final = ("py", "js", "go", "rs", "md", "toml", "json")


@dataclass(frozen=True, slots=True)
class Family:
    """The parent and the child of each number, and a child that is in no parent."""

    parent: Callable[[int], str]
    child: Callable[[int], str]
    escape: str
    about: str
    united: bool = False  # whether a child may need several parents together

    def parents(self, k: int) -> tuple[Pattern, ...]:
        """The first k parents."""
        return tuple(parse("path", self.parent(number)) for number in range(k))

    def children(self, k: int, escaping: bool = False) -> tuple[Pattern, ...]:
        """The first k children; with `escaping`, the one in the middle is in no parent."""
        texts = [self.child(number) for number in range(k)]
        if escaping:
            texts[k // 2] = self.escape
        return tuple(parse("path", text) for text in texts)

    def question(self, k: int, escaping: bool = False) -> tuple[Region, Region]:
        """The outer and the inner region."""
        return Region(self.parents(k)), Region(self.children(k, escaping))


def _kind(number: int) -> str:
    return _KINDS[number % len(_KINDS)]


def _team(number: int) -> str:
    return f"team{number % 16:02}"


def _half_parent(number: int) -> str:
    return f"/data/[{'!a-m' if number % 2 else 'a-m'}]*-{number // 2:04}/**"


def _half_child(number: int) -> str:
    return f"/data/?*-{number // 2:04}/in/**" if number % 2 else f"/data/*x-{number // 2:04}/out/*"


FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "flat": Family(
            lambda n: f"/repo/pkg{n:04}/*.{_kind(n)}",
            lambda n: f"/repo/pkg{n:04}/test_*.{_kind(n)}",
            "/repo/pkgs/test_*.py",
            "a folder each, no `**`",
        ),
        "packages": Family(
            lambda n: f"/repo/pkg{n:04}/**/*.{_kind(n)}",
            lambda n: f"/repo/pkg{n:04}/src/**/test_*.{_kind(n)}",
            "/repo/pkgs/src/**/test_*.py",
            "a folder each, `**` within",
        ),
        "releases": Family(
            lambda n: f"/srv/{_team(n)}/app{n:04}-*/**",
            lambda n: f"/srv/{_team(n)}/app{n:04}-v[0-9]*/conf/*.toml",
            "/srv/team00/apps-v[0-9]*/conf/*.toml",
            "sixteen shared folders, a `*` in the name",
        ),
        "anywhere": Family(
            lambda n: f"/**/svc{n:04}/**/*-{n}.{_kind(n)}",
            lambda n: f"/repo/**/svc{n:04}/src/**/test_*-{n}.{_kind(n)}",
            "/repo/**/svcs/src/**/test_*.py",
            "all start with `**`: each may be below any other",
        ),
        "within": Family(
            lambda n: f"/logs/*svc{n:04}*/day{n}/**",
            lambda n: f"/logs/*svc{n:04}-prod*/day{n}/**/*.log",
            "/logs/*svcs-prod*/day0/**/*.log",
            "all start with `*`: one name may be in any of them",
        ),
        "halves": Family(
            _half_parent,
            _half_child,
            "/data/?*-last/in/**",
            "each child is in two parents together, and in neither alone",
            united=True,
        ),
    }
)
