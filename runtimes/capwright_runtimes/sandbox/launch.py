"""The bubblewrap command of a server process, and its start.

The order of what is mounted is: the system folders and kernel views that any program needs; the program; then
what the plan gives and hides, outer places before inner ones. Values of environment variables are handed over
as an environment and never as arguments, which every user of the machine can read.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.mounts import Plan, States, resolve
from capwright_runtimes.sandbox.programs import SYSTEM, find_program, needed
from capwright_runtimes.sandbox.seccomp import program as filter_program

HOME: Final = "/tmp/home"  # noqa: S108 - within the sandbox, where `/tmp` is its own
_NAMESPACES: Final = (
    "--unshare-all",
    "--die-with-parent",
    "--new-session",  # or it could type into the terminal that it was started from
    "--cap-drop",
    "ALL",  # or root in here could unmount what hides the masked files
    "--hostname",
    "sandbox",
)
# What a program needs of `/etc`: the loader's index, commands that are links through it, the time zone.
# No user names, no host names, no certificates, no configuration of services.
_ETC: Final = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")


@dataclass(frozen=True, slots=True)
class Launch:
    """A confined command: bubblewrap's options, the command itself, and the whole environment."""

    options: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]


def confine(plan: Mapping[str, object], command: Sequence[str], env: Mapping[str, str]) -> Launch:
    """The launch of a command within a plan. `env` holds all the variables that pass, and nothing else does.

    `HOME`, `PATH`, `LANG` and `TMPDIR` are set where `env` does not. The command starts in `HOME`, an empty
    folder in memory. Raises `Refused`: `no-program`, `bad-table`, `linked-path`, `too-many-files`.
    """
    table = Plan.of(plan)
    if not command:
        raise Refused("no-program", "the command is empty")
    program = find_program(command[0])
    environment = {
        "PATH": f"{program.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
        **env,
    }
    home = _home(environment["HOME"])
    options = (
        *_NAMESPACES,
        *(("--share-net",) if table.network else ()),
        *_system(),
        *_kernel(),
        *("--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 - as above
        *(("--dir", home) if home == HOME else ("--tmpfs", home)),
        *_mounts(resolve(table, needed(program, by_name="/" not in command[0]))),
        *("--remount-ro", "/", "--chdir", home),
    )
    return Launch(options, (str(program), *command[1:]), environment)


def start(launch: Launch) -> subprocess.Popen[bytes]:
    """Start it as the leader of a new process group, with a pipe for each of its three streams.

    Raises `Refused` (`no-sandbox`) when bubblewrap is not installed or cannot be started.
    """
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise Refused("no-sandbox", "bubblewrap is not installed")
    handle = _filter()
    try:
        return subprocess.Popen(
            [bubblewrap, *launch.options, "--seccomp", str(handle), "--", *launch.command],
            env=dict(launch.environment),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            pass_fds=(handle,),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Refused("no-sandbox", "bubblewrap cannot be started", str(error)) from error
    finally:
        os.close(handle)


def _filter() -> int:
    """A file of its own in memory that holds the system-call filter, read from the start."""
    handle = os.memfd_create("filter")
    os.write(handle, filter_program(platform.machine()))
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def _home(text: str) -> str:
    if os.path.normpath(text) != text or not text.startswith("/") or text in ("/", "/tmp"):  # noqa: S108
        raise Refused("bad-environment", "`HOME` must be a plain absolute path below the root", text)
    return text


def _system() -> Iterator[str]:
    for folder in SYSTEM:
        path = Path(folder)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), folder)
        elif path.is_dir():
            yield from ("--ro-bind", folder, folder)
    for place in _ETC:
        yield from ("--ro-bind-try", place, place)


def _kernel() -> Iterator[str]:
    """A `/proc` of its own processes. What is not about processes is the whole machine's, so it is read-only.

    For root that is no formality: the settings beneath `/proc/sys` ask for the owner, not for a capability.
    """
    yield from ("--proc", "/proc")
    for path in sorted(Path("/proc").iterdir()):
        if path.name.isdigit() or path.is_symlink() or path.name == "self":
            continue
        if path.is_dir() or path.lstat().st_mode & 0o222:
            yield from ("--ro-bind-try", str(path), str(path))


def _mounts(states: States) -> Iterator[str]:
    """Outer places first, so that each one lies on top of what is around it."""
    sealed: list[str] = []
    for path in sorted(states, key=lambda path: (len(path.parts), path)):
        place = str(path)
        if states[path] != "mask":
            yield from ("--bind" if states[path] == "write" else "--ro-bind", place, place)
        elif path.is_dir():
            yield from ("--tmpfs", place)
            sealed += ("--remount-ro", place)
        else:
            yield from ("--ro-bind", "/dev/null", place)
    yield from sealed
