"""The system-call filter that closes what namespaces leave open.

A socket file is reached through any folder that shows it, read-only or not, whatever the network namespace
is; vsock and the kernel's key rings are in no namespace at all; io_uring opens sockets unseen by a filter.
So a process in the sandbox has Internet sockets (of its own, empty network) and netlink, and nothing else.

Source: `seccomp_unotify(2)`, `linux/filter.h`, `linux/seccomp.h`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little-endian
_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000
_ENOSYS: Final = 38
_EAFNOSUPPORT: Final = 97
_X32: Final = 0x40000000
_FAMILIES: Final = (2, 10, 16)  # AF_INET, AF_INET6, AF_NETLINK


@dataclass(frozen=True, slots=True)
class _Machine:
    architecture: int
    socket: int
    absent: tuple[int, ...]  # io_uring_setup, add_key, request_key, keyctl


_MACHINES: Final = {
    "x86_64": _Machine(0xC000003E, 41, (425, 248, 249, 250)),
    "aarch64": _Machine(0xC00000B7, 198, (425, 217, 218, 219)),
}


def known(machine: str) -> bool:
    """Whether there is a filter for this machine, by the name that `platform.machine` gives it."""
    return machine in _MACHINES


def program(machine: str) -> bytes:
    """The filter as an array of `struct sock_filter`, for a machine that is `known`.

    Another architecture's calls, and on x86-64 those of x32, do not exist: their numbers mean other calls.
    """
    facts = _MACHINES[machine]
    allow, absent, refused = _ret(_ALLOW), _ret(_ERRNO | _ENOSYS), _ret(_ERRNO | _EAFNOSUPPORT)
    # Each test either returns or falls through to the next.
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, facts.architecture),
        absent,
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        absent,
        *(step for number in facts.absent for step in ((_EQUAL, 0, 1, number), absent)),
        (_EQUAL, 1, 0, facts.socket),
        allow,
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *(step for family in _FAMILIES for step in ((_EQUAL, 0, 1, family), allow)),
        refused,
    ]
    return _assembled(steps)


def _ret(value: int) -> tuple[int, int, int, int]:
    return _RETURN, 0, 0, value


def _assembled(steps: Sequence[tuple[int, int, int, int]]) -> bytes:
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
