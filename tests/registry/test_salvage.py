"""What remains of a document that does not validate gives more of its problems, and never one of its own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from capwright_registry.documents.load import load_document
from capwright_registry.documents.locate import Points, build_index
from capwright_registry.documents.plugin import PluginDoc
from capwright_registry.documents.profile import ProfileDoc
from capwright_registry.documents.workspace import WorkspaceDoc
from capwright_registry.errors import InputError, Problem
from tests.registry.whole_desk import DESK
from tests.support.workspaces import load, problems

_DOCUMENTS = sorted(name for name in DESK if name.endswith(".toml"))
_VALUES = (
    "3",
    "-1",
    "0.5",
    "true",
    '""',
    '"x"',
    '"a b"',
    "[]",
    "{}",
    "[1]",
    '[""]',
    "[{}]",
    "{ a = 1 }",
    "2027-01-31",
)


def model_of(name: str) -> type[BaseModel]:
    """The model of the document of that name."""
    if name == "capwright.toml":
        return WorkspaceDoc
    return PluginDoc if name.startswith("plugins/") else ProfileDoc


def spliced(content: bytes, points: Points, value: bytes) -> bytes:
    """The content with another text between two points."""
    row, column, end_row, end_column = points
    lines = content.split(b"\n")
    head = b"\n".join([*lines[:row], lines[row][:column]])
    return head + value + b"\n".join([lines[end_row][end_column:], *lines[end_row + 1 :]])


def spoilt(name: str) -> Iterator[bytes]:
    """The document with one value of another kind, one key misspelt, one line gone, or brackets amiss."""
    content = DESK[name]
    assert isinstance(content, str)
    raw = content.encode()
    index = build_index(raw)
    for route, points in index.values.items():
        if points != index.keys.get(route) and raw.split(b"\n")[points[0]][points[1] :][:1] != b"[":
            yield from (spliced(raw, points, value.encode()) for value in _VALUES)
    for points in index.keys.values():
        yield spliced(raw, (points[2], points[3], points[2], points[3]), b"x")
    lines = raw.split(b"\n")
    for number, line in enumerate(lines):
        if line != b"[context.region]":  # without it, its keys say that they are roots
            yield b"\n".join(lines[:number] + lines[number + 1 :])
        if line.startswith(b"["):
            amiss = b"[" + line + b"]" if not line.startswith(b"[[") else line[1:-1]
            yield raw.replace(line, amiss)
        yield raw.replace(line, re.sub(rb"= \[([^\[\],]*)\]", rb"= \1", line))


def told(changed: Mapping[str, bytes]) -> frozenset[Problem]:
    """The problems of the desk with other contents for some documents."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            load(Path(folder).resolve(), {**DESK, **changed})
        except InputError as error:
            return frozenset(error.problems)
    return frozenset()


def of_shape(name: str, content: bytes) -> frozenset[Problem]:
    """The problems that the document alone has, for what it is and not for what it means."""
    return frozenset(load_document(content, name, model_of(name)).problems)


@cache
def spoilt_cases(name: str) -> Sequence[bytes]:
    """All of `spoilt`."""
    return list(spoilt(name))


def one_spoilt(choice: tuple[str, int]) -> tuple[str, bytes]:
    """A document's name, and one of its cases."""
    cases = spoilt_cases(choice[0])
    return choice[0], cases[choice[1] % len(cases)]


_SPOILT = st.lists(
    st.tuples(st.sampled_from(_DOCUMENTS), st.integers(0, 999)).map(one_spoilt), min_size=1, max_size=2
).map(dict)


def test_the_desk_itself_has_no_problem() -> None:
    assert told({}) == frozenset()


