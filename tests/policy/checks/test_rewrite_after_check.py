"""`rewrite-after-check`: what its vectors cannot say."""

from __future__ import annotations

from itertools import permutations, product
from pathlib import Path

import pytest

from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting
from capwright_policy.verify import Report
from capwright_registry.vocabulary import HOOK_EVENTS, MEDIATORS
from tests.support.checking import (
    allows,
    check,
    enable,
    mended,
    plugin,
    profile,
    report,
    request,
    setting,
)

ID = "rewrite-after-check"
COMPONENT = bytes.fromhex("0061736d0d000100")
HOST = """\
schema = "capwright.host/1"
api = "1.4.0"
mediators = [{}]
[ceiling.project]
allow = [
  {{ action = "fs.read", on = ["/**"] }},
  {{ action = "env.read", on = ["**"] }},
  {{ action = "process.exec", on = ["..."] }},
  {{ action = "tool.call", on = ["**"] }},
  {{ action = "hook.rewrite", on = ["**"] }},
]
"""
WORKSPACE = """\
schema = "capwright.workspace/1"
name = "desk"
[host]
api = "1.4.0"
mediators = [{}]
[roots]
workspace = "."
[[source]]
tier = "project"
path = "plugins"
"""


def written(mediators: tuple[str, ...]) -> str:
    return ", ".join(f'"{mediator}"' for mediator in mediators)


def desk(
    tmp_path: Path,
    *,
    mediators: tuple[str, ...] = MEDIATORS,
    host: tuple[str, ...] = MEDIATORS,
    effects: tuple[str, ...] = ("fs.read",),
    kind: str = "wasm",
    event: str = "tool.before",
    match: str = "project:files/*",
    sandbox: str = "bubblewrap",
    default: str = "allow",
) -> Setting:
    """A plugin of rules that rewrites the calls of a tool with these effects."""
    on = {"fs.read": "/**", "env.read": "**", "process.exec": "...", "tool.call": "**"}
    tool = f'name = "run"\neffects = [{", ".join(f"{{ action = {chr(34)}{e}{chr(34)} }}" for e in effects)}]'
    hook = f'[[hook]]\non = "{event}"\nmatch = "{match}"\npower = "rewrite"\nset = {{ "/n" = 1 }}\n'
    power = f"{event}/**" if event.startswith("tool.") else event
    scope = [allows(action, pattern) for action, pattern in on.items()]
    grants = [allows(effect, on[effect]) for effect in effects]
    parts = [
        f'[permissions]\ndefault = "{default}"',
        enable("project:rules", allows("hook.rewrite", power)),
        enable("project:files", *grants),
    ]
    files: dict[str, str | bytes] = {
        "capwright.toml": WORKSPACE.format(written(mediators)),
        "plugins/rules/plugin.toml": plugin("rules", kind="declarative", tools=(), more=hook),
        "plugins/files/plugin.toml": plugin(
            "files", *(request(e, on[e]) for e in effects), kind=kind, tools=[tool]
        ),
        "plugins/files/plugin.wasm": COMPONENT,
        "profiles/lead.toml": profile("lead", *scope, allows("hook.rewrite", "**"), parts=parts),
    }
    return setting(tmp_path, files, host=HOST.format(written(host)), sandbox=sandbox)


@pytest.mark.parametrize(
    ("order", "kind"),
    [*product(permutations(("permission", "scoped-fs", "process-sandbox")), ("wasm", "mcp"))],
)
def test_what_is_listed_before_the_permission_does_not_count(
    tmp_path: Path, order: tuple[str, ...], kind: str
) -> None:
    """Of a component's reads the file mediator, of a server's the sandbox."""
    own = "process-sandbox" if kind == "mcp" else "scoped-fs"
    found = check(ID, desk(tmp_path, mediators=(*order, "output-bound", "history"), kind=kind))
    assert (found.verdict is Verdict.PROVED) is (order.index("permission") < order.index(own))


@pytest.mark.parametrize("missing", ["permission", "scoped-fs"])
@pytest.mark.parametrize("where", ["mediators", "host"])
def test_a_mediator_that_is_not_there(tmp_path: Path, missing: str, where: str) -> None:
    rest = tuple(mediator for mediator in MEDIATORS if mediator != missing)
    one = desk(tmp_path, **{where: rest})  # type: ignore[arg-type]
    (finding,) = check(ID, one).findings
    assert f"`{missing}` does not check `fs.read`" in finding.message
    assert bool(finding.edits) is (where == "mediators")


def test_the_edit_lists_them_in_the_hosts_order(tmp_path: Path) -> None:
    one = desk(tmp_path, mediators=("history", "scoped-fs", "permission"))
    (finding,) = check(ID, one).findings
    assert 'mediators = ["permission", "scoped-fs", "history"]' in mended(finding, one, "capwright.toml")


def test_a_sandbox_that_does_not_work_checks_nothing(tmp_path: Path) -> None:
    """Of a component; that a server has none is for `ambient-process` to say."""
    for kind, verdict in (("wasm", Verdict.REFUTED), ("mcp", Verdict.PROVED)):
        one = desk(tmp_path / kind, effects=("process.exec",), kind=kind, sandbox="none")
        found = check(ID, one)
        assert found.verdict is verdict
        assert [(f.help.partition(";")[0], f.edits) for f in found.findings] == (
            [("install bubblewrap on this host", ())] if found.findings else []
        )


@pytest.mark.parametrize("event", HOOK_EVENTS)
def test_only_before_a_tool_something_is_checked_after_it(tmp_path: Path, event: str) -> None:
    assert (check(ID, desk(tmp_path, event=event)).verdict is Verdict.PROVED) is (event == "tool.before")


def test_after_a_tool_that_is_not_there(tmp_path: Path) -> None:
    assert check(ID, desk(tmp_path, event="tool.after", match="project:other/*")).verdict is Verdict.VACUOUS


def test_calls_of_other_tools_need_the_permission(tmp_path: Path) -> None:
    rest = tuple(mediator for mediator in MEDIATORS if mediator != "permission")
    (finding,) = check(ID, desk(tmp_path, mediators=rest, effects=("tool.call",))).findings
    assert "`permission` does not check `tool.call`" in finding.message


def test_a_tool_that_nobody_calls_is_not_rewritten(tmp_path: Path) -> None:
    one = desk(tmp_path, mediators=("scoped-fs", "permission"), default="deny")
    assert check(ID, one).verdict is Verdict.VACUOUS


def test_it_is_not_what_unmediated_effect_says(tmp_path: Path) -> None:
    """Each of the two has an answer that the other has not: the order, and ways that begin at a tool."""

    def verdicts(found: Report) -> list[Verdict]:
        return [result.verdict for result in found.results]

    both = (ID, "unmediated-effect")
    listed = ("scoped-fs", "permission", "output-bound", "history")
    order = desk(tmp_path / "order", mediators=listed)
    assert verdicts(report(order, *both)) == [Verdict.REFUTED, Verdict.PROVED]
    denied = desk(tmp_path / "denied", mediators=("output-bound", "history"), default="deny")
    assert verdicts(report(denied, *both)) == [Verdict.VACUOUS, Verdict.REFUTED]
