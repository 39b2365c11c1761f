"""The system-call filter that closes what namespaces leave open.

A socket file is reached through any folder that shows it, read-only or not, whatever the network namespace
is: by `connect`, and from one end of a datagram pair by `sendto` alone. vsock and the kernel's key rings are
in no namespace at all; io_uring opens sockets unseen by a filter; within a user namespace of its own a
process has every capability, and the kernel's code for it. So a process in the sandbox has Internet sockets
(of its own, empty network), netlink and connected pairs, makes no namespaces, and reaches no other process.

Source: `seccomp_unotify(2)`, `linux/filter.h`, `linux/seccomp.h`, `unix(7)`, the tables of system calls.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

_Step: TypeAlias = tuple[int, int, int, int]

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_AND: Final = 0x54  # BPF_ALU | BPF_AND | BPF_K
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_ANY_OF: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data, little-endian
_X32: Final = 0x40000000
_FAMILIES: Final = (2, 10, 16)  # AF_INET, AF_INET6, AF_NETLINK
_UNIX: Final = 1
_KIND: Final = 0xF  # SOCK_TYPE_MASK: the rest of a socket's type are flags
_CONNECTED: Final = (1, 5)  # SOCK_STREAM, SOCK_SEQPACKET: their ends cannot be sent elsewhere
_NAMESPACES: Final = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET


def _returning(value: int) -> _Step:
    return _RETURN, 0, 0, value


_KILL: Final = _returning(0x80000000)  # SECCOMP_RET_KILL_PROCESS
_ALLOW: Final = _returning(0x7FFF0000)
_NOT_PERMITTED: Final = _returning(0x00050000 | 1)  # SECCOMP_RET_ERRNO, EPERM
_ABSENT: Final = _returning(0x00050000 | 38)  # ENOSYS
_NO_FAMILY: Final = _returning(0x00050000 | 97)  # EAFNOSUPPORT


@dataclass(frozen=True, slots=True)
class _Machine:
    architecture: int
    socket: int
    socketpair: int
    clone: int
    unshare: int
    absent: tuple[int, ...]


# By name, its number on x86-64 and on AArch64. `clone3` keeps its flags in memory, where no filter sees them;
# libraries fall back to `clone`. Most of the others ask for capabilities as well, which nobody in here has.
_NO_SUCH_CALLS: Final = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clone3": (435, 435),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "setns": (308, 268),
    "umount2": (166, 39),
    "userfaultfd": (323, 282),
}
_MACHINES: Final = {
    "x86_64": _Machine(0xC000003E, 41, 53, 56, 272, tuple(x86 for x86, _ in _NO_SUCH_CALLS.values())),
    "aarch64": _Machine(0xC00000B7, 198, 199, 220, 97, tuple(arm for _, arm in _NO_SUCH_CALLS.values())),
}


def known(machine: str) -> bool:
    """Whether there is a filter for this machine, by the name that `platform.machine` gives it."""
    return machine in _MACHINES


def program(machine: str) -> bytes:
    """The filter as an array of `struct sock_filter`, for a machine that is `known`.

    A call of another architecture (`int 0x80`, say), or on x86-64 one of x32, ends the process: its number
    means another call than here.
    """
    facts = _MACHINES[machine]
    # Each test either returns or falls through to the next.
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, facts.architecture),
        _KILL,
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        _KILL,
        *(step for number in facts.absent for step in _at(number, [_ABSENT])),
        *_at(facts.socket, [(_LOAD, 0, 0, _FIRST), *_one_of(_FAMILIES), _NO_FAMILY]),
        *_at(facts.socketpair, _PAIR),
        *_at(facts.unshare, _WITHOUT_NAMESPACES),
        *_at(facts.clone, _WITHOUT_NAMESPACES),
        _ALLOW,
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def _at(number: int, steps: Sequence[_Step]) -> list[_Step]:
    """Steps for one call, which end in a return; other calls pass them by."""
    return [(_EQUAL, 0, len(steps), number), *steps]


def _one_of(values: Sequence[int]) -> list[_Step]:
    return [step for value in values for step in ((_EQUAL, 0, 1, value), _ALLOW)]


_PAIR: Final = [
    (_LOAD, 0, 0, _FIRST),
    (_EQUAL, 1, 0, _UNIX),
    _NO_FAMILY,
    (_LOAD, 0, 0, _SECOND),
    (_AND, 0, 0, _KIND),
    *_one_of(_CONNECTED),
    _NO_FAMILY,
]
_WITHOUT_NAMESPACES: Final = [
    (_LOAD, 0, 0, _FIRST),
    (_ANY_OF, 0, 1, _NAMESPACES),
    _NOT_PERMITTED,
    _ALLOW,
]
