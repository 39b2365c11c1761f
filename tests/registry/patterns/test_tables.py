"""The table that a walk decides by says what each of its patterns says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.canonical import segments
from capwright_registry.patterns import Region, build_trie, parse, witness
from capwright_registry.trie import Trie
from tests.registry.patterns.reference import patterns, reads
from tests.registry.patterns.samples import RESOURCES, pattern
from tests.support.quotes import quotes


@quotes(
    "patterns",
    'node = { "lit": {segment: node}, "glob": [[glob, node]], "any": node, "deep": node, "loop": true, '
    '"range": [[low, high, node]], "end": [pattern numbers] }',
    "Keys without content are left out.",
    "Bounds are decimal strings.",
)
def test_the_form_of_a_table() -> None:
    table = build_trie(patterns("host", "*.a:1-2", "*.a:3", "10.0.0.1:1"))
    assert build_trie(patterns("path", "/a*/b")) == [{"glob": [["a*", 1]]}, {"lit": {"b": 2}}, {"end": [0]}]
    assert table == [
        {"lit": {"name": 1, "ipv4": 7}},
        {"lit": {"a": 2}},
        {"any": 3},
        {"deep": 4},
        {"loop": True, "range": [["1", "2", 5], ["3", "3", 6]]},
        {"end": [0]},
        {"end": [1]},
        {"range": [["167772161", "167772161", 8]]},
        {"range": [["1", "1", 9]]},
        {"end": [2]},
    ]


def test_equal_patterns_share_their_nodes() -> None:
    table = build_trie(patterns("path", "/a/*.x", "/a/*.x", "/a/**/**"))
    assert [node["end"] for node in table if "end" in node] == [[0, 1], [2]]
    assert build_trie([]) == [{}]


@quotes(
    "patterns",
    "A glob within a name is written so that it matches no separator: `*` becomes `[!./:]*`.",
)
def test_a_glob_of_a_name_matches_no_separator() -> None:
    assert build_trie(patterns("name", "*x")) == [{"glob": [["*x", 1]]}, {"end": [0]}]
    assert build_trie(patterns("name", "*")) == [{"glob": [["[!./:]*", 1]]}, {"end": [0]}]


@quotes("patterns", "A deep never crosses a number, so it stays on its side of a port.")
def test_a_deep_stays_on_its_side_of_a_port() -> None:
    trie = Trie(build_trie(patterns("url", "GET https://*.a:1-2/**/b")))
    found = {
        parts: bool(trie.walk(parts))
        for parts in (
            ("GET", "https", "name", "a", "x", 1, "b"),
            ("GET", "https", "name", "a", "x", 1, "y", "b"),
            ("GET", "https", "name", "a", "x", "b"),
            ("GET", "https", "name", "a", "x", 1, 1, "b"),
            ("GET", "https", "name", "a", 1, "x", 2, "b"),
        )
    }
    assert list(found.values()) == [True, True, False, False, False]


class TestTable:
    """ "One walk over the resource's segments, then one set lookup, whatever the number of grants"."""

    @quotes(
        "patterns",
        "A list of patterns becomes one table: a list of nodes, node 0 the root; the same list always gives "
        "the same table.",
        "An edge leads to a later node.",
        "The patterns that match are those in their `end`.",
    )
    @pytest.mark.parametrize("domain", sorted(RESOURCES))
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_says_what_its_patterns_say(self, domain: str, data: st.DataObject) -> None:
        drawn = data.draw(st.lists(pattern(domain), min_size=1, max_size=5))
        table = build_trie(drawn)
        assert table == build_trie([parse(domain, one.text) for one in drawn])
        assert all(after > number for number, node in enumerate(table) for after in _after(node))
        trie = Trie(json.loads(json.dumps(table)))
        for resource in RESOURCES[domain]:
            expected = {number for number, p in enumerate(drawn) if reads(p, resource)}
            assert trie.walk(segments(domain, resource)) == expected

    @quotes(
        "patterns",
        "**A pattern that loads matches something**, and its canonical text reads back as the same pattern.",
    )
    @pytest.mark.parametrize("domain", sorted(RESOURCES))
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_of_the_canonical_text_is_the_same(self, domain: str, data: st.DataObject) -> None:
        drawn = data.draw(pattern(domain))
        again = parse(domain, drawn.canonical)
        assert again.elements == drawn.elements
        assert again.canonical == drawn.canonical
        found = witness(Region((drawn,)))
        assert found is not None
        assert reads(drawn, found)


def _after(node: dict[str, Any]) -> list[int]:
    """The nodes that a node's edges lead to."""
    several = [*node.get("glob", ()), *node.get("range", ())]
    return [
        *node.get("lit", {}).values(),
        *(e[-1] for e in several),
        *(node[k] for k in ("any", "deep") if k in node),
    ]
