"""Case folding of path patterns: by example, and against Python's own comparison of texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_registry.patterns import PatternError, Region, includes, matches, parse
from capwright_registry.patterns.folding import OUTSIDE_ASCII, folded

EXAMPLES = [
    ("/.env", "/.[Ee][Nn][Vv]"),
    ("/[!a]x", "/?[Xx]"),
    ("/[a!-c]", "/[z!-z]"),
    ("/[!aAb]", "/[!Aa]"),
    ("/[-a^]", "/[A^a-]"),
    ("/[--A%]", "/[--A%a]"),
    ("/[!--A%b]", "/[!--@%]"),
    ("/[-&.-[]", "/[--[&a-z]"),
    ("/[!-&.-[]", "/[!--@&[]"),
    ("/[+-.A-]", "/[+-.Aa]"),
    ("/[!A-z]", "/[!A-z]"),
    ("/x*[?]-", "/[Xx]*[?]-"),
    ("**/*.PEM", "/**/*.[Pp][Ee][Mm]"),
    ("/1/*/?/**", "/1/*/?/**"),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_a_folded_pattern_is_written_as_a_pattern(text: str, expected: str) -> None:
    made = folded(parse("path", text))
    assert made.canonical == expected
    assert made.text == text
    assert parse("path", expected).elements == made.elements


def test_a_letter_beyond_ascii_is_not_folded_but_left_out() -> None:
    """`.git` with a zero-width character is `.git` to some file systems, and `K` (U+212A) is `k`."""
    for name in ("/.g\u200cit/config", "/re\u212aord", "/a/\udc80", "/\u00c9"):
        assert matches(OUTSIDE_ASCII, name)
    assert not matches(OUTSIDE_ASCII, "/.git/con fig~")


_PATHS = st.lists(st.text("aAbBz[]!^-.9@`{\u00e9", min_size=1, max_size=3), max_size=3).map(
    lambda parts: "/" + "/".join(p for p in parts if p not in (".", ".."))
)


@given(st.text("aAbZz[]!^-*?./@`{", min_size=1, max_size=12), _PATHS)
def test_a_path_is_matched_in_whatever_case_its_letters_are(text: str, path: str) -> None:
    """`folded`: every path that differs from one of the pattern in the case of ASCII letters at most."""
    try:
        pattern = parse("path", f"/{text}")
    except PatternError:
        return
    made = folded(pattern)
    assert folded(made) == made
    assert parse("path", made.canonical).elements == made.elements
    assert includes(Region((made,)), Region((pattern,)))
    assert matches(made, path) is any(matches(pattern, other) for other in _spellings(path))


def _spellings(path: str) -> list[str]:
    found = [""]
    for char in path:
        both = {char.lower(), char.upper()} if char.isascii() else {char}
        found = [start + one for start in found for one in sorted(both)]
    return found
