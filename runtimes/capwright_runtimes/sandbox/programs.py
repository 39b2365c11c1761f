"""Find the program of a command, and the files outside the system folders that it needs in order to start.

Being able to run a program means being able to read it: these files are bound read-only whatever `fs.read`
says, and nothing beside them. So an interpreter's own folders are bound, never what happens to lie around it,
and what a script calls its interpreter only if it is a program that the kernel would start.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from capwright_registry.system_folders import SYSTEM_FOLDERS
from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.shebang import interpreter, is_machine_code, is_plain

MAX_LINKS: Final = 40
_KERNEL: Final = (Path("/dev"), Path("/proc"), Path("/sys"))


@dataclass(frozen=True, slots=True)
class Needs:
    """What to bind, sorted, and the folder where `env` finds the interpreter if its `PATH` lacks it."""

    paths: tuple[Path, ...]
    folder: Path | None = None


def find_program(name: str) -> Path:
    """The absolute path of the program: beside this Python first, then on `PATH`.

    A venv's own servers are found first that way, without the venv being activated. Raises `Refused`
    (`no-program`) when there is none, and for a path that is relative, roundabout, or leads through the
    kernel's own folders: what that names depends on who looks.
    """
    if os.sep in name and not is_plain(name):
        raise Refused("no-program", "a command is a name or a plain absolute path", name)
    found = _find(name, _host_folders())
    if found is None:
        raise Refused("no-program", "the command is not installed here", name)
    return found


def needed(
    program: Path, path: Sequence[str] = (), *, by_name: bool = False, hidden: Iterable[Path] = ()
) -> Needs:
    """What is bound so that the program starts: itself, its interpreter, their libraries.

    `path` is where `env` looks in the sandbox, and `hidden` what the system folders do not show there.
    Libraries are those of an installation of the host's: of this Python, or of a program that was found
    `by_name`. A manifest that gives a path could give one beside which it has put a folder that looks like an
    installation, with whatever it would like to read for its libraries. Raises `Refused` (`no-program`) for
    what is neither a program in machine code nor a script that the kernel would start with one.
    """
    out_of_sight = frozenset(hidden)
    script = interpreter(program)
    runs = [program]
    if script is not None:
        runs.append(_sought(script.sought, path) if script.sought else script.path)
        _require_machine_code(runs[1], out_of_sight)
    found: set[Path] = set()
    for step in (step for file in runs for step in _links(file)):
        around = _around(step) if by_name or _is_ours(step) else (step,)
        found.update(place for place in around if not _is_shown(place, out_of_sight))
    far = script is not None and script.sought and str(runs[1].parent) not in path
    return Needs(tuple(sorted(found)), runs[1].parent if far else None)


def _host_folders() -> list[str]:
    """This Python's, then those of `PATH`."""
    return [str(Path(sys.executable).parent), *os.environ.get("PATH", os.defpath).split(os.pathsep)]


def _find(name: str, folders: Sequence[str]) -> Path | None:
    """The executable of this name or absolute path that the folders hold, if it is a plain file.

    A folder that is not absolute depends on where we stand, which is in somebody's workspace.
    """
    plain = (os.path.normpath(f"/{f.lstrip('/')}") for f in folders if f.startswith("/"))
    found = shutil.which(name, path=os.pathsep.join(plain)) if name else None
    if found is None or not Path(found).is_file() or _is_kernels(Path(found)):
        return None
    return Path(found)


def _is_kernels(file: Path) -> bool:
    """Whether the file lies in, or is reached through, a folder that every process sees another way."""
    around = (*file.parents, *Path(os.path.realpath(file)).parents)
    return any(folder in around for folder in _KERNEL)


def _sought(name: str, path: Sequence[str]) -> Path:
    """What `env` finds in the sandbox; else what the host has, whose folder the `PATH` there will have."""
    found = _find(name, path) or _find(name, _host_folders())
    if found is None:
        raise Refused("no-program", "the interpreter of a script is not installed here", name)
    return found


def _require_machine_code(file: Path, hidden: frozenset[Path]) -> None:
    """Or whatever stands in the first line of somebody's script would be bound: a folder, or a letter."""
    real = Path(os.path.realpath(file))
    if _is_shown(real, hidden):
        return
    if not real.is_file() or not os.access(real, os.X_OK) or _is_kernels(file) or not is_machine_code(real):
        reason = "the interpreter of a script must be a program in machine code"
        raise Refused("no-program", reason, str(file))


def _is_ours(file: Path) -> bool:
    """Whether the file is a program of the Python installation that runs this."""
    return file.parent.parent in {Path(prefix) for prefix in (sys.prefix, sys.base_prefix)}


def _is_shown(place: Path, hidden: frozenset[Path]) -> bool:
    """Whether the place lies in a system folder, and in the part of it that the sandbox shows."""
    around = (place, *place.parents)
    return any(Path(folder) in around for folder in SYSTEM_FOLDERS) and hidden.isdisjoint(around)


def _links(file: Path) -> Iterator[Path]:
    """The file and each link on the way to where it really is.

    An interpreter finds its libraries from the name it has. A name counts only if it leads to the same file:
    where a folder on the way is itself a link, `..` in a link's text does not lead where it seems to.
    """
    real = Path(os.path.realpath(file))
    for _ in range(MAX_LINKS):
        if os.path.realpath(file) != str(real):
            break
        yield file
        if not file.is_symlink():
            break
        file = Path(os.path.normpath(file.parent / file.readlink()))
    yield real


def _around(file: Path) -> Iterator[Path]:
    """A program file and the libraries of its installation, where the folder is known to be one.

    A system folder is nobody's own: what of it a sandbox hides is not bound for the sake of one program.
    """
    prefix = file.parent.parent
    if str(prefix) in SYSTEM_FOLDERS:
        yield file
    elif file.parent.name == "bin" and (prefix / "pyvenv.cfg").is_file():
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
