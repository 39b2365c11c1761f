"""The bound on a whole run."""

from __future__ import annotations

import signal
import threading

import pytest

from capwright_cli.deadline import bounded
from capwright_cli.exits import Exit
from capwright_registry.errors import InternalError
from tests.cli.desk import Desk


def test_what_asks_nobody_is_stopped() -> None:
    """The loop ends only because it is stopped; without the alarm this test would not end."""
    with pytest.raises(InternalError, match="the time limit of 1e-06 seconds has passed"), bounded(1e-6):
        while True:
            pass


def test_the_alarm_is_gone_afterwards() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with bounded(3600) as deadline:
        assert 0 < deadline.left <= 3600
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 3600
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before


def test_in_another_thread_the_deadline_alone_remains() -> None:
    found: list[float] = []

    def work() -> None:
        with bounded(3600) as deadline:
            found.append(deadline.left)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert 0 < found[0] <= 3600


def test_a_run_that_is_stopped_leaves_no_proof(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def forever(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr("capwright_policy.verify.compile_graph", forever)
    said = desk.run("verify", "--timeout", "0.01")
    assert (said.status, said.out) == (Exit.FAILURE, "")
    assert "the time limit of 0.01 seconds has passed, and nothing is proved" in said.err
    assert not desk.proof.exists()
