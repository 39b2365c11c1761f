"""Which interpreter a program's first line names, read exactly as Linux reads it, or the program is refused.

Where the two readings differ, what is bound for a program is not what runs: `bwrap` hands a script that the
kernel refuses to a shell, and the interpreter that was bound for it is just a file for that shell to read.

Source: `load_script` in the kernel's `fs/binfmt_script.c`, `BINPRM_BUF_SIZE`; `execve(2)`, `env(1)`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from capwright_runtimes.refusal import Refused

HEAD: Final = 256
_ELF: Final = b"\x7fELF"
_BLANKS: Final = b" \t"
_ENV: Final = ("/usr/bin/env", "/bin/env")
# What `env` looks up: one name alone, or after `-S` one that stands before anything that `env` itself reads.
_NAMED: Final = re.compile(r"(?:-S[ \t]*)?(?P<name>[A-Za-z0-9_.+][A-Za-z0-9_.+-]*)")
_SPLIT: Final = re.compile(r"-S[ \t]*(?P<name>[A-Za-z0-9_.+][A-Za-z0-9_.+-]*)[ \t].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What a script names: a plain absolute path, and what stands after it, as one argument."""

    path: Path
    argument: str

    @property
    def sought(self) -> str | None:
        """The name that `env` looks for on `PATH`; None for another interpreter, or where it is told more."""
        if str(self.path) not in _ENV:
            return None
        found = _NAMED.fullmatch(self.argument) or _SPLIT.fullmatch(self.argument)
        return found["name"] if found else None


def interpreter(program: Path) -> Interpreter | None:
    """The interpreter of a script; None for a program in machine code.

    Raises `Refused` (`no-program`) for a file that cannot be read or is neither, and for a first line that is
    not over within the first 256 bytes, holds a NUL, or names no plain absolute path. Only blanks and tabs
    separate.
    """
    head = read_head(program)
    if head.startswith(_ELF):
        return None
    if not head.startswith(b"#!"):
        raise _refused("a program is machine code, or a script that begins with `#!`", program)
    line, ending, _ = head[2:].partition(b"\n")
    line = line.strip(_BLANKS)
    if not ending or not line or b"\0" in line:
        raise _refused("the line `#!` of a script must name its interpreter within 256 bytes", program)
    name = re.split(rb"[ \t]", line, maxsplit=1)[0]
    path = os.fsdecode(name)
    if not is_plain(path):
        raise _refused("a script must name its interpreter by a plain absolute path", program)
    return Interpreter(Path(path), os.fsdecode(line[len(name) :].strip(_BLANKS)))


def is_machine_code(program: Path) -> bool:
    """Whether the file begins as an ELF file does. Raises `Refused` (`no-program`) if it cannot be read."""
    return read_head(program).startswith(_ELF)


def read_head(program: Path) -> bytes:
    """As much of the file as the kernel looks at. Raises `Refused` (`no-program`)."""
    try:
        # A file that is there for reading: one that has been made a pipe since must not hold us up.
        handle = os.open(program, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb", buffering=0) as stream:  # noqa: PTH123 - an open descriptor
            return stream.read(HEAD) or b""
    except OSError as error:
        raise _refused("a program must be readable", program) from error


def is_plain(path: str) -> bool:
    """Whether the text is an absolute path that names what it says, without `..` and the like."""
    return path.startswith("/") and not path.startswith("//") and os.path.normpath(path) == path


def _refused(reason: str, program: Path) -> Refused:
    return Refused("no-program", reason, str(program))
