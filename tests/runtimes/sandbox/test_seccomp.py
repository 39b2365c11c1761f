"""The filter, run by a small interpreter of the kernel's instructions: every machine's, on any machine."""

from __future__ import annotations

import errno
import struct

import pytest

from capwright_runtimes.sandbox.seccomp import known, program

ALLOW = 0x7FFF0000
KILL = 0x80000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SOCKET = {"x86_64": 41, "aarch64": 198}
SOCKETPAIR = {"x86_64": 53, "aarch64": 199}
UNSHARE, CLONE = {"x86_64": 272, "aarch64": 97}, {"x86_64": 56, "aarch64": 220}
I386, ARM = 0x40000003, 0x40000028
#: From the tables of `asm/unistd_64.h` and `asm-generic/unistd.h`: keys, io_uring, other processes, programs
#: in the kernel, file handles, namespaces by flags in memory, mounts.
ABSENT = {
    "x86_64": {101, 155, 161, 165, 166, 248, 249, 250, 298, 304, 308, 310, 311, 321, 323},
    "aarch64": {39, 40, 41, 51, 117, 217, 218, 219, 241, 265, 268, 270, 271, 280, 282},
}
ABSENT_EVERYWHERE = {425, 426, 427, 428, 429, 430, 431, 432, 433, 435, 438, 442, 467}


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the kernel would answer (`bpf(4)`): the six instructions that it uses."""
    code = [struct.unpack_from("<HBBI", program(machine), at) for at in range(0, len(program(machine)), 8)]
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *words)
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, constant = code[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, constant)
        elif operation == 0x54:
            accumulator &= constant
        elif operation == 0x15:
            at += if_true if accumulator == constant else if_false
        elif operation == 0x35:
            at += if_true if accumulator >= constant else if_false
        elif operation == 0x45:
            at += if_true if accumulator & constant else if_false
        else:
            assert operation == 0x06
            return int(constant)


def refusal(number: int) -> int:
    return 0x00050000 | number


@pytest.mark.parametrize("machine", sorted(ARCHITECTURES))
class TestFilter:
    @pytest.mark.parametrize("family", range(46))
    def test_only_internet_sockets_and_netlink_are_made(self, machine: str, family: int) -> None:
        expected = ALLOW if family in (2, 10, 16) else refusal(errno.EAFNOSUPPORT)
        assert verdict(machine, SOCKET[machine], family) == expected

    @pytest.mark.parametrize("flags", [0, 0o4000, 0o2000000, 0o2004000, 1 << 32])
    @pytest.mark.parametrize("kind", range(16))
    def test_only_connected_pairs_are_made(self, machine: str, kind: int, flags: int) -> None:
        """`unix(7)`: `sendto` names a receiver on a datagram socket alone; `SOCK_RAW` is one in disguise."""
        expected = ALLOW if kind in (1, 5) else refusal(errno.EAFNOSUPPORT)
        assert verdict(machine, SOCKETPAIR[machine], 1, kind | flags) == expected

    @pytest.mark.parametrize("family", [0, 2, 10, 16, 30, 40])
    def test_pairs_are_of_the_unix_family(self, machine: str, family: int) -> None:
        assert verdict(machine, SOCKETPAIR[machine], family, 1) == refusal(errno.EAFNOSUPPORT)

    def test_the_upper_half_of_an_argument_changes_nothing(self, machine: str) -> None:
        # The kernel takes the family as an int, so it ignores these bits.
        assert verdict(machine, SOCKET[machine], (7 << 32) | 1) == refusal(errno.EAFNOSUPPORT)

    @pytest.mark.parametrize("bit", [17, 25, 26, 27, 28, 29, 30])
    def test_no_namespace_is_made(self, machine: str, bit: int) -> None:
        for number in (UNSHARE[machine], CLONE[machine]):
            assert verdict(machine, number, 1 << bit | 0x11) == refusal(errno.EPERM)

    def test_processes_and_threads_are_made(self, machine: str) -> None:
        fork, thread = 0x01200011, 0x003D0F00  # as glibc calls it
        assert verdict(machine, CLONE[machine], fork) == verdict(machine, CLONE[machine], thread) == ALLOW
        assert verdict(machine, UNSHARE[machine], 0x200) == ALLOW  # CLONE_FS

    def test_other_calls_pass(self, machine: str) -> None:
        absent = ABSENT[machine] | ABSENT_EVERYWHERE
        for number in range(512):
            if number not in (SOCKET[machine], SOCKETPAIR[machine]):
                expected = refusal(errno.ENOSYS) if number in absent else ALLOW
                assert verdict(machine, number, 1) == expected, number

    @pytest.mark.parametrize("architecture", [I386, ARM, 0xC0000003, 1])
    def test_a_call_of_another_architecture_ends_the_process(self, machine: str, architecture: int) -> None:
        for number in (0, 1, 20, 41, 53, 102, 198, 359, 360):  # 102 is `socketcall` on i386
            assert verdict(machine, number, 1, architecture=architecture) == KILL

    def test_a_call_of_x32_ends_the_process(self, machine: str) -> None:
        for number in (0x40000000 | SOCKET[machine], 0x40000000 | 512, 0xFFFFFFFF):
            assert verdict(machine, number, 1) == KILL


def test_a_machine_without_a_filter_is_not_known() -> None:
    assert known("x86_64") and known("aarch64")
    assert not known("riscv64") and not known("")
