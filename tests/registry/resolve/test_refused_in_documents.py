"""A pattern or a condition that is refused is reported at its place in the document, in the specs' words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.quotes import quotes
from tests.support.workspaces import PROFILE, WORKSPACE, problems

CONTEXT = '[context.region]\ntype = "enum"\nvalues = ["eu", "us"]\n'


ANYTHING = {
    "fs.read": "/**",
    "net.connect": "*:*",
    "net.http": "* https://*/**",
    "tool.call": "**",
    "process.exec": "...",
}


def refused(root: Path, entry: str) -> str:
    """The problems of a profile whose scope is `entry`, its first character at line 4, column 10."""
    profile = f"{PROFILE}[scope]\nallow = [{entry}]\n"
    return problems(root, {"capwright.toml": WORKSPACE + CONTEXT, "profiles/lead.toml": profile})


@quotes(
    "patterns",
    "In a document it is reported at the place of its string.",
)
@pytest.mark.parametrize(
    ("action", "text", "place", "problem"),
    [
        (
            "fs.read",
            "/repo/src/../../etc/passwd",
            "4:38",
            "no path holds the segment `..` once it is in its canonical form "
            "(write the folder that is meant)",
        ),
        (
            "net.connect",
            "0x7f.1:80",
            "4:42",
            "a host that ends in a number must be four plain decimal numbers "
            "(write a name such as `example.com`, four numbers such as `10.0.0.1`, or `[::1]`)",
        ),
        (
            "net.http",
            "GET https://h/%2e%2e%2f",
            "4:39",
            "the URL's path holds `%2F`, which servers read in different ways "
            "(write the character as `%XX`, its byte in hexadecimal digits)",
        ),
        (
            "tool.call",
            "a**",
            "4:40",
            "`**` stands alone, never beside other text (write `*` within a segment)",
        ),
        (
            "process.exec",
            "git ... push",
            "4:43",
            "`...` stands only at the end (write `*` for one argument whatever it is)",
        ),
    ],
)
@pytest.mark.parametrize("key", ["on", "except"])
def test_a_pattern_of_each_domain(
    tmp_path: Path, action: str, text: str, place: str, problem: str, key: str
) -> None:
    anything = ANYTHING[action]
    line, _, column = place.partition(":")
    entry = f'{{ action = "{action}", on = ["{text}"] }}'
    if key == "except":
        before = f'{{ action = "{action}", on = ["{anything}"], except = ["'
        entry, column = f'{before}{text}"] }}', str(10 + len(before) - 1)
    assert refused(tmp_path, entry) == f"profiles/lead.toml:{line}:{column}: {problem}\n"


WHEN = '{ action = "fs.read", on = ["/a"], when = "'


@quotes(
    "conditions",
    "In a document it is reported at that character, or at the whole string where TOML wrote that with "
    "escapes or over several lines.",
)
@pytest.mark.parametrize(
    ("before", "rest", "problem"),
    [
        ("", "depth", "expected a bool here, found an int (compare it with something)"),
        ("mode ", "= 'ci'", "unexpected `=` (write `==`)"),
        ("approved && ", "mod == 'ci'", "unknown variable `mod` (did you mean `mode`?)"),
        ("region == ", "'uk'", "`uk` is not a value of this enum (did you mean `us`?)"),
        (
            "now < timestamp(",
            "'soon')",
            "the timestamp is not of the form YYYY-MM-DDTHH:MM:SSZ "
            '(write `timestamp("2026-01-31T00:00:00Z")`)',
        ),
    ],
)
def test_a_condition(tmp_path: Path, before: str, rest: str, problem: str) -> None:
    column = 10 + len(WHEN) + len(before)
    assert refused(tmp_path, f'{WHEN}{before}{rest}" }}') == f"profiles/lead.toml:4:{column}: {problem}\n"


@quotes(
    "conditions",
    "In a document it is reported at that character, or at the whole string where TOML wrote that with "
    "escapes or over several lines.",
)
def test_a_condition_after_escapes_of_toml(tmp_path: Path) -> None:
    entry = f"{WHEN}mode == 'caf\\u00e9' && nope\" }}"
    assert refused(tmp_path, entry).startswith(
        f"profiles/lead.toml:4:{9 + len(WHEN)}: unknown variable `nope`"
    )
    entry = f'{WHEN}""approved\n&& nope""" }}'
    assert refused(tmp_path, entry).startswith(
        f"profiles/lead.toml:4:{9 + len(WHEN)}: unknown variable `nope`"
    )


@pytest.mark.parametrize(
    ("name", "more", "problem"),
    [
        ("in", 'type = "bool"', "`in` is a word of CEL (choose another name)"),
        (
            '"a-b"',
            'type = "bool"',
            "`a-b` cannot name a variable "
            "(use up to 64 ASCII letters, digits and `_`, not starting with a digit)",
        ),
        ("kind", 'type = "enum"', "enum `kind` has no values (list at least one under `values`)"),
    ],
)
def test_a_declaration(tmp_path: Path, name: str, more: str, problem: str) -> None:
    text = f"{WORKSPACE}[context.{name}]\n{more}\n"
    assert problems(tmp_path, {"capwright.toml": text}) == f"capwright.toml:12:10: {problem}\n"
