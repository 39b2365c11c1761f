"""The bubblewrap command of a server process, and its start.

The order of what is mounted is: the system folders and kernel views that any program needs; then what the
plan gives, and the program, outer places before inner ones. Nothing is hidden by a mount over it: what is not
given is never mounted. Values of environment variables are handed over as an environment and never as
arguments, which every user of the machine can read.
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
from capwright_runtimes.sandbox.copies import Copies
from capwright_runtimes.sandbox.mounts import Mounts, resolve
from capwright_runtimes.sandbox.plan import Plan, Rules
from capwright_runtimes.sandbox.programs import Needs, find_program, needed
from capwright_runtimes.sandbox.seccomp import program as filter_program
from capwright_runtimes.sandbox.shelf import pattern as pattern_of_copies
from capwright_runtimes.sandbox.system import decided, shown

HOME: Final = "/tmp/home"  # noqa: S108 - within the sandbox, where `/tmp` is its own
SYSTEM_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_NAMESPACES: Final = (
    "--unshare-all",
    "--die-with-parent",
    "--new-session",  # or it could type into the terminal that it was started from
    "--cap-drop",
    "ALL",
    "--hostname",
    "sandbox",
)
# What a program needs of `/etc`: the loader's index, commands that are links through it, the time zone.
# No user names, no host names, no certificates, no configuration of services.
_ETC: Final = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")


@dataclass(frozen=True, slots=True)
class Launch:
    """A confined command: bubblewrap's options, the command itself, the whole environment.

    Whoever starts it renews the copies that it is shown before each call, and closes them at the end.
    """

    options: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    copies: Copies


def confine(
    plan: Mapping[str, object],
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    workspace: Path | None = None,
) -> Launch:
    """The launch of a command within a plan. `env` holds all the variables that pass, and nothing else does.

    Of the workspace's folder, and of every place that the plan names, nothing is seen but what the plan
    gives, also where it lies in a system folder. `HOME`, `PATH`, `LANG` and `TMPDIR` are set where `env` does
    not. The command starts in `HOME`, an empty folder in memory. Raises `Refused`: `no-program`, `bad-table`,
    `bad-environment`, `linked-path`, `too-many-files`, `no-copy`.
    """
    table = _without_copies(Plan.of(plan))
    if not command:
        raise Refused("no-program", "the command is empty")
    program = find_program(command[0])
    path = env.get("PATH", f"{program.parent}:{SYSTEM_PATH}")
    hidden = decided((*table.places, *(() if workspace is None else (workspace,))))
    needs = needed(program, path.split(":"), by_name="/" not in command[0], hidden=hidden)
    environment = _environment(env, path, needs)
    rules = Rules(table)
    mounts = resolve(rules, needs.paths)
    home = _home(environment["HOME"])
    system = tuple(shown(hidden))
    copies = Copies(rules, mounts)
    options = (
        *_NAMESPACES,
        *(("--share-net",) if table.network else ()),
        *system,
        *_etc(),
        *_kernel(),
        *("--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 - as above
        *(("--dir", home) if home == HOME else ("--tmpfs", home)),
        *_mounts(mounts, copies),
        *("--remount-ro", "/", "--chdir", home),
    )
    return Launch(options, (str(program), *command[1:]), environment, copies)


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


def _environment(env: Mapping[str, str], path: str, needs: Needs) -> dict[str, str]:
    """What is set where `env` does not say; `PATH` gains the folder of an interpreter that it lacks."""
    more = f":{needs.folder}" if needs.folder is not None else ""
    defaults = {"PATH": path + more, "HOME": HOME, "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108 - its own
    return {**defaults, **env}


def _without_copies(plan: Plan) -> Plan:
    """The plan, without the folders in which the copies for other servers lie."""
    base, glob = pattern_of_copies()
    around = (base, *base.parents)
    return plan.hiding(glob) if any(place in around for place in (*plan.read, *plan.write)) else plan


def _etc() -> Iterator[str]:
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


def _mounts(mounts: Mounts, copies: Copies) -> Iterator[str]:
    """Outer places first, so that each one lies on top of what is around it."""
    for path in sorted(mounts, key=lambda path: (len(path.parts), path)):
        shows = copies.places.get(path, path)
        yield from ("--bind" if mounts[path] == "write" else "--ro-bind", str(shows), str(path))
