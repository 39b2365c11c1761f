"""Plugins load once, in time, and are all stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_runtimes.adapters.base import Adapter, Session
from capwright_runtimes.admission import Admission
from capwright_runtimes.loaded import LoadedPlugins
from capwright_runtimes.refusal import Refused
from tests.runtimes.host_fakes import FakeHooks, FakeSession, admission, admitted, echo, hook


class Shop:
    """Gives each plugin a session of its own."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.sessions: dict[str, FakeSession] = {}

    def load(self, admission: Admission) -> Session:
        session = Stubborn(echo) if admission.plugin in self.failing else FakeHooks(echo)
        self.sessions[admission.plugin] = session
        return session

    def adapter(self, kind: str) -> Adapter:
        assert kind == "wasm"
        return self


class Stubborn(FakeHooks):
    def close(self) -> None:
        super().close()
        raise RuntimeError("it does not stop")


OBSERVE = hook("tool.before", "observe")


def test_every_plugin_is_stopped_even_where_one_does_not(tmp_path: Path) -> None:
    plugins = [admission(plugin=f"project:a.p{n}") for n in range(3)]
    shop = Shop("project:a.p0", "project:a.p1")
    loaded = LoadedPlugins(admitted(tmp_path, *plugins), shop.adapter)
    for plugin in plugins:
        loaded.session(plugin)
    with pytest.raises(RuntimeError, match="does not stop"):
        loaded.close()
    assert [session.closed for session in shop.sessions.values()] == [1, 1, 1]
    loaded.close()


def test_plugins_with_hooks_come_in_the_order_of_the_proof(tmp_path: Path) -> None:
    first, plain, last = (
        admission(plugin=f"project:a.{name}", hooks=[OBSERVE] if name != "plain" else [])
        for name in ("z", "plain", "a")
    )
    shop = Shop()
    loaded = LoadedPlugins(admitted(tmp_path, first, plain, last), shop.adapter)
    loaded.session(last)
    assert [h.admission.plugin for h in loaded.hooked()] == ["project:a.z", "project:a.a"]
    assert sorted(shop.sessions) == ["project:a.a", "project:a.z"]
    loaded.close()


def test_nothing_loads_after_the_end(tmp_path: Path) -> None:
    plugin = admission(hooks=[OBSERVE])
    loaded = LoadedPlugins(admitted(tmp_path, plugin), Shop().adapter)
    loaded.close()
    with pytest.raises(Refused, match="closed"):
        loaded.session(plugin)
    with pytest.raises(Refused, match="closed"):
        loaded.hooked()


def test_a_session_with_malformed_hooks_is_stopped(tmp_path: Path) -> None:
    plugin = admission(hooks=[{**OBSERVE, "power": "allow"}])
    shop = Shop()
    loaded = LoadedPlugins(admitted(tmp_path, plugin), shop.adapter)
    with pytest.raises(Refused, match="vocabulary"):
        loaded.hooked()
    assert shop.sessions[plugin.plugin].closed == 1
    loaded.close()
