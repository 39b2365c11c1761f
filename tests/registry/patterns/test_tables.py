"""The table that a walk decides by says what each of its patterns says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.canonical import segments
from capwright_registry.patterns import build_trie, parse
from capwright_registry.trie import Trie
from tests.registry.patterns.reference import patterns, reads
from tests.registry.patterns.samples import RESOURCES, pattern


def test_the_form_of_a_table() -> None:
    table = build_trie(patterns("host", "*.a:1-2", "*.a:3", "10.0.0.1:1"))
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


class TestTable:
    """ "One walk over the resource's segments, then one set lookup, whatever the number of grants"."""

    @pytest.mark.parametrize("domain", sorted(RESOURCES))
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_says_what_its_patterns_say(self, domain: str, data: st.DataObject) -> None:
        drawn = data.draw(st.lists(pattern(domain), min_size=1, max_size=5))
        trie = Trie(json.loads(json.dumps(build_trie(drawn))))
        for resource in RESOURCES[domain]:
            expected = {number for number, p in enumerate(drawn) if reads(p, resource)}
            assert trie.walk(segments(domain, resource)) == expected

    @pytest.mark.parametrize("domain", sorted(RESOURCES))
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_of_the_canonical_text_is_the_same(self, domain: str, data: st.DataObject) -> None:
        drawn = data.draw(pattern(domain))
        again = parse(domain, drawn.canonical)
        assert again.elements == drawn.elements
        assert again.canonical == drawn.canonical
