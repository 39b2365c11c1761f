"""Capabilities as they come out of documents: patterns, sets, lends, limits, ends, places."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from capwright_registry.capability import Capability, Profile
from tests.support.workspaces import PLUGIN, PROFILE, WORKSPACE, load, problems

SHARED = """\
[sets.shared]
allow = [
  { action = "fs.read", on = ["${workspace}/**"] },
  { action = "tool.call", on = ["**"] },
]
"""


def scope(tmp_path: Path, entry: str, workspace: str = WORKSPACE) -> tuple[Capability, ...]:
    """What one entry of a scope resolves to."""
    profile = f"{PROFILE}[scope]\nallow = [{entry}]\n"
    (found,) = load(tmp_path, {"capwright.toml": workspace, "profiles/lead.toml": profile}).profiles
    return found.scope[0]


def refused(tmp_path: Path, entry: str, workspace: str = WORKSPACE) -> str:
    """The problems of one entry of a scope."""
    profile = f"{PROFILE}[scope]\nallow = [{entry}]\n"
    return problems(tmp_path, {"capwright.toml": workspace, "profiles/lead.toml": profile})


def test_every_key_of_a_capability(tmp_path: Path) -> None:
    (capability,) = scope(
        tmp_path,
        '{ action = "fs.read", on = ["${workspace}/a"], except = ["**/b"], when = "approved",'
        ' until = 2027-01-31T10:00:00+02:00, limits = { calls = 7, bytes = "2KiB" }, optional = true,'
        ' reason = "why" }',
    )
    assert [p.canonical for p in capability.on] == [f"{tmp_path}/a"]
    assert [p.canonical for p in capability.except_] == ["/**/b"]
    assert capability.when is not None
    assert capability.when.variables == {"approved"}
    assert capability.until == datetime(2027, 1, 31, 8, tzinfo=UTC)
    assert capability.limits == {"calls": 7, "bytes": 2048}
    assert (capability.optional, capability.reason, capability.never, capability.to) == (
        True,
        "why",
        False,
        None,
    )


def test_what_is_left_out(tmp_path: Path) -> None:
    (capability,) = scope(tmp_path, '{ action = "fs.read", on = ["/a"] }')
    assert (capability.except_, capability.when, capability.until, capability.limits) == ((), None, None, {})


def test_the_places_of_a_capability(tmp_path: Path) -> None:
    (capability,) = scope(tmp_path, '{ action = "fs.read", on = [\n"/a",\n"/b"], except = ["/a/c"] }')
    places = [capability.span, capability.on_span, *capability.on_spans, *capability.except_spans]
    assert [(p.line, p.column, p.end_line, p.end_column) for p in places] == [
        (4, 10, 6, 27),
        (4, 37, 6, 6),
        (5, 1, 5, 5),
        (6, 1, 6, 5),
        (6, 18, 6, 24),
    ]


def test_what_is_never_grantable_loads_and_says_so(tmp_path: Path) -> None:
    """A check reports it with the reason; its patterns are in no domain, so they are not read."""
    (bare, with_patterns) = scope(
        tmp_path, '{ action = "context.inject" }, { action = "policy.write", on = ["not a pattern //"] }'
    )
    assert (bare.never, bare.on) == (True, ())
    assert (with_patterns.never, with_patterns.on, len(with_patterns.on_spans)) == (True, (), 1)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            '{ action = "fs.read" }',
            "4:10: `on` is missing or empty (name the resources, or remove the capability)",
        ),
        (
            '{ action = "fs.read", on = [] }',
            "4:37: `on` is missing or empty (name the resources, or remove the capability)",
        ),
        ('{ action = "fs.raed", on = ["/"] }', "4:21: unknown action `fs.raed` (did you mean `fs.read`?)"),
        ('{ action = "zzz", on = ["/"] }', "4:21: unknown action `zzz`"),
        (
            '{ action = "fs.read", on = ["${"] }',
            "4:38: a root is a whole segment, closed with `}` (write `${name}/...`)",
        ),
        (
            '{ action = "fs.read", on = ["${x}/a"] }',
            "4:39: unknown root `x` (the only known name is `workspace`)",
        ),
        (
            '{ action = "fs.read", on = ["/a"], when = "mode == 3" }',
            "4:58: `==` compares a string with an int (both sides need the same type)",
        ),
        ('{ set = "shard" }', "4:18: unknown set `shard` (did you mean `shared`?)"),
        (
            '{ action = "process.exec", on = ["git -C ${workspace} ..."] }',
            "4:51: roots stand only in paths (write what the root stands for)",
        ),
    ],
)
def test_what_is_wrong_with_a_capability(tmp_path: Path, entry: str, problem: str) -> None:
    assert refused(tmp_path, entry, WORKSPACE + SHARED) == f"profiles/lead.toml:{problem}\n"


def test_a_set_is_put_in_where_it_is_used_and_points_to_where_it_is_said(tmp_path: Path) -> None:
    found = scope(tmp_path, '{ action = "env.read", on = ["HOME"] }, { set = "shared" }', WORKSPACE + SHARED)
    assert [c.action for c in found] == ["env.read", "fs.read", "tool.call"]
    assert [str(c.span) for c in found[1:]] == ["capwright.toml:14:3", "capwright.toml:15:3"]


def test_a_set_is_wrong_once_however_often_it_is_used(tmp_path: Path) -> None:
    wrong = WORKSPACE + SHARED.replace("fs.read", "fs.raed")
    assert refused(tmp_path, '{ set = "shared" }, { set = "shared" }', wrong) == (
        "capwright.toml:14:14: unknown action `fs.raed` (did you mean `fs.read`?)\n"
    )


def test_sets_cannot_make_a_list_too_long(tmp_path: Path) -> None:
    entry = '{ action = "tool.call", on = ["**"] },\n'
    workspace = f"{WORKSPACE}[sets.shared]\nallow = [\n{entry * 500}]\n"
    assert refused(tmp_path, '{ set = "shared" }, ' * 9, workspace) == (
        "profiles/lead.toml:4:9: the list has more than 4096 capabilities, its sets included"
        " (split the profile, or make the sets smaller)\n"
    )


def lending(tmp_path: Path, entry: str) -> Profile:
    """A profile that lends."""
    files = {
        "capwright.toml": WORKSPACE + SHARED,
        "plugins/a/plugin.toml": PLUGIN,
        "profiles/lead.toml": f'{PROFILE}[[enable]]\nplugin = "project:acme.notes"\nlend = [{entry}]\n',
    }
    return load(tmp_path, files).profiles[0]


def test_what_is_lent_says_to_whom(tmp_path: Path) -> None:
    to = 'to = "project:acme.notes"'
    profile = lending(tmp_path, f'{{ {to}, action = "fs.read", on = ["/a"] }}, {{ {to}, set = "shared" }}')
    assert [(c.to, c.action) for c in profile.grants[0].lend] == [
        ("project:acme.notes", "fs.read"),
        ("project:acme.notes", "fs.read"),
        ("project:acme.notes", "tool.call"),
    ]


def test_the_host_and_the_workspace_have_no_set_of_their_own_ceiling(tmp_path: Path) -> None:
    text = f'{WORKSPACE}{SHARED}[ceiling.project]\nallow = [{{ set = "shared" }}]\n'
    ceiling = load(tmp_path, {"capwright.toml": text}).ceilings["project"]
    assert [c.action for c in ceiling] == ["fs.read", "tool.call"]
