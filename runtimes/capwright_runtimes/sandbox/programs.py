"""Find the program of a command, and the files outside the system folders that it needs in order to start.

Being able to run a program means being able to read it: these files are bound read-only whatever `fs.read`
says, and nothing beside them. So an interpreter's own folders are bound, never what happens to lie around it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from capwright_runtimes.refusal import Refused

SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
MAX_LINKS: Final = 40
_HEAD: Final = 512


def find_program(name: str) -> Path:
    """The absolute path of the program: beside this Python first, then on `PATH`.

    A venv's own servers are found first that way, without the venv being activated. Raises `Refused`
    (`no-program`) when there is none, or when a relative path is given, which would depend on who starts it.
    """
    if os.sep in name and not Path(name).is_absolute():
        raise Refused("no-program", "a command is a name or an absolute path", name)
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(name)
    if found is None:
        raise Refused("no-program", "the command is not installed here", name)
    return Path(found)


def needed(program: Path, *, by_name: bool = False) -> tuple[Path, ...]:
    """What is bound so that the program starts: itself, its interpreter, their libraries; sorted.

    Libraries are those of an installation of the host's: of this Python, or of a program that was found
    `by_name`. A manifest that gives a path could give one beside which it has put a folder that looks like an
    installation, with whatever it would like to read for its libraries.
    """
    found: set[Path] = set()
    for file in _with_interpreter(program):
        for step in _links(file):
            around = _around(step) if by_name or _is_ours(step) else (step,)
            found.update(path for path in around if not _is_system(path))
    return tuple(sorted(found))


def _is_ours(file: Path) -> bool:
    """Whether the file is a program of the Python installation that runs this."""
    return file.parent.parent in {Path(prefix) for prefix in (sys.prefix, sys.base_prefix)}


def _is_system(path: Path) -> bool:
    """Whether the path lies in a folder that is bound anyway."""
    return any(path == Path(folder) or Path(folder) in path.parents for folder in SYSTEM)


def _with_interpreter(program: Path) -> Iterator[Path]:
    yield program
    words = _shebang(program)
    if words and words[0].endswith("/env"):
        found = next((word for word in words[1:] if not word.startswith("-")), None)
        if found is not None:
            yield find_program(found)
    elif words and Path(words[0]).is_absolute():
        yield Path(words[0])


def _shebang(program: Path) -> list[str]:
    try:
        with program.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return []
    return os.fsdecode(head[2:].split(b"\n", 1)[0]).split() if head.startswith(b"#!") else []


def _links(file: Path) -> Iterator[Path]:
    """The file and each that it leads to: an interpreter finds its libraries from the name it has."""
    for _ in range(MAX_LINKS):
        yield file
        if not file.is_symlink():
            break
        file = Path(os.path.normpath(file.parent / file.readlink()))
    yield Path(os.path.realpath(file))


def _around(file: Path) -> Iterator[Path]:
    """A program file and the libraries of its installation, where the folder is known to be one."""
    prefix = file.parent.parent
    if file.parent.name == "bin" and (prefix / "pyvenv.cfg").is_file():
        yield from _present(prefix, "bin", "lib", "lib64", "pyvenv.cfg")
    elif file.parent.name == "bin" and any(prefix.glob("lib/python3*/os.py")):
        yield from _present(prefix, "bin", "lib", "lib64")
    else:
        yield file
        if file.parent.name == "bin" and prefix.joinpath("lib", "node_modules").is_dir():
            yield from _present(prefix, "lib/node_modules")


def _present(prefix: Path, *names: str) -> Iterator[Path]:
    # `lib64` is often a link to `lib`; it is bound as what it leads to, under its own name. A link that leads
    # out of the installation would give away what lies there.
    whole = Path(os.path.realpath(prefix))
    for name in names:
        real = Path(os.path.realpath(prefix / name))
        if real.exists() and whole in real.parents:
            yield prefix / name
