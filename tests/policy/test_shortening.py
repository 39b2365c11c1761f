"""A list of exceptions made short leaves out all that the long one did."""

from __future__ import annotations

import pytest

from capwright_policy.shortening import HIDDEN, shortened
from capwright_registry.built_in_policy import SELF_PROTECTED
from capwright_registry.patterns import Region, includes, parse

GOVERNING = [text for text in SELF_PROTECTED if not text.startswith("${")]


def short(*texts: str) -> list[str]:
    return [pattern.text for pattern in shortened([parse("path", text) for text in texts])]


def test_what_governs_fits_on_a_page() -> None:
    found = shortened([parse("path", text) for text in GOVERNING])
    assert len(found) <= 20 < len(GOVERNING)
    assert all(includes(Region(found), Region((parse("path", text),))) for text in GOVERNING)
    assert not includes(Region(found), Region((parse("path", "/ws/src/a.py"),)))


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ((), []),
        (("**/.git/**", "**/AGENTS.md"), ["**/.git/**", "**/AGENTS.md"]),
        (("/ws/a/b", "/ws/**", "/ws/a"), ["/ws/**"]),
        (("/ws/a", "/ws/a"), ["/ws/a"]),
        ((*(f"**/.{n}" for n in range(9)), "/ws/.git/hooks/*", "/ws/x"), [HIDDEN, "/ws/x"]),
        ([f"**/.{n}" for n in range(8)], [f"**/.{n}" for n in range(8)]),
    ],
)
def test_a_list(texts: tuple[str, ...], found: list[str]) -> None:
    assert short(*texts) == found
