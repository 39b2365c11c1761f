"""One call's effects: permission, mediator, bound, history, each time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from capwright_runtimes.broker import MAX_ENV_BYTES, Broker
from capwright_runtimes.mediators.history import History
from capwright_runtimes.mediators.scoped_fs import ScopedFs
from capwright_runtimes.refusal import Denied, Refused
from tests.runtimes.host_fakes import admission, table, tool, when

ENVIRON = {"LANG": "C", "TOKEN": "t0ken", "LONG": "x" * (MAX_ENV_BYTES + 1)}


class Desk:
    """A folder of notes, a plugin that may read it, and the history of what it did."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "notes" / "a").mkdir(parents=True)
        (root / "notes" / "a" / "x.txt").write_bytes(b"hello")
        (root / "notes" / "a" / ".env").write_bytes(b"secret")
        (root / "notes" / "b.txt").write_bytes(b"other")
        self.history = History(root / "history.jsonl")
        self.files = ScopedFs()
        self.tables = {
            "fs.read": table("fs.read", [f"{root}/notes/**"], ["/**/.env"]),
            "env.read": table("env.read", ["LANG", "LONG", "MISSING"]),
            "fs.write": table("fs.write", ["/**"], condition=when("approved")),
        }
        self.tools = {"search": tool(("fs.read", "/path"), ("env.read", None), ("fs.write", None))}

    def broker(self, context: Mapping[str, object] | None = None) -> Broker:
        arguments = {"path": f"{self.root}/notes/a"}
        return Broker(
            admission(self.tables, self.tools),
            "search",
            arguments,
            context or {},
            history=self.history,
            files=self.files,
            environ=ENVIRON,
        )

    def records(self) -> list[dict[str, object]]:
        lines = (self.root / "history.jsonl").read_bytes().splitlines()
        return [json.loads(line)["record"] for line in lines]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.history.close()
    desk.files.close()


def test_a_read_is_done_and_recorded(desk: Desk) -> None:
    broker = desk.broker()
    assert broker.read_file(f"{desk.root}/notes/a/./x.txt") == b"hello"
    [record] = desk.records()
    assert (record["kind"], record["allowed"], record["action"]) == ("effect", True, "fs.read")
    assert record["resource"] == f"{desk.root}/notes/a/x.txt"
    assert (record["bytes"], record["links"], record["source"]) == (5, 1, "p.toml:1:1")
    assert broker.denials == ()


@pytest.mark.parametrize(
    ("path", "layer"),
    [
        ("/etc/passwd", "granted"),
        ("notes/a/x.txt", "resource"),
        ("{}/notes/b.txt", "argument"),
        ("{}/notes/a/../b.txt", "argument"),
        ("{}/notes/a/.env", "granted"),
        ("{}/notes/a/nope", "scoped-fs"),
        ("{}/notes/a/link", "scoped-fs"),
        ("{}/notes/a", "scoped-fs"),
    ],
)
def test_a_refused_read_is_kept_and_recorded_once(desk: Desk, path: str, layer: str) -> None:
    (desk.root / "notes" / "a" / "link").symlink_to("/etc/passwd")
    broker = desk.broker()
    with pytest.raises(Denied) as caught:
        broker.read_file(path.format(desk.root))
    assert caught.value.decision.layer == layer
    assert broker.denials == (caught.value.decision,)
    [record] = desk.records()
    assert (record["allowed"], record["layer"]) == (False, layer)


def test_a_listing_leaves_out_what_may_not_be_read(desk: Desk) -> None:
    broker = desk.broker()
    assert broker.list_dir(f"{desk.root}/notes/a") == ["x.txt"]
    [record] = desk.records()
    assert (record["names"], record["hidden"]) == (1, 1)
    with pytest.raises(Denied):
        broker.list_dir(f"{desk.root}/notes")


def test_the_environment_is_what_the_host_gives(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISSING", "from the process")
    broker = desk.broker()
    assert broker.env("LANG") == "C"
    for name, layer in [("TOKEN", "granted"), ("MISSING", "environment"), ("LONG", "environment")]:
        with pytest.raises(Denied) as caught:
            broker.env(name)
        assert caught.value.decision.layer == layer
    assert len(broker.denials) == 3
    assert [r["allowed"] for r in desk.records()] == [True, False, False, False]


def test_the_value_of_a_variable_is_not_recorded(desk: Desk) -> None:
    desk.tables["env.read"] = table("env.read", ["TOKEN"])
    assert desk.broker().env("TOKEN") == "t0ken"
    assert "t0ken" not in (desk.root / "history.jsonl").read_text()


def test_a_check_decides_in_the_calls_context(desk: Desk) -> None:
    assert not desk.broker().check("fs.write", "/x").allowed
    assert not desk.broker({"approved": "true"}).check("fs.write", "/x").allowed
    broker = desk.broker({"approved": True})
    assert broker.check("fs.write", "/x").allowed
    assert broker.check("net.connect", "h:1").layer == "tool"
    assert [r["allowed"] for r in desk.records()] == [False, False, True, False]


def test_a_network_effect_that_the_proof_allows_is_refused_and_recorded_as_refused(desk: Desk) -> None:
    desk.tables["net.http"] = table("net.http", ["GET https://api.example.com:443/**"])
    desk.tools["search"] = tool(("net.http", None))
    broker = desk.broker()
    decision = broker.check("net.http", "GET https://api.example.com/v1")
    assert (decision.allowed, decision.layer) == (False, "net-policy")
    assert broker.denials == (decision,)
    assert [(r["allowed"], r["layer"]) for r in desk.records()] == [(False, "net-policy")]


def test_no_admission_no_broker(desk: Desk) -> None:
    with pytest.raises(Refused):
        Broker(None, "search", {}, {}, history=desk.history, files=desk.files, environ={})  # type: ignore[arg-type]


def test_without_history_there_is_no_effect(desk: Desk) -> None:
    broker = desk.broker()
    desk.history.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        broker.read_file(f"{desk.root}/notes/a/x.txt")


def test_untrusted_text_is_escaped_and_bounded_in_history(desk: Desk) -> None:
    broker = desk.broker()
    with pytest.raises(Denied):
        broker.read_file("/\x1b[2J" + "x" * 100_000)
    [record] = desk.records()
    assert str(record["resource"]).startswith("/\\u{1b}[2J")
    assert len(str(record["resource"])) < 5000
