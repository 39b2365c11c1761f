"""`delegation-over-parent`: what its vectors cannot say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from capwright_policy import reference
from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting, find_profile
from tests.support.checking import allows, check, marked, mended, profile, setting

ID = "delegation-over-parent"


def child(name: str, scope: str = "") -> str:
    return f'[[child]]\nprofile = "{name}"' + (f'\nscope = "{scope}"' if scope else "")


def desk(tmp_path: Path, **profiles: str) -> Setting:
    return setting(tmp_path, {f"profiles/{name}.toml": text for name, text in profiles.items()})


def pair(tmp_path: Path, lead: str, reader: str, scope: str = "") -> Setting:
    return desk(
        tmp_path, lead=profile("lead", lead, parts=[child("reader", scope)]), reader=profile("reader", reader)
    )


@pytest.mark.parametrize(
    ("parent", "below", "holds"),
    [
        ("depth == 0", "depth == 1", True),
        ("depth == 0", "depth <= 1", True),  # a child is never at depth 0
        ("depth == 0", "depth <= 2", False),
        ("depth >= 1", "depth >= 2", True),
        ("depth >= 1", "depth >= 1", False),
        ("depth < 1", "depth < 2", True),
        ("mode == 'a'", "mode == 'a'", True),
        ("approved", "true", False),
    ],
)
def test_the_childs_context_is_one_deeper(tmp_path: Path, parent: str, below: str, holds: bool) -> None:
    """Everything else of the context is the parent's."""
    one = pair(
        tmp_path,
        allows("fs.read", "/a", more=f'when = "{parent}"'),
        allows("fs.read", "/a", more=f'when = "{below}"'),
    )
    assert check(ID, one).verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


def test_the_counterexample_replays_at_two_depths(tmp_path: Path) -> None:
    one = pair(tmp_path, allows("fs.read", "/a", more='when = "depth >= 1"'), allows("fs.read", "/a"))
    found = check(ID, one).findings[0].counterexample
    assert found is not None
    assert found.context["depth"] == 1
    above = reference.parent_context(found.context)
    assert not reference.allows_all(find_profile(one, "lead").delegable, "fs.read", "/a", above)


def test_the_chain_shows_the_whole_way_down(tmp_path: Path) -> None:
    """From an agent that nobody spawns to the child that may do too much."""
    names = ["zero", "one", "two", "three", "four", "five", "six"]
    profiles = {
        name: profile(name, allows("fs.read", "/a"), parts=[child(below)]) for name, below in pairwise(names)
    }
    one = desk(tmp_path, **profiles, six=profile("six", allows("fs.read", "/b")))
    (finding,) = check(ID, one).findings
    assert finding.counterexample is not None
    assert finding.counterexample.chain == tuple(f"agent:{name}" for name in names)
    assert marked(finding.span, one) == '"/b"'


def test_every_parent_of_a_child_is_held_to_it(tmp_path: Path) -> None:
    one = desk(
        tmp_path,
        wide=profile("wide", allows("fs.read", "/**"), parts=[child("reader")]),
        tight=profile("tight", allows("fs.read", "/b"), parts=[child("reader")]),
        reader=profile("reader", allows("fs.read", "/a")),
    )
    result = check(ID, one)
    assert result.obligations == 2
    assert [finding.subject for finding in result.findings] == ["tight/reader"]


def test_two_agents_that_spawn_each_other_are_equals(tmp_path: Path) -> None:
    """A circle holds each of its members to every other one."""
    same = desk(
        tmp_path / "same",
        ping=profile("ping", allows("fs.read", "/a"), parts=[child("pong")]),
        pong=profile("pong", allows("fs.read", "/a"), parts=[child("ping")]),
    )
    assert check(ID, same).verdict is Verdict.PROVED
    other = desk(
        tmp_path / "other",
        ping=profile("ping", allows("fs.read", "/a", "/b"), parts=[child("pong")]),
        pong=profile("pong", allows("fs.read", "/a"), parts=[child("ping")]),
    )
    assert [finding.subject for finding in check(ID, other).findings] == ["pong/ping"]


class TestRunTimeChoice:
    """A parent that may be narrowed to any subset, and children that follow or do not."""

    def desk(
        self, tmp_path: Path, grandchild: str, middle: str = "any-subset", clerk: str = "/a/b"
    ) -> Setting:
        return desk(
            tmp_path,
            lead=profile("lead", allows("fs.read", "/a/**"), parts=[child("helper", middle)]),
            helper=profile("helper", allows("fs.read", "/a/**"), parts=[child("clerk", grandchild)]),
            clerk=profile("clerk", allows("fs.read", clerk)),
        )

    def test_a_child_that_follows_is_narrowed_along(self, tmp_path: Path) -> None:
        assert check(ID, self.desk(tmp_path, "any-subset")).verdict is Verdict.PROVED

    def test_a_child_that_follows_is_still_held_to_its_parent(self, tmp_path: Path) -> None:
        result = check(ID, self.desk(tmp_path, "any-subset", clerk="/b"))
        assert [finding.subject for finding in result.findings] == ["helper/clerk"]

    def test_nobody_chooses_where_nobody_may(self, tmp_path: Path) -> None:
        assert check(ID, self.desk(tmp_path, "profile", middle="profile")).verdict is Verdict.PROVED

    def test_one_parent_that_chooses_is_enough(self, tmp_path: Path) -> None:
        files = {
            "other": profile("other", allows("fs.read", "/a/**"), parts=[child("helper", "any-subset")]),
            "lead": profile("lead", allows("fs.read", "/a/**"), parts=[child("helper")]),
            "helper": profile("helper", allows("fs.read", "/a/**"), parts=[child("clerk")]),
            "clerk": profile("clerk", allows("fs.read", "/a/b")),
        }
        assert [f.subject for f in check(ID, desk(tmp_path, **files)).findings] == ["helper/clerk"]

    @pytest.mark.parametrize("written", ["", "profile"])
    def test_the_edit_lets_the_child_follow(self, tmp_path: Path, written: str) -> None:
        one = self.desk(tmp_path, written)
        (finding,) = check(ID, one).findings
        assert "any-subset" in finding.help
        assert mended(finding, one, "profiles/helper.toml").count('scope = "any-subset"') == 1

    def test_a_plain_excess_is_told_as_one(self, tmp_path: Path) -> None:
        """Where the child exceeds its parent without any choice, following would not help."""
        (finding,) = check(ID, self.desk(tmp_path, "profile", clerk="/b")).findings
        assert "any-subset" not in finding.help


def test_delegable_left_out_is_the_scope(tmp_path: Path) -> None:
    """Nothing to prove of the agent itself; an empty list is another matter."""
    assert check(ID, desk(tmp_path / "out", lead=profile("lead", allows("fs.read", "/a")))).obligations == 0
    empty = desk(tmp_path / "empty", lead=profile("lead", allows("fs.read", "/a"), delegable=[]))
    assert check(ID, empty).verdict is Verdict.PROVED
