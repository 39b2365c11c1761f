"""One path for every call: what is refused, where, and that it is written down."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from capwright_registry.conditions import BUILTIN_CONTEXT
from capwright_runtimes.adapters.base import HookResult
from capwright_runtimes.admission import Admission
from capwright_runtimes.broker import Broker
from capwright_runtimes.host import BUILT_IN_CONTEXT, MAX_NOTES, AskRequest, Host
from capwright_runtimes.refusal import Denied, Refused
from tests.runtimes.host_fakes import (
    FakeHooks,
    FakeSession,
    admission,
    admitted,
    echo,
    hook,
    permissions,
    table,
    when,
)
from tests.runtimes.host_scene import SEARCH, Scene, denied, yes


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_call_is_made_and_written_down(scene: Scene) -> None:
    with scene.start() as host:
        result = host.call(SEARCH, {"q": "x"})
    assert (result.text, result.annotations, result.cut, result.is_error) == (
        "got [('q', 'x')]",
        (),
        0,
        False,
    )
    assert scene.session.calls == [("search", {"q": "x"})]
    call, answer = scene.records()
    assert (call["kind"], call["tool"], call["arguments"]) == ("call", SEARCH, '{"q": "x"}')
    assert (answer["kind"], answer["text"], result.seq) == ("result", result.text, 2)


@pytest.mark.parametrize(
    "name",
    [
        "project:acme.notes/nope",
        "search",
        "user:acme.notes/search",
        "project:acme.notes/search/",
        "",
        SEARCH.upper(),
    ],
)
def test_a_tool_that_nobody_admitted_is_denied(scene: Scene, name: str) -> None:
    with scene.start() as host:
        layer, _ = denied(lambda: host.call(name, {}))
    assert layer == "identity"
    assert scene.session.calls == []
    [record] = scene.records()
    assert (record["kind"], record["layer"]) == ("denied", "identity")


def test_permission_is_the_agents(scene: Scene) -> None:
    scene.allow = permissions(("project:acme.notes/*", "deny"), default="allow")
    with scene.start() as host:
        assert denied(lambda: host.call(SEARCH, {}))[0] == "permission"
        assert denied(lambda: host.call(SEARCH, {}, yes))[0] == "permission"
    assert scene.session.calls == []
    assert [r["kind"] for r in scene.records()] == ["denied", "denied"]


class TestAsking:
    """Ask counts as allow exactly when the user approved this call."""

    @pytest.fixture(autouse=True)
    def rules(self, scene: Scene) -> None:
        scene.allow = permissions(("project:acme.notes/*", "ask"))

    def test_nobody_approves_by_default(self, scene: Scene) -> None:
        with scene.start() as host:
            assert denied(lambda: host.call(SEARCH, {}))[0] == "approval"
        assert scene.session.calls == []

    @pytest.mark.parametrize("answer", [False, None, 1, "yes"])
    def test_only_true_approves(self, scene: Scene, answer: object) -> None:
        with scene.start() as host:
            assert denied(lambda: host.call(SEARCH, {}, lambda _: answer))[0] == "approval"  # type: ignore[arg-type, return-value]
        assert scene.session.calls == []

    def test_the_user_is_asked_once_about_what_will_run(self, scene: Scene) -> None:
        asked: list[AskRequest] = []

        def remember(request: AskRequest) -> bool:
            asked.append(request)
            return True

        rewrite = hook("tool.before", "rewrite", changes={"/limit": 10})
        ask = hook("tool.before", "ask", message="is this wise")
        with scene.start(rewrite, ask) as host:
            host.call(SEARCH, {"limit": 99}, remember)
        [request] = asked
        assert (request.tool, request.arguments) == (SEARCH, {"limit": 10})
        assert request.reasons == (
            "the rule at `p.toml:1:1` asks the user first",
            "builtin:guard.g1: is this wise",
        )
        assert scene.session.calls == [("search", {"limit": 10})]
        assert scene.records("call")[0]["approved"] is True

    def test_an_approval_is_for_one_call(self, scene: Scene) -> None:
        with scene.start() as host:
            host.call(SEARCH, {}, yes)
            assert denied(lambda: host.call(SEARCH, {}))[0] == "approval"

    def test_conditions_see_the_approval(self, scene: Scene) -> None:
        path = f"{scene.folder}/notes/a.txt"
        scene.session = FakeSession(lambda _, broker: str(broker.check("fs.write", path).allowed))
        with scene.start() as host:
            assert host.call("project:acme.notes/write", {"path": path}, yes).text == "True"

    def test_an_approval_does_not_widen_a_grant(self, scene: Scene) -> None:
        with scene.start() as host:
            layer, _ = denied(lambda: host.call("project:acme.notes/write", {"path": "/etc/passwd"}, yes))
        assert layer == "granted"

    def test_a_call_that_changes_with_the_approval_is_denied(self, scene: Scene) -> None:
        sly = hook("tool.before", "rewrite", changes={"/path": "/etc"}, condition=when("approved"))
        with scene.start(sly) as host:
            layer, reason = denied(lambda: host.call(SEARCH, {"path": "/notes"}, yes))
        assert (layer, reason) == ("approval", "the call is not the one that was approved")
        assert scene.session.calls == []

    def test_a_hook_can_deny_what_was_approved(self, scene: Scene) -> None:
        late = hook("tool.before", "deny", condition=when("approved"))
        with scene.start(late) as host:
            assert denied(lambda: host.call(SEARCH, {}, yes))[0] == "hook"

    def test_an_embedder_may_approve_beforehand(self, scene: Scene) -> None:
        with scene.start(context={"approved": True}) as host:
            host.call(SEARCH, {})
        assert len(scene.session.calls) == 1


class TestEffects:
    def test_an_effect_goes_through_the_broker(self, scene: Scene) -> None:
        def read(arguments: dict[str, object], broker: Broker) -> str:
            return broker.read_file(str(arguments["path"])).decode()

        scene.session = FakeSession(read)
        with scene.start() as host:
            path = f"{scene.folder}/notes/a.txt"
            assert host.call("project:acme.notes/read", {"path": path}).text == "hello"
        assert [r["kind"] for r in scene.records()] == ["call", "effect", "result"]

    def test_arguments_are_decided_before_the_tool_runs(self, scene: Scene) -> None:
        with scene.start() as host:
            assert (
                denied(lambda: host.call("project:acme.notes/read", {"path": "/etc/passwd"}))[0] == "granted"
            )
            assert denied(lambda: host.call("project:acme.notes/read", {}))[0] == "argument"
        assert scene.session.calls == []

    def test_a_session_cannot_widen_what_was_bound(self, scene: Scene) -> None:
        """The arguments that it is given are its own copy; those that bind it are not."""
        (scene.folder / "notes" / "b.txt").write_bytes(b"other")

        def sly(arguments: dict[str, object], broker: Broker) -> str:
            arguments["path"] = f"{scene.folder}/notes/b.txt"
            return broker.read_file(str(arguments["path"])).decode()

        scene.session = FakeSession(sly)
        with scene.start() as host:
            path = f"{scene.folder}/notes/a.txt"
            assert denied(lambda: host.call("project:acme.notes/read", {"path": path}))[0] == "argument"

    def test_hooks_after_hear_what_the_tool_was_given(self, scene: Scene) -> None:
        def sly(arguments: dict[str, object], broker: Broker) -> str:
            arguments["q"] = "nothing to see"
            return ""

        session = scene.session = FakeHooks(sly)
        scene.notes_hooks = [hook("tool.after", "observe")]
        with scene.start() as host:
            host.call(SEARCH, {"q": "x"})
        assert [arguments for _, _, arguments, _ in session.heard] == [{"q": "x"}]

    def test_a_caller_cannot_change_the_arguments_meanwhile(self, scene: Scene) -> None:
        arguments = {"q": ["x"]}

        def change(request: AskRequest) -> bool:
            arguments["q"].append("y")
            return True

        scene.allow = permissions(default="ask")
        with scene.start() as host:
            host.call(SEARCH, arguments, change)
        assert scene.session.calls == [("search", {"q": ["x"]})]

    def test_denials_that_the_tool_swallowed_are_told(self, scene: Scene) -> None:
        def careless(arguments: dict[str, object], broker: Broker) -> str:
            try:
                broker.read_file("/etc/passwd")
            except Denied:
                return "all is well"
            return "it was read"

        scene.session = FakeSession(careless)
        with scene.start() as host:
            path = f"{scene.folder}/notes/a.txt"
            result = host.call("project:acme.notes/read", {"path": path})
        assert result.text == "all is well"
        assert [d.resource for d in result.denials] == ["/etc/passwd"]


class TestBounds:
    def test_the_result_is_bounded_and_escaped(self, scene: Scene) -> None:
        scene.limits = {"output": 20}
        scene.session = FakeSession(lambda *_: "\x1b[2J" + "x" * 100)
        with scene.start() as host:
            result = host.call(SEARCH, {})
        assert result.text == "\\u{1b}[2J" + "x" * 11 + "\n[89 of 109 bytes cut]"
        assert result.cut == 89
        assert scene.records("result")[0]["text"] == result.text

    def test_no_manifest_can_make_a_result_too_long_for_history(self, scene: Scene) -> None:
        scene.limits = {"output": 1 << 40}
        scene.session = FakeSession(lambda *_: '"\n' * (2 << 20))
        with scene.start() as host:
            assert host.call(SEARCH, {}).cut == 3 << 20

    def test_annotations_are_few(self, scene: Scene) -> None:
        scene.session = FakeHooks(
            echo, says=lambda _: HookResult("annotate", annotations=("x" * 9999,) * 100)
        )
        scene.notes_hooks = [hook("tool.before", "annotate")]
        with scene.start() as host:
            notes = host.call(SEARCH, {}).annotations
        assert len(notes) == MAX_NOTES + 1
        assert notes[-1] == "[68 more annotations cut]"
        assert len("".join(notes)) < 100_000

    def test_what_a_hook_claims_is_bounded_and_escaped_in_history(self, scene: Scene) -> None:
        long = ("\x1b" + "x" * 9999,) * 2000
        said = HookResult("annotate", "\x1b" * 999_999, fired=long, refused=long)
        scene.session = FakeHooks(echo, says=lambda _: said)
        scene.notes_hooks = [hook("tool.before", "annotate")]
        with scene.start() as host:
            host.call(SEARCH, {})
        text = json.dumps(scene.records("hook"))
        assert len(text) < 2_000_000
        assert "\\u001b" not in text

    @pytest.mark.parametrize(
        "arguments", [{"x": float("nan")}, {"x": {1, 2}}, {1: "x"}, {"x": "y" * (1 << 21)}, ["x"]]
    )
    def test_arguments_are_bounded_json(self, scene: Scene, arguments: dict[str, object]) -> None:
        with scene.start() as host:
            assert denied(lambda: host.call(SEARCH, arguments))[0] == "arguments"

    def test_arguments_without_an_end_are_denied(self, scene: Scene) -> None:
        arguments: dict[str, object] = {}
        arguments["x"] = arguments
        with scene.start() as host:
            assert denied(lambda: host.call(SEARCH, arguments))[0] == "arguments"


class TestContext:
    def test_an_unknown_variable_is_a_mistake(self, scene: Scene) -> None:
        with pytest.raises(Refused) as caught:
            scene.start(context={"regoin": "eu"})
        assert caught.value.detail == "regoin"

    def test_the_built_in_variables_are_those_of_the_conditions(self) -> None:
        assert set(BUILTIN_CONTEXT) == BUILT_IN_CONTEXT

    def test_a_missing_variable_fails_closed(self, scene: Scene) -> None:
        scene.allow = permissions(("*:*.*/*", "allow", when("sandboxed")))
        with scene.start() as host:
            assert denied(lambda: host.call(SEARCH, {}))[0] == "permission"
        with scene.start(context={"sandboxed": True}) as host:
            host.call(SEARCH, {})

    def test_now_is_what_the_embedder_says(self, scene: Scene) -> None:
        scene.tables["fs.read"] = table("fs.read", ["/**"], until=2_000_000_000)
        with scene.start(context={"now": 1_999_999_999_999_999}) as host:
            host.call("project:acme.notes/read", {"path": "/x"})
        with scene.start(context={"now": 2_000_000_000_000_000}) as host:
            assert denied(partial(host.call, "project:acme.notes/read", {"path": "/x"}))[0] == "granted"

    def test_now_is_otherwise_read_at_each_call_and_after_each_approval(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever approves may take longer than the grant lasts."""
        clock = {"seconds": 1_999_999_999}
        monkeypatch.setattr("time.time_ns", lambda: clock["seconds"] * 1_000_000_000)

        def slowly(request: AskRequest) -> bool:
            clock["seconds"] += 1
            return True

        scene.allow = permissions(default="ask")
        scene.tables["fs.read"] = table("fs.read", ["/**"], until=2_000_000_000)
        with scene.start() as host:
            host.call("project:acme.notes/read", {"path": "/x"}, yes)
            assert (
                denied(partial(host.call, "project:acme.notes/read", {"path": "/x"}, slowly))[0] == "granted"
            )


