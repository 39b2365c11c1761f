"""`unmediated-effect`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.checks.base import Run
from capwright_policy.checks.unmediated_effect import CHECK, passages
from capwright_policy.compile import compile_graph
from capwright_policy.contexts import contexts_of
from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.graph import CapabilityGraph, Edge, EdgeKind, Node, NodeKind
from capwright_policy.setting import Setting, holders
from capwright_policy.solver import Solver
from capwright_registry.vocabulary import MEDIATORS
from tests.support.checking import HOST, allows, check, enable, mended, plugin, profile, request, setting
from tests.support.vectors import TODAY
from tests.support.workspaces import WORKSPACE

ID = "unmediated-effect"
THREE = '"permission", "scoped-fs", "output-bound"'
LEAD = "profiles/lead.toml"
COMPONENT = b"\0asm\x0d\0\x01\0"
EVERY = '"permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"'


def desk(
    tmp_path: Path,
    *actions: tuple[str, str],
    kind: str = "wasm",
    mediators: str = EVERY,
    sandbox: str = "bubblewrap",
    more: str = "",
    host: str = HOST,
) -> Setting:
    """A plugin that is granted these actions on these patterns."""
    caps = [allows(action, pattern) for action, pattern in actions]
    asks = [request(action, pattern) for action, pattern in actions]
    files: dict[str, str | bytes] = {
        "capwright.toml": WORKSPACE.replace(EVERY, mediators),
        "plugins/p/plugin.toml": plugin("p", *asks, kind=kind, more=more),
        LEAD: profile("lead", *caps, parts=[enable("project:p", *caps)]),
    }
    if kind == "wasm":
        files["plugins/p/plugin.wasm"] = COMPONENT
    return setting(tmp_path, files, host=host, sandbox=sandbox)


def messages(result: CheckResult) -> list[str]:
    return [finding.message for finding in result.findings]


@pytest.mark.parametrize(
    ("action", "pattern", "needed"),
    [
        ("fs.read", "/a", ["permission", "scoped-fs"]),
        ("fs.write", "/a/b.txt", ["permission", "scoped-fs"]),
        ("net.connect", "a.example:443", ["permission", "net-policy"]),
        ("net.http", "GET https://a.example:443/x", ["permission", "net-policy"]),
        ("process.exec", "ls ...", ["permission", "process-sandbox"]),
        ("env.read", "HOME", ["permission"]),
        ("tool.call", "project:p/run", ["permission"]),
    ],
)
def test_each_action_of_a_component_needs_its_mediators(
    tmp_path: Path, action: str, pattern: str, needed: list[str]
) -> None:
    for mediator in MEDIATORS:
        rest = EVERY.replace(f'"{mediator}"', "").replace(", ,", ",").strip(", ")
        result = check(ID, desk(tmp_path / mediator, (action, pattern), mediators=rest))
        told = {
            **{m: f"effects `{action}` of `project:p` go around the mediator `{m}`" for m in needed},
            **{
                m: f"what the model sees of `project:p` goes around the mediator `{m}`"
                for m in ("output-bound", "history")
            },
        }
        assert messages(result) == ([told[mediator]] if mediator in told else [])


def test_a_component_that_runs_programs_needs_a_sandbox_that_works(tmp_path: Path) -> None:
    """Declared is not enough: on a host without a working one the effect is unmediated."""
    one = desk(tmp_path, ("process.exec", "ls"), sandbox="none")
    assert messages(check(ID, one)) == [
        "effects `process.exec` of `project:p` go around the mediator `process-sandbox`"
    ]


def test_a_server_without_a_sandbox_is_for_another_check(tmp_path: Path) -> None:
    """`ambient-process` says it once; an operator who takes that on does so once."""
    assert check(ID, desk(tmp_path, ("fs.read", "/a"), kind="mcp", sandbox="none")).verdict is Verdict.PROVED


def test_the_way_around_is_shown(tmp_path: Path) -> None:
    one = desk(tmp_path, ("fs.read", "/a"), mediators='"permission", "output-bound", "history"')
    (finding,) = check(ID, one).findings
    assert finding.counterexample is not None
    assert finding.counterexample.chain == (
        "tool:lead/project:p/run",
        "mediator:lead/project:p/fs.read/permission",
        "effect:lead/project:p/fs.read",
    )
    assert finding.counterexample.effect == "fs.read:/a"


def test_the_edit_adds_the_mediator_where_the_host_has_it(tmp_path: Path) -> None:
    one = desk(tmp_path, ("fs.read", "/a"), mediators='"permission", "output-bound", "history"')
    (finding,) = check(ID, one).findings
    assert 'mediators = ["permission", "output-bound", "history", "scoped-fs"]' in mended(
        finding, one, "capwright.toml"
    )


@pytest.mark.parametrize(
    ("mediators", "host", "told"),
    [
        (THREE, "history", "add `history` to {own}, on"),
        (f'{THREE}, "history"', "output-bound", "add `history` to {host}, on"),
        (THREE, "output-bound", "add `history` to {own} and to {host}, on"),
    ],
)
def test_the_help_names_the_document_that_lacks_the_mediator(
    tmp_path: Path, mediators: str, host: str, told: str
) -> None:
    """What the workspace lists already is not to be added there; `host` is the last that the host has."""
    text = HOST if host == "history" else HOST.replace(', "history"]', "]")
    one = desk(tmp_path, ("fs.read", "/a"), mediators=mediators, host=text)
    (finding,) = check(ID, one).findings
    own = "`mediators` under `[host]` in `capwright.toml`"
    above = f"`mediators` of the host policy `{one.host.source}`"
    assert finding.help.startswith(told.format(own=own, host=above))
    assert bool(finding.edits) == (host == "history")


def test_a_plugin_that_contributes_nothing_has_no_way_to_prove(tmp_path: Path) -> None:
    files = {
        "plugins/p/plugin.toml": plugin("p", kind="declarative", tools=()),
        LEAD: profile("lead", parts=[enable("project:p")]),
    }
    assert check(ID, setting(tmp_path, files)).verdict is Verdict.VACUOUS


TOOL = Node(NodeKind.TOOL, "lead/project:p/run")


@pytest.mark.parametrize(
    ("kind", "name", "left_out"),
    [
        (NodeKind.EFFECT, "lead/project:p/fs.read", {"permission", "scoped-fs"}),
        (NodeKind.MEDIATOR, "lead/project:p/fs.read/scoped-fs", {"permission"}),
        (NodeKind.MODEL, "lead", {"output-bound", "history"}),
        (NodeKind.MEDIATOR, "lead/project:p/result/history", {"output-bound"}),
    ],
)
def test_a_second_way_is_seen(tmp_path: Path, kind: NodeKind, name: str, left_out: set[str]) -> None:
    """Domination and order, not presence: every mediator is there, and one edge leads around some of them."""
    one = desk(tmp_path, ("fs.read", "/a"))
    graph = compile_graph(one)
    graph.add(Edge(TOOL, Node(kind, name), EdgeKind.MEDIATES))
    outcome = CHECK.run(Run(one, graph, contexts_of(one), Solver(10), {}, TODAY))
    assert (
        {finding.message.split("`")[-2] for finding in outcome.findings} == left_out == searched(one, graph)
    )


def searched(one: Setting, graph: CapabilityGraph) -> set[str]:
    """The mediators that some path of a graph leaves out, by a search of the graph and no solver."""
    found: set[str] = set()
    edges = [(e.source, e.target) for e in graph.edges(EdgeKind.MEDIATES, EdgeKind.PERFORMS)]
    for passage in passages(one, holders(one)[0]):
        reached = set(passage.starts)
        while more := {b for a, b in edges if a in reached and b != passage.gate} - reached:
            reached |= more
        found |= {passage.mediator} if passage.end in reached else set()
    return found
