"""Patterns made to be dear: a refusal in plain words with the likely intention, in bounded work and memory.

Work is counted, never timed (`tests/support/counting.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import pytest

from capwright_registry.clipping import MOST_CHARACTERS
from capwright_registry.patterns import PatternError, matches, parse
from tests.support.counting import grows_linearly, peak, steps

MILLION = 10**6
DOMAINS = ("path", "host", "url", "name", "argv")
FRAMES = {"path": "/{}", "host": "{}:443", "url": "GET https://a.b/{}", "name": "{}", "argv": "{}"}
TOO_LONG = "split it into shorter patterns"
TOO_WILD = "split it into simpler patterns"
_IDEOGRAPHS = "".join(chr(0x4E00 + 2 * number) for number in range(1000))  # no two beside each other

#: What stands for a segment, and more of it.
BOMBS = {
    "letters": "a" * MILLION,
    "stars": "*" * MILLION,
    "brackets": "[" * MILLION,
    "segments": "a/" * (MILLION // 2),
    "backslashes": "\\" * MILLION,
    "quotations": "'" * MILLION,
    "escapes": "%41" * (MILLION // 3),
    "surrogates": "\udc80" * MILLION,
    "braces": "{a," * (MILLION // 3),
    "marks": "\u0301" * MILLION,
    "dots": "." * MILLION,
    "colons": ":" * MILLION,
}
#: Short enough to be read: domain, text, and how the message and its help begin.
REFUSED = [
    ("path", "/" + "*" * 1000, "the pattern has 1000 wildcards, more than 64", TOO_WILD),
    ("path", "/" + "*a" * 1000, "the pattern has 1000 wildcards, more than 64", TOO_WILD),
    ("path", "/" + "**/" * 1000, "the pattern has 2000 wildcards, more than 64", TOO_WILD),
    ("name", "**." * 1000, "the pattern has 2000 wildcards, more than 64", TOO_WILD),
    ("argv", "* " * 1000, "the pattern has 1000 wildcards, more than 64", TOO_WILD),
    ("path", "/" + "[" * 1000, "the class that `[` opens is not closed", "close it with `]`"),
    ("path", "/[z-a]", "the range `z-a` is empty", "write `a-z`"),
    ("path", "/[\U0010ffff- ]", "the range `\U0010ffff- ` is empty", "write ` -\U0010ffff`"),
    ("path", "/" + "\\" * 4000, "a backslash escapes nothing in a pattern", "write `/` between segments"),
    ("path", "a/" * 2000, "the pattern is relative", "write `/a/a/"),
    ("path", "/" + "a//" * 1000, "the pattern holds an empty segment", "write `/a/a/"),
    ("path", "/" + "/" * 4000, "the pattern holds an empty segment", ""),
    ("path", "${" + "a" * 4000, "a root is a whole segment", "write `${name}/...`"),
    ("path", "${" + "a" * 4000 + "}", "there is no root `aaa", ""),
    ("path", "/[^" + "a" * 4000 + "]", "`^` does not negate a class", "write `[!aaa"),
    ("name", "a\ud800b", "the pattern holds a control character or a lone surrogate", "write `?`"),
    ("host", "*:" + "1" * 4000, "`111", "write a number from 1 to 65535"),
    ("host", "*:1-" + "9" * 4000, "`1-99", "write a number from 1 to 65535"),
    ("host", "*:65535-1", "the range of ports `65535-1` is empty", "write `1-65535`"),
    ("host", "1" * 4000 + "/8:1", "`111", "write `10.0.0.0/8`"),
    ("host", "10.0.0.0/" + "8" * 4000, "the port is missing", "write `10.0.0.0/8"),
    ("host", "[" + ":" * 4000 + "]:1", "`:::", "write `10.0.0.0/8`"),
    ("host", "[" + _IDEOGRAPHS + "]:443", "`", "write `10.0.0.0/8`"),
    ("host", "\u00fc" * 64 + ":443", "a label of the host has more than 63", "no such name can be resolved"),
    ("url", "GET https://h/" + "%4" * 2000, "a `%` in the URL's path is not followed", "write"),
    ("url", "GET https://h/" + "%FF" * 1300, "the URL's path holds `%FF`", "write"),
    ("url", "get https://h/" + "a" * 4000, "a URL pattern starts with its methods", "write `GET https"),
    ("argv", "'" + "a" * 4000, "the quotation that ' opens is not closed", "close it"),
    ("argv", " " * 4000, "the pattern is empty", ""),
    ("argv", "... " * 1000, "`...` stands only at the end", "write `*`"),
    ("path", "/" + "[! -\U0010ffff]" * 60, "the pattern matches nothing", "look for a class"),
]


def _refusal(domain: str, text: str) -> PatternError:
    with pytest.raises(PatternError) as caught:
        parse(domain, text)
    return caught.value


@pytest.mark.parametrize(("domain", "bomb"), list(product(DOMAINS, BOMBS)))
def test_a_megabyte_is_refused_before_anything_is_made_of_it(domain: str, bomb: str) -> None:
    text = FRAMES[domain].format(BOMBS[bomb])
    error = _refusal(domain, text)
    assert error.message == f"the pattern has {len(text)} characters, more than 4096"
    assert error.help == TOO_LONG
    assert steps(lambda: _refusal(domain, text)) < 1000
    assert peak(lambda: _refusal(domain, text)) < 20_000


@pytest.mark.parametrize(("domain", "text", "message", "hint"), REFUSED, ids=range(len(REFUSED)))
def test_a_bomb_is_refused_in_one_short_line(domain: str, text: str, message: str, hint: str) -> None:
    error = _refusal(domain, text)
    assert error.message.startswith(message)
    assert error.help.startswith(hint)
    assert all(len(part) <= MOST_CHARACTERS and "\n" not in part for part in (error.message, error.help))
    assert steps(lambda: _refusal(domain, text)) < 1_500_000
    assert peak(lambda: _refusal(domain, text)) < 5_000_000


def test_a_message_keeps_both_its_ends() -> None:
    error = _refusal("host", "*:" + "1" * 4000)
    assert error.message.startswith("`111")
    assert error.message.endswith("111` is no port")
    assert "1...1" in error.message


#: Dear and legal: domain, and the text of a size that stays below 4,096 characters when it is doubled.
LEGAL = [
    ("path", lambda n: "/" + "a" * n),
    ("path", lambda n: "/a" * (n // 2)),
    ("path", lambda n: "/" + "*" + "[ab]" * (n // 4)),
    ("path", lambda n: "/[" + _IDEOGRAPHS[: n // 2] + "]"),
    ("path", lambda n: "/[!" + _IDEOGRAPHS[: n // 2] + "]*"),
    ("path", lambda n: "/" + "[[]" * (n // 3)),
    ("path", lambda n: "/[" + "[" * n + "]"),
    ("path", lambda n: "/" + "{a," * (n // 3) + "}"),
    ("path", lambda n: "/a" + "\u0301" * n),
    ("path", lambda n: "/[ -\U0010ffff]" * (n // 8)),
    ("host", lambda n: "a." * (n // 2) + "a:443"),
    ("host", lambda n: "?*." + "[ab]." * (n // 5) + "a:1-65535"),
    ("url", lambda n: ",".join("A" * (m + 1) for m in range(n // 40)) + " https://*:*/**/a"),
    ("url", lambda n: "A," * (n // 2) + "A https://[::/0]/**"),
    ("url", lambda n: "* https://h/" + "%41" * (n // 3)),
    ("url", lambda n: "* https://h/" + "a/" * (n // 2) + "**"),
    ("name", lambda n: "a." * (n // 2) + "**"),
    ("name", lambda n: "*" + "[!a]" * (n // 4)),
    ("name", lambda n: ":" * n),
    ("argv", lambda n: "a " * (n // 2) + "..."),
    ("argv", lambda n: "'" + "a" * n + "' *"),
    ("argv", lambda n: "''" * (n // 2) + "a"),
]


@pytest.mark.parametrize("case", LEGAL, ids=range(len(LEGAL)))
def test_reading_a_pattern_costs_in_proportion_to_its_length(case: tuple[str, Callable[[int], str]]) -> None:
    domain, text = case
    assert grows_linearly(lambda size: partial(parse, domain, text(size)), 900)


def test_many_wildcards_are_legal_as_classes() -> None:
    """A class takes one character: 1,000 of them are no harder than 1,000 letters."""
    pattern = parse("path", "/" + "[Aa]" * 1000)
    assert matches(pattern, "/" + "aA" * 500)
    assert not matches(pattern, "/" + "aA" * 499)
