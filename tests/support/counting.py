"""What a piece of work costs, counted and not timed: the same number on every machine and under any load."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

#: The most by which twice the size may multiply what linear work costs.
LINEAR: Final = 2.5


def steps(work: Callable[[], object]) -> int:
    """How many instructions of Python `work` runs. What a C function does counts as one, whatever it does."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        count += event == "opcode"
        frame.f_trace_opcodes = True
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def peak(work: Callable[[], object]) -> int:
    """The most bytes that `work` holds at a time, beyond what was held before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def grows_linearly(work: Callable[[int], Callable[[], object]], size: int) -> bool:
    """Whether twice the size costs no more than `LINEAR` times the steps and the memory.

    `work(size)` makes what is not counted, and gives what is.
    """
    small, large = work(size), work(2 * size)
    small(), large()  # what is made once is made now
    return steps(large) <= LINEAR * steps(small) + 1000 and peak(large) <= LINEAR * peak(small) + 100_000
