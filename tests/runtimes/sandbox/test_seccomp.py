"""The filter, run by a small interpreter of the kernel's instructions: every machine's, on any machine."""

from __future__ import annotations

import errno
import struct

import pytest

from capwright_runtimes.sandbox.seccomp import known, program

ALLOW = 0x7FFF0000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SOCKET = {"x86_64": 41, "aarch64": 198}
I386 = 0x40000003


def verdict(machine: str, number: int, argument: int = 0, architecture: int | None = None) -> int:
    """What the kernel would answer (`bpf(4)`): the four instructions that it uses."""
    code = [struct.unpack_from("<HBBI", program(machine), at) for at in range(0, len(program(machine)), 8)]
    data = struct.pack("<iIQ6Q", number, architecture or ARCHITECTURES[machine], 0, argument, 0, 0, 0, 0, 0)
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, constant = code[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, constant)
        elif operation == 0x15:
            at += if_true if accumulator == constant else if_false
        elif operation == 0x35:
            at += if_true if accumulator >= constant else if_false
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

    def test_the_upper_half_of_an_argument_changes_nothing(self, machine: str) -> None:
        # The kernel takes the family as an int, so it ignores these bits.
        assert verdict(machine, SOCKET[machine], (7 << 32) | 1) == refusal(errno.EAFNOSUPPORT)

    def test_other_calls_pass(self, machine: str) -> None:
        absent = {"x86_64": {248, 249, 250, 425}, "aarch64": {217, 218, 219, 425}}[machine]
        for number in range(470):
            if number != SOCKET[machine]:
                expected = refusal(errno.ENOSYS) if number in absent else ALLOW
                assert verdict(machine, number, 1) == expected, number

    def test_another_architecture_has_no_calls(self, machine: str) -> None:
        for number in (0, 1, 41, 102, 198, 359):
            assert verdict(machine, number, architecture=I386) == refusal(errno.ENOSYS)

    def test_x32_has_no_calls(self, machine: str) -> None:
        assert verdict(machine, 0x40000000 | SOCKET[machine], 1) == refusal(errno.ENOSYS)


def test_a_machine_without_a_filter_is_not_known() -> None:
    assert known("x86_64") and known("aarch64")
    assert not known("riscv64") and not known("")
