"""`exec-is-everything`: what its vectors cannot say; commands beside their plain reading, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_policy import reference_programs
from capwright_policy.authority import Authority, Layer
from capwright_policy.commands import EVERYTHING, GIT_PLAIN, WRAPPERS, anything, may_run_anything
from capwright_policy.compile import compile_graph
from capwright_policy.findings import Verdict
from capwright_policy.graph import EdgeKind
from capwright_policy.programs import names
from capwright_policy.setting import Setting
from capwright_registry.canonical import canonical, segments
from capwright_registry.capability import Capability
from capwright_registry.patterns import parse
from capwright_registry.patterns.glob import escaped
from capwright_registry.spans import Span
from tests.support.checking import (
    HOST,
    allows,
    check,
    enable,
    marked,
    mended,
    plugin,
    profile,
    request,
    setting,
)
from tests.support.proofs import COMPONENT

ID = "exec-is-everything"
RUNNER = plugin(
    "acme.runner",
    request("process.exec", "...", more="optional = true"),
    request("fs.read", "/**", more="optional = true"),
    kind="wasm",
    tools=['name = "run"\neffects = [{ action = "process.exec" }]'],
)
ACCEPTING = HOST + f'[accepted]\nproject = ["{ID}"]\n'
HERE = Span("")


def desk(
    tmp_path: Path, *commands: str, read: str = "/srv/**", sandbox: str = "none", host: str = HOST
) -> Setting:
    """`lead` has a component that may run these commands, and read that."""
    grant = enable("project:acme.runner", allows("fs.read", read), allows("process.exec", *commands))
    files: dict[str, str | bytes] = {
        "plugins/acme.runner/plugin.toml": RUNNER,
        "plugins/acme.runner/plugin.wasm": COMPONENT,
        "profiles/lead.toml": profile(
            "lead", allows("fs.read", "/**"), allows("process.exec", "..."), parts=[grant]
        ),
    }
    return setting(tmp_path, files, sandbox=sandbox, host=host)


ANYTHING = [
    "bash", "/bin/sh -c x", "python3 -m pytest", "/usr/local/bin/python3.12 x.py", "node server.js",
    "npx cowsay", "uv run x", "make", "cargo build", "cmake --build .", "env X=1 bash", "env -S x",
    "nice -n 5 make", "nohup ./x python", "timeout 5 sh", "xargs -n1 sh", "sudo ls", "ssh host ls",
    "git", "git commit", "git -c core.pager=x log", "git bisect run x", "git submodule foreach x",
    "git unknown", "git diff --ext-diff", "git -C /repo fetch", "git --no-pager -C /repo pull",
    "find . -exec sh -c x +", "find / -execdir python x", "tar --to-command=x -xf a", "tar -xf a -I x",
    "tar xIf x a", "rsync -e x a b", "scp -o ProxyCommand=x a b", "awk 1", "vim x", "docker run x",
    "busybox sh", "strace -f node", "claude -p x", "/opt/bin/codex exec x", "timeout 60 gemini",
]  # fmt: skip
ITSELF = [
    "ls", "ls -la bash", "cat python", "rg python /repo", "git status", "git log -5",
    "git -C /repo diff", "git --no-pager show x", "git --no-pager -C /repo status", "find . -name bash",
    "find . -name x -exec ls", "tar -xzf a.tar", "tar xzf a", "rsync -av a b", "rsync --delete a b",
    "timeout 5 ls", "env A=1 ls -l", "bashful", "pythonic", "nodes", "/opt/make/run", "xargs rm",
    "scp a b:c", "gitk",
]  # fmt: skip


@pytest.mark.parametrize("command", ANYTHING)
def test_commands_that_run_anything(tmp_path: Path, command: str) -> None:
    one = desk(tmp_path, command)
    result = check(ID, one)
    assert result.verdict is Verdict.REFUTED
    assert marked(result.findings[0].span, one) == f'"{command}"'


def test_commands_that_run_nothing_else(tmp_path: Path) -> None:
    """All in one grant, so that a single wrong one is seen."""
    result = check(ID, desk(tmp_path, *ITSELF))
    assert [finding.message for finding in result.findings] == []
    assert result.verdict is Verdict.PROVED


def test_a_sandbox_confines_them(tmp_path: Path) -> None:
    assert check(ID, desk(tmp_path, "...", sandbox="bubblewrap")).verdict is Verdict.PROVED


def test_a_sandbox_that_the_host_policy_does_not_count_on_is_none(tmp_path: Path) -> None:
    host = HOST.replace('"process-sandbox", ', "")
    assert check(ID, desk(tmp_path, "sh", sandbox="bubblewrap", host=host)).verdict is Verdict.REFUTED


def test_what_the_grant_says_beside_it_is_shown_as_dead(tmp_path: Path) -> None:
    """The finding points at the narrower claim as well, and shows what it leaves out."""
    one = desk(tmp_path, "sh")
    (finding,) = check(ID, one).findings
    (dead,) = finding.related
    assert marked(dead.span, one) == '{ action = "fs.read", on = ["/srv/**"] }'
    assert dead.label.startswith("dead: ")
    assert finding.counterexample is not None
    assert finding.counterexample.action == "fs.read"
    assert not finding.counterexample.resource.startswith("/srv")


def test_what_it_has_all_of_is_no_narrower_claim(tmp_path: Path) -> None:
    """All reads are its own: the counterexample is an effect that it was not granted."""
    (finding,) = check(ID, desk(tmp_path, "sh", read="/**")).findings
    assert finding.counterexample is not None
    assert finding.counterexample.action == "fs.write"


def test_the_graph_says_so(tmp_path: Path) -> None:
    """An edge of ambient authority leaves the holder; none where commands are harmless or confined."""

    def ambient(one: Setting) -> list[str]:
        return [str(edge.source) for edge in compile_graph(one).edges(EdgeKind.AMBIENT)]

    assert ambient(desk(tmp_path / "a", "sh")) == ["holder:lead/project:acme.runner"]
    assert ambient(desk(tmp_path / "b", "ls")) == []
    assert ambient(desk(tmp_path / "c", "sh", sandbox="bubblewrap")) == []


def test_it_can_be_taken_on_by_name_where_the_host_lets(tmp_path: Path) -> None:
    """The edit writes an accept without a reason, which is the operator's to give."""
    one = desk(tmp_path, "sh", host=ACCEPTING)
    (finding,) = check(ID, one).findings
    assert f'finding = "{ID}"' in mended(finding, one, "capwright.toml")
    (kept,) = check(ID, desk(tmp_path / "other", "sh")).findings
    assert not kept.edits


