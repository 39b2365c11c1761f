"""The host policy: built in, or from a file that no workspace can write."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from capwright_registry import built_in_policy
from capwright_registry.canonical import canonical
from capwright_registry.capability import CapabilityList, HostPolicy
from capwright_registry.errors import InputError
from capwright_registry.host_policy import load_host_policy
from capwright_registry.patterns import matches
from capwright_registry.vocabulary import ACTIONS, MEDIATORS, TIERS
from tests.support.workspaces import shown

POLICY = """\
schema = "capwright.host/1"
api = "1.4.0"
mediators = ["permission", "history"]
[roots]
data = "."
[accepted]
project = ["ambient-process"]
[ceiling.project]
allow = [{ action = "fs.read", on = ["${workspace}/**", "${data}/**"], when = "approved" }]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace's folder."""
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


def allows(ceiling: CapabilityList, action: str, resource: str) -> bool:
    """Whether a ceiling allows one effect, conditions aside."""
    text = canonical(ACTIONS[action].domain, resource)
    return any(
        any(matches(p, text) for p in c.on) and not any(matches(p, text) for p in c.except_)
        for c in ceiling
        if c.action == action
    )


@pytest.fixture
def built_in(root: Path) -> HostPolicy:
    """The policy of a user who has none."""
    return load_host_policy(root, {})


class TestTheBuiltInPolicy:
    """Conservative, and enough for everyday workspaces."""

    def test_it_names_itself(self, built_in: HostPolicy) -> None:
        assert built_in.source == "built-in"
        assert built_in.sha256 == hashlib.sha256(built_in_policy.text().encode()).hexdigest()
        assert built_in.mediators == MEDIATORS
        assert set(built_in.ceilings) == set(built_in.accepted) == set(TIERS)

    @pytest.mark.parametrize("tier", ["user", "project"])
    def test_what_is_within_it(self, built_in: HostPolicy, root: Path, tier: str) -> None:
        ceiling = built_in.ceilings[tier]  # type: ignore[index] # one of TIERS
        for action, resource in (
            ("fs.read", f"{root}/.git/config"),
            ("fs.write", f"{root}/src/a.py"),
            ("fs.delete", f"{root}/a"),
            ("net.connect", "example.com:443"),
            ("env.read", "LANG"),
            ("tool.call", "project:acme.notes/search"),
            ("hook.rewrite", "x"),
            ("history.append", "x"),
            ("agent.spawn", "researcher"),
        ):
            assert allows(ceiling, action, resource), (action, resource)
        assert built_in.accepted[tier] == {"ambient-process", "deputy", "uncovered-path"}  # type: ignore[index]

    @pytest.mark.parametrize("tier", ["user", "project"])
    def test_what_is_beyond_it(self, built_in: HostPolicy, root: Path, tier: str) -> None:
        ceiling = built_in.ceilings[tier]  # type: ignore[index] # one of TIERS
        for action, resource in (
            ("fs.read", "/etc/passwd"),
            ("fs.read", f"{root}-2/a"),
            ("fs.write", f"{root}/.git/hooks/pre-commit"),
            ("fs.write", f"{root}/sub/.git"),
            ("fs.delete", f"{root}/capwright.toml"),
            ("fs.write", f"{root}/profiles/lead.toml"),
            ("fs.write", f"{root}/.claude/settings.json"),
            ("fs.write", f"{root}/sub/AGENTS.md"),
            ("net.connect", "example.com:80"),
            ("net.http", "GET https://example.com/"),
            ("process.exec", "ls"),
            ("env.read", "GITHUB_TOKEN"),
            ("env.read", "aws_secret_access_key"),
            ("env.read", "Db_Password"),
            ("secret.use", "x"),
            ("model.sample", "x"),
        ):
            assert not allows(ceiling, action, resource), (action, resource)

    def test_what_is_built_in_may_do_everything(self, built_in: HostPolicy) -> None:
        ceiling = built_in.ceilings["builtin"]
        assert {c.action for c in ceiling} == set(ACTIONS)
        for action, resource in (
            ("fs.write", "/"),
            ("net.connect", "[::1]:1"),
            ("net.http", "PATCH http://10.0.0.1:8/x"),
            ("process.exec", "sh -c x"),
            ("env.read", "A.B"),
        ):
            assert allows(ceiling, action, resource), (action, resource)

    @pytest.mark.parametrize("folder", ["with space", "a[b]c", "stars*?", "{brace}"])
    def test_the_folder_stands_for_itself(self, tmp_path: Path, folder: str) -> None:
        root = tmp_path / folder
        root.mkdir()
        ceiling = load_host_policy(root, {}).ceilings["project"]
        assert allows(ceiling, "fs.read", f"{root}/x")
        assert not allows(ceiling, "fs.read", f"{tmp_path}/other/x")


def with_file(tmp_path: Path, root: Path, text: str | bytes = POLICY) -> HostPolicy:
    """The policy of a file in the user's configuration."""
    path = tmp_path / "config/capwright/host.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_host_policy(root, {"XDG_CONFIG_HOME": str(tmp_path / "config")}, {"ambient-process"})


def refused(tmp_path: Path, root: Path, text: str | bytes) -> str:
    """The problems of such a file."""
    with pytest.raises(InputError) as caught:
        with_file(tmp_path, root, text)
    return shown(caught.value.problems, tmp_path)


