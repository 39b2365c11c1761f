"""What a plan says of a path, by its name alone."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.plan import Plan, Rules, State
from tests.runtimes.confined import plan

RANK = {"mask": 0, "read": 1, "write": 2}


class TestPlan:
    @pytest.mark.parametrize(
        "change",
        [
            {"read": ["relative"]},
            {"read": ["/"]},
            {"read": ["/a/../b"]},
            {"read": ["/a/"]},
            {"read": ["//a"]},
            {"read": ["/a\0b"]},
            {"read": "/a"},
            {"read": [7]},
            {"write": ["/a"], "read": ["/a"]},
            {"network": 1},
            {"unknown": []},
        ],
    )
    def test_another_shape_is_refused(self, change: dict[str, object]) -> None:
        with pytest.raises(Refused) as caught:
            Plan.of({**plan(), **change})
        assert caught.value.code == "bad-table"

    @pytest.mark.parametrize("key", ["read", "write", "mask", "network"])
    def test_a_missing_key_is_refused(self, key: str) -> None:
        table = plan()
        del table[key]
        with pytest.raises(Refused):
            Plan.of(table)


def rules(**parts: list[str]) -> Rules:
    paths = {key: [Path(text) for text in texts] for key, texts in parts.items() if key != "globs"}
    return Rules(Plan.of(plan(globs=parts.get("globs", ()), **paths)))


class TestRules:
    def test_the_longest_place_holds(self) -> None:
        said = rules(read=["/w"], write=["/w/out"], mask=["/w/out/a"])
        assert list(said.granted()) == [(Path("/w"), "read"), (Path("/w/out"), "write")]
        assert said.child(Path("/w/out/a"), "write") == "mask" and said.child(Path("/w/b"), "read") == "read"

    def test_a_pattern_hides_what_it_names_and_what_has_no_name_to_compare(self) -> None:
        said = rules(read=["/w", "/w/x.pem"], globs=["/**/*.pem"])
        assert list(said.granted()) == [(Path("/w"), "read")]
        for name in ("a.pem", "a\nb", "a\x7fb"):
            assert said.child(Path("/w", name), "read") == "mask"
        assert rules(read=["/w"]).child(Path("/w/a\nb"), "read") == "read"

    @pytest.mark.parametrize(
        ("path", "hidden"),
        [
            ("/w/a", True),
            ("/w/a/b/c", True),
            ("/w/a/open", False),
            ("/w/a/open/x", False),
            ("/w/x.pem", True),
            ("/w/x.pem/b", True),
            ("/w/b", False),
            ("/v", False),
            ("/v/x", False),
            ("/v/x.pem", False),
        ],
    )
    def test_what_is_excepted_from_something_given_is_hidden(self, path: str, hidden: bool) -> None:
        said = rules(read=["/w", "/w/a/open"], mask=["/w/a", "/v"], globs=["/**/*.pem"])
        assert said.hides(Path(path)) == hidden

    @pytest.mark.parametrize(
        ("glob", "reach"),
        [
            ("/**/x", "everything"),
            ("/w/**", "everything"),
            ("/w/a/**/x", "everything"),
            ("/*/a/**", "everything"),
            ("/w/a/*", "names"),
            ("/w/?/x/**", "names"),
            ("/w/a/x*", "names"),
            ("/w/a", "nothing"),
            ("/w/*", "nothing"),
            ("/w/b*/**", "nothing"),
            ("/v/**", "nothing"),
        ],
    )
    def test_how_far_a_pattern_reaches(self, glob: str, reach: str) -> None:
        assert rules(read=["/w"], globs=[glob]).reach(Path("/w/a")) == reach

    def test_an_escaped_name_is_that_name(self) -> None:
        said = rules(read=["/w"], globs=["/w/[*]/x"])
        assert (said.reach(Path("/w/*")), said.reach(Path("/w/a"))) == ("names", "nothing")
        assert said.child(Path("/w/*/x"), "read") == "mask"


_NAMES = ("a", "b")
_WORLD = [
    "/w" + "".join(f"/{name}" for name in names) for n in range(4) for names in product(_NAMES, repeat=n)
]
_GLOBS = st.sampled_from(["/**/b", "/w/*/a", "/w/a/*/**", "/w/**/a/**", "/w/?/b/a", "/w/[ab]", "/*/b/**/a"])


@st.composite
def _plans(draw: st.DrawFn) -> Rules:
    said = draw(st.dictionaries(st.sampled_from(_WORLD), st.sampled_from(["read", "write", "mask"])))
    lists = {word: [path for path, state in said.items() if state == word] for word in RANK}
    return rules(**lists, globs=draw(st.lists(_GLOBS, max_size=2)))


def _state(said: Rules, path: Path, around: Path, state: State) -> State:
    """What is given of a path, walking down from a place around it."""
    for depth in range(len(around.parts) + 1, len(path.parts) + 1):
        state = said.child(Path(*path.parts[:depth]), state)
    return state


@settings(deadline=None)
@given(_plans(), st.sampled_from(["read", "write"]))
def test_a_whole_folder_gives_less_of_nothing(said: Rules, state: State) -> None:
    """ "Whether nothing below the path is given less than `state`, whatever is made or renamed there." """
    for folder in map(Path, _WORLD):
        if said.is_whole(folder, state):
            below = [path for path in map(Path, _WORLD) if folder in path.parents]
            assert all(RANK[_state(said, path, folder, state)] >= RANK[state] for path in below), folder
