"""JSON Pointers, as RFC 6901 has them."""

from __future__ import annotations

import pytest

from capwright_runtimes.pointer import ABSENT, replace, resolve

# RFC 6901, section 5
DOCUMENT = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
    "null": None,
}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("/null", None),
    ],
)
def test_the_examples_of_the_standard(pointer: str, value: object) -> None:
    assert resolve(DOCUMENT, pointer) == value


@pytest.mark.parametrize(
    "pointer", ["/nope", "/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/x", "/a~1b/c", "/null/x"]
)
def test_what_is_not_there_is_absent(pointer: str) -> None:
    assert resolve(DOCUMENT, pointer) is ABSENT


@pytest.mark.parametrize("pointer", ["foo", "/~", "/~2", "/a~", "#/foo"])
def test_what_is_no_pointer_is_an_error(pointer: str) -> None:
    with pytest.raises(ValueError, match="JSON Pointer"):
        resolve(DOCUMENT, pointer)


def test_escapes_are_read_in_the_right_order() -> None:
    """RFC 6901, section 4: `~01` is `~1`, not `/`."""
    assert resolve({"~1": "right", "/": "wrong"}, "/~01") == "right"


def test_replacing_leaves_the_original_alone() -> None:
    before = {"a": {"b": [1, 2]}}
    assert replace(before, "/a/b/1", 9) == {"a": {"b": [1, 9]}}
    assert replace(before, "/limit", 10) == {"a": {"b": [1, 2]}, "limit": 10}
    assert replace(before, "", 1) == 1
    assert before == {"a": {"b": [1, 2]}}


@pytest.mark.parametrize("pointer", ["/x/y", "/a/b/2", "/a/b/-", "/a/b/0/c"])
def test_nothing_is_made_on_the_way(pointer: str) -> None:
    with pytest.raises(ValueError, match="not there"):
        replace({"a": {"b": [1, 2]}}, pointer, 9)