def authority(*commands: str) -> Authority:
    on = tuple(parse("argv", command) for command in commands)
    capability = Capability(
        "process.exec", on, (), None, None, {}, False, "", False, None, HERE, HERE, (HERE,) * len(on), ()
    )
    return Authority((Layer("one", (capability,)),))


WORDS = st.sampled_from(
    names(
        "bash /x/python3 ls -c -C --no-pager log commit -exec find git tar -I xIf env timeout -S -e rsync "
        "--ext-diff scp -o x status make.txt"
    )
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=5))
def test_as_read_word_for_word(words: list[str]) -> None:
    """One command, by itself: the patterns say what a plain reading of its words says."""
    command = " ".join(escaped(word) for word in words)
    assert may_run_anything(authority(command)) is reference_programs.runs_anything(words)


@pytest.mark.parametrize("pattern", ["...", "* *", "git ...", "find ...", "?at ...", "env * ..."])
def test_every_class_is_of_one_mind(pattern: str) -> None:
    """A witness of a class that runs anything does, by the plain reading; and each kind has one."""
    found = [atom.witness for _, atom in anything(authority(pattern))]
    assert found
    for witness in found:
        words = [str(word) for word in segments("argv", canonical("argv", witness))]
        assert reference_programs.runs_anything(words), witness


def test_no_name_is_on_two_lists() -> None:
    """A program is one thing: what always runs anything is not looked at for later words."""
    assert not set(EVERYTHING) & set(WRAPPERS)
    assert len(set(EVERYTHING)) == len(EVERYTHING)
    assert "commit" not in GIT_PLAIN
