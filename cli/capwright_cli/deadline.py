"""A bound on the time of a whole run.

What asks the clock by itself stops in time and reports what it has; this stops what does not.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from capwright_registry.errors import InternalError


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a run that may take `seconds` from now."""

    seconds: float
    _started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds until the end; 0 when it has passed."""
        return max(0.0, self.seconds - (time.monotonic() - self._started))

    @property
    def grace(self) -> float:
        """Seconds more for what asks the clock, so that it can end by itself and say what it found."""
        return 1.0 + self.seconds / 10


@contextmanager
def bounded(seconds: float) -> Iterator[Deadline]:
    """Run the block under a deadline; one that goes on past the grace is stopped with `InternalError`.

    Where there are no alarms (another thread than the main one, or another system), the deadline alone
    remains, and it is up to the block to ask it.
    """
    deadline = Deadline(seconds)
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield deadline
        return

    def stop(*_: object) -> NoReturn:
        raise InternalError(
            f"the time limit of {seconds:g} seconds has passed, and nothing is proved: "
            "give it more with `--timeout`"
        )

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds + deadline.grace)
    try:
        yield deadline
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