@settings(deadline=None, max_examples=100)
@given(_SPOILT)
def test_what_remains_never_gives_a_problem_that_only_follows(changed: Mapping[str, bytes]) -> None:
    """The desk means something throughout; so whatever is told of it is what does not validate.

    Or it stands in the very same place: a text is read as a list of one, and may be no pattern either.
    """
    assume(all(of_shape(name, raw) for name, raw in changed.items()))
    shape = frozenset(problem for name, raw in changed.items() for problem in of_shape(name, raw))
    places = {str(problem.span) for problem in shape}
    assert {problem for problem in told(changed) - shape if str(problem.span) not in places} == set()
    if len(changed) == 1:
        assert told(changed) >= shape


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        # A tier that could not be read: whose plugins they are, nobody can tell.
        ("capwright.toml", 'tier = "project"', 'tier = "projct"'),
        ("capwright.toml", '[[source]]\ntier = "user"', '[[sourcex]]\ntier = "user"'),
        ("capwright.toml", '"int"', '"number"'),
        ("capwright.toml", "[sets.shared]\nallow = [{", "[sets.shared]\nalow = [{"),
        ("capwright.toml", 'docs = "notes"', "docs = 3"),
        ("capwright.toml", "[profiles]\npath", "[profiles]\nfolder"),
        # A runtime of no kind: whether its hooks may carry rules, and it may have tools, nobody can tell.
        ("plugins/rules/plugin.toml", '"declarative"', '"python"'),
        ("plugins/a/plugin.toml", '"wasm"', '"declaratif"'),
        ("plugins/a/plugin.toml", "artifact = ", "artefact = "),
        ("plugins/a/plugin.toml", "input = {", "imput = {"),
        ("plugins/a/plugin.toml", 'on = ["${docs}/**"]', 'onn = ["${docs}/**"]'),
        ("plugins/rules/plugin.toml", '"rewrite"', "3"),
        ("plugins/rules/plugin.toml", 'message = "no"', 'mesage = "no"'),
        # What is left of rules is no measure for those of whoever extends them.
        ("agents/base.toml", 'action = "allow"', 'action = "alow"'),
        ("agents/other.toml", "name = ", "nam = "),
    ],
)
def test_what_would_follow(name: str, old: str, new: str) -> None:
    content = DESK[name]
    assert isinstance(content, str)
    assert old in content
    raw = content.replace(old, new).encode()
    assert told({name: raw}) == of_shape(name, raw) != frozenset()


BRACKETS = """\
schema = "capwright.profile/1"
name = "lead"
[[scope]]
allow = { action = "fs.read", on = "notes/**", excpet = "**/.env" }
[permissions]
rules = { tool = "a b", action = "alow" }
[enable]
plugn = "project:a"
version = "^1"
"""

BRACKETS_TOLD = """\
agents/lead.toml:3:1: `scope` must be a table, not an array (write `[scope]` once, with one bracket on each \
side)
agents/lead.toml:4:9: `allow` must be an array, not a table (write a list of tables: `allow = [{ action = \
... }]`)
agents/lead.toml:4:36: `on` must be an array, not a string (put it in brackets: `on = ["notes/**"]`)
agents/lead.toml:4:36: the pattern is relative (write `${workspace}/notes/**`, or `**/notes/**` for \
anywhere)
agents/lead.toml:4:48: unknown key `excpet` (did you mean `except`?)
agents/lead.toml:6:9: `rules` must be an array, not a table (write a list of tables: `rules = [{ tool = \
..., action = ... }]`)
agents/lead.toml:6:18: no name holds a space or a character that cannot be seen (leave it out)
agents/lead.toml:6:34: `action` cannot be `alow` (did you mean `allow`?)
agents/lead.toml:7:1: `enable` must be an array, not a table (write `[[enable]]`, with two brackets on each \
side)
agents/lead.toml:7:1: `plugin` is missing (add `plugin`)
agents/lead.toml:8:1: unknown key `plugn` (did you mean `plugin`?)
agents/lead.toml:9:11: `^1` is not a version range (write a range like `>=1.2,<2`)
"""


def test_what_stands_in_the_wrong_brackets_is_read_all_the_same(tmp_path: Path) -> None:
    """What it would say in the right ones is told too, of the document's shape and of its meaning."""
    assert problems(tmp_path, {**DESK, "agents/lead.toml": BRACKETS}) == BRACKETS_TOLD


