"""The plugins of one agent that are loaded, each once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from capwright_runtimes.adapters.base import Adapter, HookSession, Session
from capwright_runtimes.admission import Admission, Admitted
from capwright_runtimes.hook_chain import HookedPlugin
from capwright_runtimes.refusal import Refused


class LoadedPlugins:
    """Sessions, made when they are first needed and closed together. Safe to use from several threads."""

    def __init__(self, admitted: Admitted, adapters: Callable[[str], Adapter]) -> None:
        self._admitted = admitted
        self._adapters = adapters
        self._sessions: dict[str, Session] = {}
        self._hooked: dict[str, HookedPlugin] = {}
        self._closed = False
        self._lock = threading.RLock()

    def session(self, admission: Admission) -> Session:
        """The plugin's session. Raises `Refused` when the plugin does not load, or after `close`."""
        with self._lock:
            if self._closed:
                raise Refused("closed", "the host is closed")
            if admission.plugin not in self._sessions:
                self._load(admission)
            return self._sessions[admission.plugin]

    def hooked(self) -> tuple[HookedPlugin, ...]:
        """Every plugin that has hooks, in the order of the proof; all are loaded now if they were not.

        Raises `Refused` when one does not load: a hook that is not there denies nothing.
        """
        with self._lock:
            admissions = [admission for admission in self._admitted.plugins.values() if admission.hooks]
            for admission in admissions:
                self.session(admission)
            return tuple(self._hooked[admission.plugin] for admission in admissions)

    def close(self) -> None:
        """Stop every plugin, even where one fails to stop; the first failure is raised afterwards."""
        with self._lock:
            self._closed = True
            sessions = list(self._sessions.values())
            self._sessions.clear()
            self._hooked.clear()
        _close_all(sessions)

    def _load(self, admission: Admission) -> None:
        session = self._adapters(admission.kind).load(admission)
        try:
            if admission.hooks:
                self._hooked[admission.plugin] = _hooked(admission, session)
        except BaseException:
            session.close()
            raise
        self._sessions[admission.plugin] = session


def _hooked(admission: Admission, session: Session) -> HookedPlugin:
    if not isinstance(session, HookSession):
        raise Refused("no-hooks", "the plugin has hooks and its adapter cannot fire them", admission.plugin)
    return HookedPlugin.of(admission, session)


def _close_all(sessions: list[Session]) -> None:
    if sessions:
        try:
            sessions[0].close()
        finally:
            _close_all(sessions[1:])
