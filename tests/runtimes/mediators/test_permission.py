"""A tool acts only as it declares, and only on what it was called for."""

from __future__ import annotations

import pytest

from capwright_runtimes.admission import Admission
from capwright_runtimes.mediators.permission import ToolCall, permit, permit_arguments
from capwright_runtimes.refusal import Refused
from tests.runtimes.host_fakes import admission, table, tool

TABLES = {
    "fs.read": table("fs.read", ["/notes/**"], ["/notes/secret/**"]),
    "fs.write": table("fs.write", ["/notes/**"]),
    "secret.use": table("secret.use", ["*"]),
}
TOOLS = {
    "search": tool(("fs.read", "/path")),
    "copy": tool(("fs.read", "/from"), ("fs.read", "/also"), ("fs.write", "/to")),
    "free": tool(("fs.read", None)),
    "both": tool(("fs.read", None), ("fs.read", "/path")),
    "key": tool(("secret.use", "/name")),
}


@pytest.fixture
def notes() -> Admission:
    return admission(TABLES, TOOLS)


def verdict(
    notes: Admission, name: str, arguments: dict[str, object], action: str, resource: str
) -> str | None:
    """The refusing layer, or None when allowed."""
    decision = permit(notes, ToolCall.of(notes, name, arguments), action, resource, {})
    assert decision.allowed == (decision.layer is None)
    return decision.layer


@pytest.mark.parametrize(
    ("resource", "layer"),
    [
        ("/notes/a", None),
        ("/notes/a/b.txt", None),
        ("/notes/a/../a/b.txt", None),
        ("/notes/b", "argument"),
        ("/notes/ab", "argument"),
        ("/notes", "argument"),
        ("/notes/a/../b", "argument"),
        ("/etc/passwd", "granted"),
        ("relative", "resource"),
    ],
)
def test_a_tool_called_for_one_path_reads_no_other(
    notes: Admission, resource: str, layer: str | None
) -> None:
    assert verdict(notes, "search", {"path": "/notes/a"}, "fs.read", resource) == layer


def test_an_argument_widens_nothing(notes: Admission) -> None:
    assert verdict(notes, "search", {"path": "/"}, "fs.read", "/etc/passwd") == "granted"
    assert verdict(notes, "search", {"path": "/"}, "fs.read", "/notes/secret/x") == "granted"


def test_an_action_that_the_tool_does_not_declare_is_denied(notes: Admission) -> None:
    assert verdict(notes, "search", {"path": "/notes/a"}, "fs.write", "/notes/a") == "tool"
    assert verdict(notes, "search", {"path": "/notes/a"}, "net.connect", "h:1") == "tool"


def test_each_action_is_bound_by_its_own_arguments(notes: Admission) -> None:
    arguments: dict[str, object] = {"from": "/notes/a", "to": "/notes/b", "also": ["/notes/c", "/notes/d"]}
    assert verdict(notes, "copy", arguments, "fs.read", "/notes/a/x") is None
    assert verdict(notes, "copy", arguments, "fs.read", "/notes/d/x") is None
    assert verdict(notes, "copy", arguments, "fs.read", "/notes/b") == "argument"
    assert verdict(notes, "copy", arguments, "fs.write", "/notes/b") is None
    assert verdict(notes, "copy", arguments, "fs.write", "/notes/a") == "argument"


def test_an_effect_bound_to_no_argument_is_the_proofs_alone(notes: Admission) -> None:
    assert verdict(notes, "free", {}, "fs.read", "/notes/x") is None
    assert verdict(notes, "both", {"path": "/notes/a"}, "fs.read", "/notes/x") is None


@pytest.mark.parametrize("value", [None, 7, {}, [], ["/notes/a", 7], "notes/a", "", [["/notes/a"]]])
def test_an_argument_that_names_nothing_binds_nothing(notes: Admission, value: object) -> None:
    assert verdict(notes, "search", {"path": value}, "fs.read", "/notes/a") == "argument"


def test_a_name_is_no_folder(notes: Admission) -> None:
    """Only paths have a beneath: the secret `a` does not stand for `a/b`."""
    star = admission({"secret.use": table("secret.use", ["a", "a/b"])}, TOOLS)
    assert verdict(star, "key", {"name": "a"}, "secret.use", "a") is None
    assert verdict(star, "key", {"name": "a"}, "secret.use", "a/b") == "argument"


def before(notes: Admission, name: str, arguments: dict[str, object]) -> str | None:
    decision = permit_arguments(notes, ToolCall.of(notes, name, arguments), {})
    return None if decision is None else str(decision.layer)


@pytest.mark.parametrize(
    ("name", "arguments", "layer"),
    [
        ("search", {"path": "/notes/a"}, None),
        ("search", {"path": ["/notes/a", "/notes/b"]}, None),
        ("search", {"path": "/etc/passwd"}, "granted"),
        ("search", {"path": ["/notes/a", "/etc/passwd"]}, "granted"),
        ("search", {"path": "/notes/../etc/passwd"}, "granted"),
        ("search", {"path": "/notes/secret"}, "granted"),
        ("search", {"path": "notes/a"}, "resource"),
        ("search", {}, "argument"),
        ("search", {"path": None}, "argument"),
        ("search", {"path": 7}, "argument"),
        ("search", {"path": []}, "argument"),
        ("search", {"path": ["/notes/a", 7]}, "argument"),
        ("search", {"Path": "/notes/a"}, "argument"),
        ("copy", {"from": "/notes/a", "to": "/notes/b"}, None),
        ("copy", {"from": "/notes/a"}, "argument"),
        ("copy", {"from": "/notes/a", "to": "/notes/b", "also": "/etc"}, "granted"),
        ("free", {}, None),
        ("both", {}, None),
        ("both", {"path": "/etc"}, "granted"),
    ],
)
def test_arguments_are_decided_before_the_tool_runs(
    notes: Admission, name: str, arguments: dict[str, object], layer: str | None
) -> None:
    assert before(notes, name, arguments) == layer


def test_a_tool_that_is_not_there_is_refused(notes: Admission) -> None:
    with pytest.raises(Refused) as caught:
        ToolCall.of(notes, "delete", {})
    assert caught.value.code == "no-tool"


@pytest.mark.parametrize(
    "effects", [None, {}, [None], [{"action": 1, "from": None}], [{"action": "fs.read", "from": 1}]]
)
def test_a_malformed_table_is_refused(effects: object) -> None:
    bad = admission(TABLES, {"search": {"effects": effects}})
    with pytest.raises(Refused) as caught:
        ToolCall.of(bad, "search", {})
    assert caught.value.code == "bad-table"
