"""What is mounted is what every layer covers, or less; and each thing left out is said."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_policy.emit.bubblewrap import Layers, Rule, plan
from capwright_registry.patterns import matches, parse


def rule(*on: str, without: tuple[str, ...] = (), conditional: bool = False) -> Rule:
    return Rule(on, without, conditional)


def paths(table: dict[str, object], key: str) -> list[str]:
    found = table[key]
    assert isinstance(found, list)
    return found


def told(table: dict[str, object]) -> str:
    return "\n".join(paths(table, "lost"))


WORK = rule("/w/**")


class TestReading:
    def test_a_folder_is_bound_where_every_layer_covers_it(self) -> None:
        table = plan([[WORK], [rule("/**")], [rule("/w/notes/**", "/other/**")]], [])
        assert paths(table, "read") == ["/w/notes"]
        assert (paths(table, "write"), paths(table, "mask"), paths(table, "lost")) == ([], [], [])

    def test_layers_that_do_not_meet_bind_nothing(self) -> None:
        assert paths(plan([[WORK], [rule("/v/**")]], []), "read") == []

    def test_no_layer_is_no_grant_and_a_layer_without_rules_grants_nothing(self) -> None:
        assert paths(plan([], []), "read") == []
        assert paths(plan([[WORK], []], []), "read") == []

    def test_literal_exceptions_become_masks(self) -> None:
        table = plan([[rule("/w/**", without=("/w/secret/**", "/w/.env"))]], [])
        assert paths(table, "mask") == ["/w/.env", "/w/secret"]
        assert "`/w/.env` is excepted with all that may be in it" in told(table)

    def test_what_copies_lose_is_said_of_each_folder_with_an_exception(self) -> None:
        table = plan([[rule("/w/**", "/v/**", "/u/**", without=("/w/a/**", "/v/**/x"))]], [])
        copied = "so `fs.read` has copies of the folders around it, as they were when the call began"
        assert paths(table, "lost") == [f"something in `{p}` is excepted, {copied}" for p in ("/v", "/w")]

    def test_an_exception_in_one_layer_masks_in_all(self) -> None:
        table = plan([[WORK], [rule("/**", without=("/w/a/**", "/elsewhere/**"))]], [])
        assert paths(table, "read") == ["/w"] and paths(table, "mask") == ["/w/a"]

    def test_another_rule_of_the_layer_opens_what_one_excepts(self) -> None:
        table = plan([[rule("/w/**", without=("/w/a/**",)), rule("/w/a/b/**")]], [])
        assert paths(table, "read") == ["/w", "/w/a/b"] and paths(table, "mask") == ["/w/a"]

    def test_an_exception_holds_for_every_pattern_of_its_own_rule(self) -> None:
        table = plan([[rule("/w/**", "/w/a/b/**", without=("/w/a/**",))]], [])
        assert paths(table, "read") == ["/w"] and paths(table, "mask") == ["/w/a"]

    def test_wildcard_exceptions_are_left_for_the_launch_and_the_rest_is_said(self) -> None:
        table = plan([[rule("/w/**", without=("/**/.env", "/other/**/x"))]], [])
        assert paths(table, "mask_globs") == ["/**/.env"]
        assert "something in `/w` is excepted, so `fs.read` has copies" in told(table)

    @pytest.mark.parametrize(("glob", "kept"), [("/w/a/**/x", True), ("/w/a/*", True), ("/v/**/x", False)])
    def test_a_wildcard_that_begins_below_the_bound_folder_counts(self, glob: str, kept: bool) -> None:
        assert paths(plan([[rule("/w/**", without=(glob,))]], []), "mask_globs") == [glob] * kept

    @pytest.mark.parametrize("pattern", ["/w/*/docs/**", "/w/**/*.md", "/w/a?", "/w/[ab]/**", "/**/x/**"])
    def test_what_is_no_subtree_is_not_bound_and_said(self, pattern: str) -> None:
        table = plan([[rule(pattern)]], [])
        assert paths(table, "read") == [] and f"`{pattern}`" in told(table)

    def test_a_conditional_rule_is_not_bound_and_said(self) -> None:
        table = plan([[WORK], [rule("/w/**", conditional=True)]], [])
        assert paths(table, "read") == [] and "holds only at times" in told(table)

    def test_a_single_file(self) -> None:
        table = plan([[rule("/w/a.txt", "/w/b.txt")], [rule("/w/**", without=("/w/b.txt",))]], [])
        assert paths(table, "read") == paths(table, "files") == ["/w/a.txt"]
        assert "only if a single file is there" in told(table)

    def test_a_single_file_that_a_wildcard_excepts(self) -> None:
        assert paths(plan([[rule("/w/key.pem", without=("/**/*.pem",))]], []), "read") == []

    def test_the_root_and_the_kernels_folders_are_never_bound(self) -> None:
        whole = plan([[rule("/**")]], [])
        assert paths(whole, "read") == [] and "`/` as a whole" in told(whole)
        kernel = plan([[rule("/proc/**", "/sys/fs/**", "/dev/**", "/proc/1/environ", "/w/**")]], [])
        assert paths(kernel, "read") == ["/w"] and "`/proc`" in told(kernel)

    def test_a_sibling_with_a_longer_name_is_not_beneath(self) -> None:
        assert paths(plan([[rule("/w/a/**")], [rule("/w/ab/**")]], []), "read") == []


class TestWriting:
    def test_writing_needs_reading_and_deleting_too(self) -> None:
        assert paths(plan([[WORK]], [[WORK]], [[WORK]]), "write") == ["/w"]
        assert paths(plan([], [[WORK]], [[WORK]]), "write") == []
        alone = plan([[WORK]], [[WORK]])
        assert paths(alone, "write") == [] and paths(alone, "read") == ["/w"]
        assert "`fs.delete`" in told(alone)

    def test_what_may_be_read_and_not_written_stays_readable(self) -> None:
        narrow = rule("/w/**", without=("/w/.git/**",))
        table = plan([[WORK]], [[narrow]], [[WORK]])
        assert paths(table, "write") == ["/w"] and paths(table, "read") == ["/w/.git"]

    def test_a_part_that_may_be_written(self) -> None:
        out = rule("/w/out/**")
        table = plan([[WORK]], [[out]], [[out]])
        assert paths(table, "read") == ["/w"] and paths(table, "write") == ["/w/out"]

    def test_writing_is_not_given_where_a_wildcard_is_excepted(self) -> None:
        table = plan([[WORK]], [[rule("/w/**", without=("/**/.env",))]], [[WORK]])
        assert paths(table, "write") == [] and "could be made anew" in told(table)

    def test_writing_is_not_given_where_reading_excepts_a_wildcard(self) -> None:
        """Who may rename could give a hidden file another name."""
        hidden = rule("/w/**", without=("/w/a/**/.env",))
        table = plan([[hidden]], [[WORK]], [[WORK]])
        assert paths(table, "write") == ["/w"] and paths(table, "read") == ["/w/a"]
        assert "not given on folders where reading excepts `/w/a/**/.env`" in told(table)
        everywhere = plan([[rule("/w/**", without=("/**/.env",))]], [[WORK]], [[WORK]])
        assert paths(everywhere, "write") == [] and paths(everywhere, "read") == ["/w"]

    def test_what_a_writable_folder_loses_to_an_exception_is_said(self) -> None:
        table = plan([[WORK]], [[rule("/w/**", without=("/w/a/**",))]], [[WORK]])
        assert (
            "something in `/w` is read-only, so `fs.write` and `fs.delete` make and delete nothing"
            in told(table)
        )

    def test_nothing_is_lost_of_what_a_layer_does_not_give(self) -> None:
        ceiling = [rule("/**", without=("/**/.git/**", "/**/.env"))]
        table = plan([[WORK], ceiling], [[], ceiling], [[], ceiling])
        assert "fs.write" not in told(table) and "fs.delete" not in told(table)

    def test_a_single_file_is_decided_exactly_where_folders_are_not_given(self) -> None:
        ceiling = [rule("/**", without=("/**/.git/**", "/**/*.pem"))]
        wanted = [rule("/w/log.txt", "/w/.git/config", "/w/key.pem", "/w/out/**")]
        table = plan([[WORK]], [wanted, ceiling], [wanted, ceiling])
        assert paths(table, "write") == ["/w/log.txt"] and paths(table, "read") == ["/w"]
        assert "could be made anew: `/**/*.pem`, `/**/.git/**`" in told(table)

    def test_a_single_file_may_be_written_without_deleting(self) -> None:
        table = plan([[WORK]], [[rule("/w/log.txt")]])
        assert paths(table, "write") == paths(table, "files") == ["/w/log.txt"]


class TestRoots:
    """What every sandbox shows would show a workspace in it."""

    def test_a_root_in_a_system_folder_is_hidden_unless_it_is_given(self) -> None:
        roots = ["/w", "/usr/src/app", "/usr/share/corpus", "/usr"]
        table = plan([[WORK], [rule("/**")]], [], roots=roots)
        assert paths(table, "mask") == ["/usr/share/corpus", "/usr/src/app"]
        given = plan([[rule("/usr/src/app/**")]], [], roots=roots)
        assert paths(given, "mask") == ["/usr/share/corpus"]
        part = plan([[rule("/usr/src/app/data/**")]], [], roots=roots)
        assert paths(part, "mask") == ["/usr/share/corpus", "/usr/src/app"]
        assert paths(part, "read") == ["/usr/src/app/data"]


def test_the_network_is_never_given_and_said() -> None:
    table = plan([[WORK]], [], net=[[rule("example.com:443")]])
    assert table["network"] is False and "hosts are not told apart" in told(table)
    assert "hosts" not in told(plan([[WORK]], [], net=[[rule("example.com:443")], []]))


# A small world in which every path can be asked.
_NAMES = ("a", "b")
_WORLD = [
    "/w" + "".join(f"/{name}" for name in names) for n in range(4) for names in product(_NAMES, repeat=n)
]
_LITERALS = st.sampled_from(_WORLD)
_TREES = _LITERALS.map(lambda path: f"{path}/**")
_ODD = st.sampled_from(["/**/b", "/w/*/a", "/w/a/*/**", "/**", "/w/**/a/**"])
_PATTERNS = _TREES | _LITERALS | _ODD


def _layers(
    patterns: st.SearchStrategy[str], conditional: st.SearchStrategy[bool]
) -> st.SearchStrategy[Layers]:
    lists = st.lists(patterns, max_size=2).map(tuple)
    rules = st.builds(Rule, st.lists(patterns, min_size=1, max_size=2).map(tuple), lists, conditional)
    return st.lists(st.lists(rules, min_size=1, max_size=2), min_size=1, max_size=3)


def _given(layers: Layers, path: str) -> bool:
    """The meaning of the layers, by the reference matcher; a conditional rule counts as absent."""

    def hits(pattern: str) -> bool:
        return matches(parse("path", pattern), path)

    return all(
        any(
            not rule.conditional and any(map(hits, rule.on)) and not any(map(hits, rule.except_))
            for rule in layer
        )
        for layer in layers
    )


def _state(table: dict[str, object], path: str) -> str:
    """What a process in the sandbox can do at a path that is there from the start."""
    best, state = "", "mask"
    for key in ("read", "write", "mask"):
        for place in paths(table, key):
            exact = place in paths(table, "files")
            if (path == place or (path.startswith(place + "/") and not exact)) and len(place) > len(best):
                best, state = place, key
    hidden = any(matches(parse("path", glob), path) for glob in paths(table, "mask_globs"))
    return "mask" if hidden else state


class TestTheStricterSide:
    """Design section 8: what a target cannot express is said, and the emitter emits the stricter side."""

    @given(
        _layers(_PATTERNS, st.booleans()), _layers(_PATTERNS, st.booleans()), _layers(_TREES, st.just(False))
    )
    def test_nothing_is_reachable_that_a_layer_does_not_give(
        self, read: Layers, write: Layers, delete: Layers
    ) -> None:
        table = plan(read, write, delete)
        files = paths(table, "files")
        for path in _WORLD:
            state = _state(table, path)
            assert state == "mask" or _given(read, path), (path, table)
            assert state != "write" or _given(write, path), (path, table)
            assert state != "write" or path in files or _given(delete, path), (path, table)

    @given(_layers(_TREES, st.just(False)), _layers(_TREES, st.just(False)))
    def test_whole_subtrees_are_expressed_exactly_but_for_what_copies_lose(
        self, read: Layers, write: Layers
    ) -> None:
        table = plan(read, write, write)
        assert all("the folders around it" in lost for lost in paths(table, "lost"))
        for path in _WORLD:
            expected = "mask" if not _given(read, path) else "write" if _given(write, path) else "read"
            assert _state(table, path) == expected, (path, table)

    @given(_layers(_PATTERNS, st.booleans()))
    def test_whatever_is_left_out_is_said(self, read: Layers) -> None:
        table = plan(read, [])
        if any((_state(table, path) == "mask") == _given(read, path) for path in _WORLD):
            assert paths(table, "lost"), table

    @given(_layers(_PATTERNS, st.booleans()))
    def test_the_same_layers_in_another_order_give_the_same_table(self, read: Layers) -> None:
        assert plan(read, []) == plan([list(reversed(layer)) for layer in reversed(read)], [])
