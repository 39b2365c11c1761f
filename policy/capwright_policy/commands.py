"""Commands that can run anything: which of those that a `process.exec` allows are every effect of the user.

Interpreters, shells, package runners and build tools always are: what they run is in a file, an argument or a
registry, and nothing of it stands in the command. Programs that start others are where a word after them can
be such a program. A name counts with a version after it (`python3.12`), and in any folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from capwright_policy.authority import Authority
from capwright_policy.encoding import concrete
from capwright_policy.programs import INTERPRETERS, RUNNERS, STARTERS, names
from capwright_policy.spaces import Space
from capwright_registry.patterns import Atom, Pattern, TooComplex, classes
from capwright_registry.patterns.elements import Alternative, Deep
from capwright_registry.patterns.glob import element_of

#: Run anything, whatever else the command says; some as somebody else, or elsewhere with the user's keys.
EVERYTHING: Final = (
    *INTERPRETERS,
    *RUNNERS,
    *names("csh tcsh pwsh powershell cmd awk gawk mawk nawk sed m4 vi vim nvim emacs ed gdb lldb sqlite3"),
    *names("pip gem bundle composer conda mamba nix brew apt apt-get dnf yum pacman apk snap"),
    *names("cmake ctest ninja gradle gradlew mvn mvnw bazel ant sbt meson scons tox nox rake invoke"),
    *names("sudo doas su pkexec runuser ssh docker podman nerdctl kubectl systemd-run machinectl crontab at"),
    *names("batch watch parallel script expect screen tmux eval osascript wsl"),
    # Other agents: they run commands of their own, and load servers and hooks that no gate of ours sees.
    *names("claude codex gemini opencode cursor-agent copilot aider goose crush qwen kiro-cli amp auggie"),
)
#: Start the program that a later word names.
WRAPPERS: Final = (
    *STARTERS,
    *names("timeout xargs setsid stdbuf ionice chrt taskset flock time unshare nsenter chroot bwrap"),
    *names("strace ltrace perf valgrind busybox toybox command exec dbus-run-session xvfb-run"),
)
#: Start others where an option says so: globs of such options.
TOLD: Final = {
    "env": names("-S* --split-string*"),
    "tar": names(
        "-[IF]* -[!-]*[IF]* --to-command* --checkpoint-action* --use-compress-program* --rsh-command*"
    )
    + names("--info-script* --new-volume-script*"),
    "git": names("-O* -x* --exec* --ext-diff --textconv --open-files-in-pager* --config*"),
    "rsync": names("-e* -[!-]*e* --rsh*"),
    "scp": names("-[SoDF]* -[!-]*[SoDF]*"),
    "sftp": names("-[SoDF]* -[!-]*[SoDF]*"),
    "zip": names("-TT* --unzip-command*"),
}
#: What has `find` start the program after it.
FIND_RUNS: Final = names("-exec -execdir -ok -okdir")
#: What Git does by itself. Any other word is a subcommand that runs hooks, editors or helpers, or an alias.
GIT_PLAIN: Final = names(
    """add blame branch cat-file describe diff diff-tree for-each-ref grep log ls-files ls-tree merge-base mv
    name-rev reflog reset restore rev-list rev-parse rm shortlog show show-ref status symbolic-ref tag
    version --version"""
)


def _named(names: Iterable[str]) -> Iterator[str]:
    """Globs of a program's name: in any folder, with a version."""
    for name in names:
        for form in (name, f"{name}[0-9]*"):
            yield form
            yield f"*/{form}"


Patterns: TypeAlias = tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of command that runs anything: in every list of `within`, and in none of `without`."""

    within: tuple[Patterns, ...]
    without: tuple[Patterns, ...] = ()


def _list(*ways: Alternative) -> Patterns:
    return (Pattern("argv", f"{len(ways)} commands", repr(ways), ways),)


def _way(*words: str) -> Alternative:
    """`...` is any number of arguments, in any place."""
    return tuple(Deep() if word == "..." else element_of(word) for word in words)


_BEFORE: Final = ((), ("--no-pager",), ("-C", "*"), ("-C", "*", "--no-pager"), ("--no-pager", "-C", "*"))
_ALWAYS = _list(*(_way(name, "...") for name in _named(EVERYTHING)))
_WRAPS = _list(*(_way(name, "...") for name in _named(WRAPPERS)))
_LATER = _list(*(_way("*", "...", name, "...") for name in _named(EVERYTHING)))
_FINDS = _list(*(_way(name, "...", run, "...") for name in _named(["find"]) for run in FIND_RUNS))
_GIT = _list(*(_way(name, "...") for name in _named(["git"])))
_PLAIN = _list(*(_way("*", *before, word, "...") for before in _BEFORE for word in GIT_PLAIN))
_BUNDLED = _list(*(_way(name, "*[IF]*", "...") for name in _named(["tar"])))
_TOLD = tuple(
    _list(*(_way(name, "...", glob, "...") for name in _named([program]) for glob in globs))
    for program, globs in TOLD.items()
)
#: Each is looked at by itself: together they would need more states than there are.
KINDS: Final = (
    Kind((_ALWAYS,)),
    Kind((_WRAPS, _LATER)),
    Kind((_FINDS, _LATER)),
    Kind((_GIT,), (_PLAIN,)),
    Kind((_BUNDLED,)),
    *(Kind((options,)) for options in _TOLD),
)


def anything(authority: Authority) -> Iterator[tuple[Space, Atom]]:
    """Classes of commands that run anything, each with the space in which the authority tells it apart.

    None is left out: a command of `authority` that runs anything is in one of them.
    Raises `capwright_registry.patterns.TooComplex`; callers answer `unknown`.
    """
    own = [c for layer in authority.layers for c in layer.of("process.exec")]
    lists = tuple(dict.fromkeys(patterns for c in own for patterns in (c.on, c.except_)))
    for kind in KINDS:
        space = _space(lists, kind)
        for atom in space.atoms:
            held = {one for one in (*kind.within, *kind.without) if space.index[one] in atom.members}
            if held == set(kind.within):
                yield space, atom


@lru_cache(maxsize=1024)
def _space(lists: tuple[Patterns, ...], kind: Kind) -> Space:
    # A pure function, asked by the graph, the check and each caller.
    every = tuple(dict.fromkeys((*lists, *kind.within, *kind.without)))
    return Space("process.exec", {one: number for number, one in enumerate(every)}, classes(every))


def may_run_anything(authority: Authority) -> bool:
    """Whether some command of the authority, in some context, runs anything; also where none can tell."""
    try:
        return any(concrete(space, authority, atom, lambda _: True) for space, atom in anything(authority))
    except TooComplex:
        return True