def test_a_file_replaces_the_built_in_policy(tmp_path: Path, root: Path) -> None:
    policy = with_file(tmp_path, root)
    assert policy.source == str(tmp_path / "config/capwright/host.toml")
    assert policy.sha256 == hashlib.sha256(POLICY.encode()).hexdigest()
    assert (policy.mediators, policy.api) == (("permission", "history"), "1.4.0")
    assert policy.accepted == {"builtin": set(), "user": set(), "project": {"ambient-process"}}
    assert (policy.ceilings["builtin"], policy.ceilings["user"]) == ((), ())
    (read,) = policy.ceilings["project"]
    assert [p.canonical for p in read.on] == [f"{root}/**", f"{tmp_path}/config/capwright/**"]


def test_where_the_file_is_looked_for(tmp_path: Path, root: Path) -> None:
    text = POLICY.encode()
    (tmp_path / "named.toml").write_bytes(text)
    (tmp_path / "home/.config/capwright").mkdir(parents=True)
    (tmp_path / "home/.config/capwright/host.toml").symlink_to(tmp_path / "named.toml")
    home = {"HOME": str(tmp_path / "home")}
    in_home = str(tmp_path / "home/.config/capwright/host.toml")
    assert load_host_policy(root, home).source == in_home
    assert load_host_policy(root, {**home, "XDG_CONFIG_HOME": "relative"}).source == in_home
    assert load_host_policy(root, {**home, "XDG_CONFIG_HOME": str(tmp_path)}).source == "built-in"
    named = {**home, "CAPWRIGHT_HOST_POLICY": str(tmp_path / "named.toml")}
    assert load_host_policy(root, named).source == str(tmp_path / "named.toml")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none", "cannot be opened: no such file or directory"),
        ("desk/host.toml", "lies inside the workspace, which may not govern itself"),
        ("link.toml", "lies inside the workspace, which may not govern itself"),
        ("desk", "lies inside the workspace, which may not govern itself"),
        ("loop", "cannot be opened: too many levels of symbolic links"),
        ("zero", "is not a regular file"),
        ("fifo", "is not a regular file"),
        ("folder", "is a folder, not a file"),
    ],
)
def test_a_named_file_must_be_there_and_elsewhere(tmp_path: Path, root: Path, name: str, reason: str) -> None:
    """A policy that cannot be read is never replaced by another one."""
    (root / "host.toml").write_text(POLICY)
    (tmp_path / "link.toml").symlink_to(root / "host.toml")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(InputError) as caught:
        load_host_policy(root, {"CAPWRIGHT_HOST_POLICY": str(tmp_path / name)})
    (problem,) = caught.value.problems
    assert problem.message.replace(str(tmp_path), "ROOT") == f"the host policy `ROOT/{name}` {reason}"
    assert problem.help


def test_every_problem_of_the_file_is_told(tmp_path: Path, root: Path) -> None:
    text = (
        POLICY.replace('"history"]', '"histry"]')
        .replace("data =", "workspace =")
        .replace("${data}", "${dta}")
        .replace("ambient-process", "ambient-proces")
        .replace("approved", "aproved")
        .replace("1.4.0", "one")
    )
    at = "ROOT/config/capwright/host.toml"
    assert refused(tmp_path, root, text) == (
        f"{at}:2:7: `one` is not a version (write a version like `1.2.0`)\n"
        f"{at}:3:28: unknown mediator `histry` (did you mean `history`?)\n"
        f"{at}:5:1: `workspace` stands for each workspace's own folder (use another name)\n"
        f"{at}:7:12: unknown check `ambient-proces` (did you mean `ambient-process`?)\n"
        f"{at}:9:58: unknown root `dta` (the only known name is `workspace`)\n"
        f"{at}:9:79: unknown variable `aproved` (did you mean `approved`?)\n"
    )


def test_a_problem_of_shape_hides_none_of_meaning(tmp_path: Path, root: Path) -> None:
    """What a root stands for could not be read, so nothing is said of the patterns that use it."""
    text = POLICY.replace('data = "."', "data = 3").replace('"1.4.0"', '"one"').replace("approved", "aproved")
    at = "ROOT/config/capwright/host.toml"
    assert refused(tmp_path, root, text) == (
        f"{at}:2:7: `one` is not a version (write a version like `1.2.0`)\n"
        f'{at}:5:8: `data` must be a string, not an integer (put it in quotes: `data = "3"`)\n'
        f"{at}:9:80: unknown variable `aproved` (did you mean `approved`?)\n"
    )


def test_what_is_no_host_document(tmp_path: Path, root: Path) -> None:
    at = "ROOT/config/capwright/host.toml"
    assert refused(tmp_path, root, b"\xff") == f"{at}:1:1: byte 0xff is not UTF-8 (save the file as UTF-8)\n"
    assert refused(tmp_path, root, POLICY + "[ceiling.usr]\nallow = [{ set = 'x' }]\n") == (
        f"{at}:10:10: a key of `ceiling` cannot be `usr` (did you mean `user`?)\n"
        f"{at}:11:10: `action` is missing (add `action`)\n"
        f"{at}:11:12: unknown key `set` (the known names are `action`, `except`, `limits`, `on`, `optional`,"
        " `reason`, `until`, `when`)\n"
    )