SLIPS = """\
schema = "capwright.profile/1"
name = "lead"
colour = 3
[scope]
allow = [
  3,
  { action = "fs.reed", on = ["notes/**"] },
  { action = "fs.read", on = ["notes/**", 7], when = "mod" },
]
[permissions]
default = "no"
rules = [{ tool = "a b", action = "alow", when = "region == 'eu'" }]
[[enable]]
grant = [{ set = "shard" }, { action = "fs.read", on = "${docs}/**", limits = { calls = "3" } }]
lend = [{ action = "fs.read", on = ["${dox}/**"] }]
[[enable]]
plugin = "project:serve"
version = "^1"
[[child]]
profile = "oter"
max_depth = 99
"""


SLIPS_TOLD = """\
agents/lead.toml:3:1: unknown key `colour` (the known names are `child`, `delegable`, `enable`, `extends`, \
`name`, `permissions`, `schema`, `scope`)
agents/lead.toml:6:3: an entry of `allow` must be a table, not an integer (write a table in braces, like `{ \
action = ... }`)
agents/lead.toml:7:14: unknown action `fs.reed` (did you mean `fs.read`?)
agents/lead.toml:7:31: the pattern is relative (write `${workspace}/notes/**`, or `**/notes/**` for \
anywhere)
agents/lead.toml:8:31: the pattern is relative (write `${workspace}/notes/**`, or `**/notes/**` for \
anywhere)
agents/lead.toml:8:43: an entry of `on` must be a string, not an integer (put it in quotes: `"7"`)
agents/lead.toml:8:55: unknown variable `mod` (did you mean `mode`?)
agents/lead.toml:11:11: `default` cannot be `no` (the known names are `allow`, `ask`, `deny`)
agents/lead.toml:12:19: no name holds a space or a character that cannot be seen (leave it out)
agents/lead.toml:12:35: `action` cannot be `alow` (did you mean `allow`?)
agents/lead.toml:13:1: `plugin` is missing (add `plugin`)
agents/lead.toml:14:18: unknown set `shard` (did you mean `shared`?)
agents/lead.toml:14:56: `on` must be an array, not a string (put it in brackets: `on = ["${docs}/**"]`)
agents/lead.toml:14:89: `calls` must be an integer, not a string (write a whole number, without quotes)
agents/lead.toml:15:9: `to` is missing (add `to`)
agents/lead.toml:15:38: unknown root `dox` (the known names are `docs`, `workspace`)
agents/lead.toml:17:10: unknown plugin `project:serve` (did you mean `project:server`?)
agents/lead.toml:18:11: `^1` is not a version range (write a range like `>=1.2,<2`)
agents/lead.toml:20:11: unknown profile `oter` (did you mean `other`?)
agents/lead.toml:21:13: `max_depth` is more than 16 (write 16 or less)
"""


def test_nothing_is_looked_for_beside_thousands_of_problems() -> None:
    keys = "".join(f"k{number} = 1\n" for number in range(5_001))
    text = f'schema = "capwright.profile/1"\nname = "lead"\n{keys}'.encode()
    assert load_document(text, "f.toml", ProfileDoc).found is None
    assert load_document(text.replace(b"k0 = 1\n", b""), "f.toml", ProfileDoc).found is not None


def test_a_problem_of_shape_hides_none_of_meaning(tmp_path: Path) -> None:
    assert problems(tmp_path, {**DESK, "agents/lead.toml": SLIPS}) == SLIPS_TOLD


def test_a_workspace_that_does_not_validate_hides_nothing_of_other_documents(tmp_path: Path) -> None:
    """A table that could not be read whole may declare any name; what it does not bear on is told."""
    files = {name: str(content) for name, content in DESK.items() if name.endswith(".toml")}
    files["capwright.toml"] = files["capwright.toml"].replace('docs = "notes"', "docs = 3")
    files["plugins/a/plugin.toml"] = files["plugins/a/plugin.toml"].replace('"1.2.0"', '"one"')
    lines = [line for line in SLIPS_TOLD.splitlines(keepends=True) if "`dox`" not in line]
    assert problems(tmp_path, {**DESK, **files, "agents/lead.toml": SLIPS}) == "".join(lines) + (
        'capwright.toml:8:8: `docs` must be a string, not an integer (put it in quotes: `docs = "3"`)\n'
        "plugins/a/plugin.toml:3:11: `one` is not a version (write a version like `1.2.0`)\n"
    )