class TestLife:
    def test_a_plugin_is_loaded_once(self, scene: Scene) -> None:
        with scene.start() as host:
            host.load("project:acme.notes")
            host.call(SEARCH, {})
            host.call(SEARCH, {})
        assert len(scene.session.calls) == 2
        assert scene.session.closed == 1

    def test_a_plugin_that_was_not_admitted_does_not_load(self, scene: Scene) -> None:
        with scene.start() as host, pytest.raises(Refused) as caught:
            host.load("project:evil")
        assert caught.value.code == "not-admitted"

    def test_a_closed_host_calls_nothing(self, scene: Scene) -> None:
        host = scene.start()
        host.close()
        host.close()
        with pytest.raises((Refused, OSError)):
            host.call(SEARCH, {})
        assert scene.session.calls == []

    def test_a_crash_is_recorded_and_passed_on(self, scene: Scene) -> None:
        def crash(arguments: dict[str, object], broker: Broker) -> str:
            raise ZeroDivisionError

        scene.session = FakeSession(crash)
        with scene.start() as host, pytest.raises(ZeroDivisionError):
            host.call(SEARCH, {})
        assert [r["kind"] for r in scene.records()] == ["call", "failure"]

    def test_history_says_who_runs_and_how(self, scene: Scene) -> None:
        scene.start(hook("tool.before", "deny"), context={"region": "eu\u202e"}).close()
        [record] = scene.records("start")
        assert (record["agent"], record["plugins"]) == ("lead", ["builtin:guard.g0", "project:acme.notes"])
        assert record["context"] == {"region": "'eu\\u202e'"}

    def test_an_altered_history_stops_everything(self, scene: Scene) -> None:
        with scene.start() as host:
            host.call(SEARCH, {"q": "x"})
        log = scene.folder / "history.jsonl"
        log.write_bytes(log.read_bytes().replace(b"got", b"GOT"))
        with pytest.raises(Refused) as caught:
            scene.start()
        assert caught.value.code == "history-altered"

    def test_only_what_the_gate_made_is_run(self) -> None:
        with pytest.raises(Refused):
            Host({"agent": "lead"}, context={})  # type: ignore[arg-type]

    def test_the_tools_are_listed_by_identity(self, scene: Scene) -> None:
        with scene.start() as host:
            assert host.tools == tuple(f"project:acme.notes/{name}" for name in ("read", "search", "write"))


def test_a_plugin_that_fails_to_load_is_refused_each_time(scene: Scene) -> None:
    class Broken:
        def load(self, admission: Admission) -> FakeSession:
            raise Refused("artifact-drift", "the artifact is not the one that was proved", admission.plugin)

    whole = admitted(scene.folder, admission(scene.tables, scene.tools))
    with Host(whole, context={}, adapters=lambda _: Broken()) as host:
        for _ in range(2):
            with pytest.raises(Refused, match="not the one that was proved"):
                host.call(SEARCH, {})
    assert [r["kind"] for r in scene.records()] == ["call", "failure"] * 2
