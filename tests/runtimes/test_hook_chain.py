"""Hooks around a call: what they can do, in which order, and never more than they may."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from capwright_runtimes.adapters.base import HookResult
from capwright_runtimes.refusal import Denied, Refused
from tests.runtimes.host_fakes import (
    FakeHooks,
    echo,
    hook,
)
from tests.runtimes.host_scene import POWERS, SEARCH, Scene, denied, yes


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


class TestHooksBefore:
    def test_a_hook_can_deny(self, scene: Scene) -> None:
        with scene.start(hook("tool.before", "deny", message="not today")) as host:
            assert denied(lambda: host.call(SEARCH, {})) == ("hook", "builtin:guard.g0: not today")
        assert scene.session.calls == []
        assert [r["kind"] for r in scene.records()] == ["hook", "denied"]

    def test_the_denial_says_where_the_hook_stands(self, scene: Scene) -> None:
        rules = hook("tool.before", "annotate"), hook("tool.before", "deny", message="not today")
        with scene.start(*rules) as host, pytest.raises(Denied) as caught:
            host.call(SEARCH, {})
        assert caught.value.decision.source == "deny.toml:1:1"
        assert scene.records("denied")[0]["source"] == "deny.toml:1:1"

    @pytest.mark.parametrize(
        ("claimed", "shown"), [("deny.toml:1:1", "deny.toml:1:1"), ("/etc/passwd:1:1", None), ("", None)]
    )
    def test_no_session_makes_up_a_place(self, scene: Scene, claimed: str, shown: str | None) -> None:
        scene.session = FakeHooks(echo, says=lambda _: HookResult("deny", "no", source=claimed))
        scene.notes_hooks = [hook("tool.before", "deny")]
        with scene.start() as host, pytest.raises(Denied) as caught:
            host.call(SEARCH, {})
        assert caught.value.decision.source == shown

    def test_a_hook_can_ask(self, scene: Scene) -> None:
        with scene.start(hook("tool.before", "ask", message="sure")) as host:
            assert denied(lambda: host.call(SEARCH, {})) == ("approval", "builtin:guard.g0: sure")
            host.call(SEARCH, {}, yes)
        assert len(scene.session.calls) == 1

    def test_a_hook_can_annotate(self, scene: Scene) -> None:
        with scene.start(hook("tool.before", "annotate", message="mind \u202ethe gap")) as host:
            assert host.call(SEARCH, {}).annotations == ("mind \\u{202e}the gap",)
        assert scene.records("result")[0]["annotations"] == ["mind \\u{202e}the gap"]

    def test_rewritten_arguments_are_judged_again(self, scene: Scene) -> None:
        rewrite = hook("tool.before", "rewrite", changes={"/path": "/etc/passwd"})
        with scene.start(rewrite) as host:
            path = f"{scene.folder}/notes/a.txt"
            assert denied(lambda: host.call("project:acme.notes/read", {"path": path}))[0] == "granted"
        assert scene.session.calls == []

    def test_a_rewrite_is_judged_by_the_hooks_before_it(self, scene: Scene) -> None:
        """The order of plugins must not let a rewrite slip past a guard that has already spoken."""
        guard = hook("tool.before", "deny", arguments={"/path": "*.pem"})
        rewrite = hook("tool.before", "rewrite", changes={"/path": "key.pem"})
        for order in ((guard, rewrite), (rewrite, guard)):
            with scene.start(*order) as host:
                assert denied(partial(host.call, SEARCH, {"path": "a.txt"}))[0] == "hook"
        assert scene.session.calls == []

    def test_rewrites_that_do_not_settle_deny(self, scene: Scene) -> None:
        """Each answers the other: two rounds see it, and nobody guesses."""
        flip = hook("tool.before", "rewrite", arguments={"/mode": "a"}, changes={"/mode": "b"})
        scene.session = FakeHooks(
            echo, says=lambda given: HookResult("rewrite", arguments={**given, "n": len(str(given))})
        )
        scene.notes_hooks = [hook("tool.before", "rewrite", changes={"/n": 1})]
        with scene.start(flip) as host:
            layer, reason = denied(lambda: host.call(SEARCH, {"mode": "a"}))
        assert (layer, reason) == ("hook", "the hooks keep rewriting each other's arguments")
        assert scene.session.calls == []

    def test_a_guard_between_two_rewrites_is_not_shown_others_arguments(self, scene: Scene) -> None:
        """Two rewrites that undo each other leave the arguments as they were; the guard saw others."""
        one = hook("tool.before", "rewrite", changes={"/path": "a.txt"})
        guard = hook("tool.before", "deny", arguments={"/path": "*.pem"})
        other = hook("tool.before", "rewrite", changes={"/path": "key.pem"})
        with scene.start(one, guard, other) as host:
            layer, reason = denied(lambda: host.call(SEARCH, {"path": "b.txt"}))
        assert (layer, reason) == ("hook", "the hooks keep rewriting each other's arguments")
        assert scene.session.calls == []

    def test_what_the_last_plugin_set_is_set_otherwise_by_none(self, scene: Scene) -> None:
        """The highest tier runs last: a lower one that answers what it set has the call denied."""
        turbo = hook("tool.before", "rewrite", arguments={"/mode": "safe"}, changes={"/mode": "turbo"})
        safe = hook("tool.before", "rewrite", arguments={"/mode": "fast"}, changes={"/mode": "safe"})
        with scene.start(turbo, safe) as host:
            assert denied(lambda: host.call(SEARCH, {"mode": "fast"}))[0] == "hook"
        assert scene.session.calls == []

    def test_a_rewrite_that_cannot_be_made_denies_the_call(self, scene: Scene) -> None:
        with scene.start(hook("tool.before", "rewrite", changes={"/a/b": 1})) as host:
            assert denied(lambda: host.call(SEARCH, {}))[0] == "hook"

    def test_hooks_are_loaded_before_the_first_call(self, scene: Scene) -> None:
        """A deny hook that is not loaded would deny nothing."""
        with scene.start(hook("tool.before", "deny")) as host:
            host.load("project:acme.notes")
            assert denied(lambda: host.call(SEARCH, {}))[0] == "hook"

    def test_a_plugin_whose_hooks_cannot_fire_stops_every_call(self, scene: Scene) -> None:
        scene.notes_hooks = [hook("tool.before", "deny")]
        with scene.start() as host, pytest.raises(Refused) as caught:
            host.call(SEARCH, {})
        assert caught.value.code == "no-hooks"
        assert scene.session.closed == 1
        assert scene.records()[0]["kind"] == "failure"


class TestClaimedPowers:
    """What a session claims counts for nothing beside what its plugin declared and was granted."""

    CLAIMS = (
        HookResult("deny", "because"),
        HookResult("ask", "because"),
        HookResult("rewrite", arguments={"path": "/etc"}),
        HookResult("annotate", annotations=("read me",)),
        HookResult("deny", undecided=True),
    )

    @pytest.mark.parametrize("claim", CLAIMS)
    def test_a_power_that_was_not_declared(self, scene: Scene, claim: HookResult) -> None:
        scene.session = FakeHooks(echo, says=lambda _: claim)
        scene.notes_hooks = [hook("tool.before", "observe")]
        with scene.start() as host:
            result = host.call(SEARCH, {"path": "/notes"})
        assert result.annotations == ()
        assert scene.session.calls == [("search", {"path": "/notes"})]
        [record] = scene.records("hook")
        assert str(record["refused"]).endswith("no hook declares it']")

    @pytest.mark.parametrize("claim", CLAIMS)
    def test_a_power_that_was_not_granted(self, scene: Scene, claim: HookResult) -> None:
        scene.session = FakeHooks(echo, says=lambda _: claim)
        scene.notes_hooks = [
            hook("tool.before", power, changes={"/x": 1} if power == "rewrite" else None) for power in POWERS
        ]
        scene.hook_tables = {}
        with scene.start() as host:
            assert host.call(SEARCH, {"path": "/notes"}).annotations == ()
        assert scene.session.calls == [("search", {"path": "/notes"})]
        assert scene.records("hook")[0]["verdict"] == "none"

    def test_a_hook_hears_only_of_what_it_declared(self, scene: Scene) -> None:
        session = scene.session = FakeHooks(echo)
        scene.notes_hooks = [hook("tool.before", "observe", "builtin:*.*/*"), hook("tool.after", "observe")]
        with scene.start() as host:
            host.call(SEARCH, {})
        assert [(event, tool) for event, tool, _, _ in session.heard] == [("tool.after", SEARCH)]


class TestHooksAfter:
    def test_a_hook_can_withhold_the_result(self, scene: Scene) -> None:
        with scene.start(hook("tool.after", "deny", message="secret")) as host:
            assert denied(lambda: host.call(SEARCH, {})) == ("hook", "builtin:guard.g0: secret")
        assert len(scene.session.calls) == 1
        assert [r["kind"] for r in scene.records()] == ["call", "hook", "denied"]

    def test_a_hook_can_annotate(self, scene: Scene) -> None:
        before, after = (hook(f"tool.{when}", "annotate", message=when) for when in ("before", "after"))
        with scene.start(after, before) as host:
            assert host.call(SEARCH, {}).annotations == ("before", "after")
