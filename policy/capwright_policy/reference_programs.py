"""The reference semantics of commands: whether one that is given word for word can run anything.

As `reference.py`: read off the words, apart from patterns and atoms. The names are those of `commands.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from capwright_policy.commands import EVERYTHING, FIND_RUNS, GIT_PLAIN, TOLD, WRAPPERS
from capwright_policy.reference import Context, can, chains, has_mediator, tool_can
from capwright_policy.setting import Holder, Setting
from capwright_registry.canonical import segments


def runs_anything(command: Sequence[str]) -> bool:
    """An interpreter and the like; or what starts another program, and is told to start such a one."""
    program, *words = command
    later = any(is_one_of(word, EVERYTHING) for word in words)
    told = any(
        is_one_of(program, [name]) and any(fnmatchcase(word, glob) for word in words for glob in globs)
        for name, globs in TOLD.items()
    )
    bundled = is_one_of(program, ["tar"]) and any("I" in word or "F" in word for word in words[:1])
    finds = is_one_of(program, ["find"]) and not set(FIND_RUNS).isdisjoint(words)
    starts = later and (finds or is_one_of(program, WRAPPERS))
    return is_one_of(program, EVERYTHING) or starts or told or bundled or _git_beyond(command)


def is_one_of(word: str, names: Iterable[str]) -> bool:
    """Whether a word names one of these programs: in any folder, with a version."""
    base = word.rpartition("/")[2]
    rests = (base.removeprefix(name) for name in names if base.startswith(name))
    return any(rest == "" or rest[0] in "0123456789" for rest in rests)


def _git_beyond(command: Sequence[str]) -> bool:
    """Git, when the first word that is not where to run, or whether to page, is no plain subcommand."""
    program, *words = command
    if not is_one_of(program, ["git"]):
        return False
    if words[:1] == ["--no-pager"]:
        words = words[3:] if words[1:2] == ["-C"] else words[1:]
    elif words[:1] == ["-C"]:
        words = words[3:] if words[2:3] == ["--no-pager"] else words[2:]
    return words[:1] == [] or words[0] not in GIT_PLAIN


def escapes(
    setting: Setting, holder: Holder, command: str, action: str, resource: str, context: Context
) -> bool:
    """G4 broken: a component, or one that its calls lead to, runs a command that can run anything, with no
    process sandbox around it; so it causes an effect that it may not cause itself.
    """
    reached = [(holder, None), *(called[-1] for called in chains(setting, holder, context))]
    runs = any(
        owner.plugin.kind != "mcp"
        and not has_mediator(setting, owner, "process-sandbox")
        and (tool is None or tool_can(setting, owner, tool, "process.exec", command, context))
        and can(setting, owner, "process.exec", command, context)
        for owner, tool in reached
    )
    return (
        runs
        and runs_anything(tuple(map(str, segments("argv", command))))
        and not can(setting, holder, action, resource, context)
    )
