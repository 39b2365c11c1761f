"""What the command of a server runs: the files and folders that a write would make another program of.

A path anywhere in a command may be a program, or what a program reads before all else: its file is protected.
A folder is data, as is a repository that a server shows, unless it stands where an interpreter or a runner
takes what it runs: up to its script. An option that is not known to be a flag may have the next word for its
value, so that the script is looked for after that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

#: Where a server starts, by `capwright_runtimes.sandbox`: confined, and unconfined.
_STARTS: Final = ("/tmp/home", "/")  # noqa: S108 - a name of the sandbox's own


def names(text: str) -> tuple[str, ...]:
    """The names in a text, each once."""
    return tuple(dict.fromkeys(text.split()))


#: Programs that run what they are given, or what a file says.
INTERPRETERS: Final = names(
    """python pypy node nodejs tsx ts-node ruby perl php lua luajit java julia Rscript
    sh bash dash ash zsh ksh fish"""
)
#: Programs that start another one, which they are told.
STARTERS: Final = names("env nice nohup")
#: Programs that fetch, build or run what a project or a registry says.
RUNNERS: Final = names(
    "bun deno npx npm pnpm pnpx yarn bunx uv uvx pipx poetry pdm hatch rye cargo go make just"
)
_INTERPRETER = re.compile(rf"({'|'.join((*INTERPRETERS, *STARTERS))})[0-9.]*(\.exe)?")
_RUNNER = re.compile(rf"({'|'.join(RUNNERS)})[0-9.]*(\.exe)?")
_SUBCOMMANDS: Final = frozenset({"run", "exec", "x", "tool", "dlx", "start", "task"})
#: Options known to take no value. Of any other the next word may be the value.
_FLAGS: Final = frozenset(
    {
        "-y",
        "--yes",
        "-q",
        "--quiet",
        "-s",
        "--silent",
        "-u",
        "-A",
        "--allow-all",
        "--no-warnings",
        "--offline",
    }
    | {"-B", "-E", "-I", "-O", "-OO", "-S"}
)
#: After the next word nothing more is run: the rest are its arguments.
_LAST: Final = frozenset({"-m", "-c", "-e", "--eval", "--call", "-jar", "--"})
_PERMISSION = re.compile(r"--(allow|deny)-")
_ASSIGNMENT = re.compile(r"\w+=")
_REMOTE = re.compile(r"\b(?!file:)[A-Za-z][A-Za-z0-9+.-]*://\S*")
_GLUED = re.compile(r"-[A-Za-z](?=\.{0,2}/)|@(?=/)")
_EDGES = re.compile(r"[\s=:,;'\"|&<>(){}\[\]]+")
_SUFFIX = re.compile(r"\.(cjs|jar|js|mjs|php|pl|py|pyz|rb|sh|ts)\Z")


@dataclass(frozen=True, slots=True)
class Run:
    """A path that is run, with all that is in it where `deep`. One that is not absolute may lie anywhere."""

    path: PurePosixPath
    deep: bool


def runs(command: Sequence[str], *, home: bool) -> Iterator[Run]:
    """What a command runs, as far as its words tell. `home`: it starts in a folder that is not known here.

    Looks at the file system: for what is a folder, and for where links lead.
    """
    code = _code(command)
    for number, word in enumerate(command):
        for piece in _pieces(word):
            if piece.startswith("/"):
                yield from _at(Path(f"/{piece.lstrip('/')}"), runs=number in code)
            elif _is_relative(piece, word, bare=code.get(number, False)):
                for start in _STARTS:
                    yield from _at(Path(start, piece), runs=number in code)
                if home and number in code:
                    yield Run(PurePosixPath(re.sub(r"\A(\.{0,2}/)+", "", piece)), deep=True)


def _code(command: Sequence[str]) -> dict[int, bool]:
    """The words that say what is run, by number: the first, and those of a launcher up to its script.

    With each, whether a file may be named there without a `/`, as interpreters have it.
    """
    found, launcher, value = {0: False}, _launcher(command[0]), False
    for number, word in enumerate(command[1:], 1):
        if launcher is None:
            break
        found[number] = not word.startswith("-") and launcher is _INTERPRETER
        if word in _LAST:
            return {**found, number + 1: False}
        if word.startswith("-"):
            value = not (word in _FLAGS or "=" in word or _GLUED.match(word))
            if _PERMISSION.match(word):
                del found[number]
        elif _ASSIGNMENT.match(word) or _launcher(word) or (launcher is _RUNNER and word in _SUBCOMMANDS):
            found[number], launcher, value = False, _launcher(word) or launcher, False
        elif value:
            value = False
        else:
            break
    return found


def _launcher(word: str) -> re.Pattern[str] | None:
    name = word.rpartition("/")[2]
    return next((kind for kind in (_INTERPRETER, _RUNNER) if kind.fullmatch(name)), None)


def _pieces(word: str) -> Iterator[str]:
    """The word, and what in it could be a path of its own: a value, one of a list, a word of a script."""
    words = (word, *_EDGES.split(_REMOTE.sub(" ", word)))
    for piece in dict.fromkeys(piece for one in words for piece in (one, _GLUED.sub("", one, count=1))):
        if piece.isprintable() and piece.strip(
            "./"
        ):  # no path that a plugin can name holds a control character
            yield piece


def _is_relative(piece: str, word: str, *, bare: bool) -> bool:
    named = "/" in piece or _SUFFIX.search(piece) or (bare and piece == word)
    return bool(named) and piece[0] not in "-~$@%" and not _EDGES.search(piece)


def _at(path: Path, *, runs: bool) -> Iterator[Run]:
    """What lies at a path of a command, by this name and where it really is."""
    path = Path(os.path.normpath(path))
    if runs or not path.is_dir():
        for one in dict.fromkeys((path, Path(os.path.realpath(path)))):
            yield Run(PurePosixPath(one), deep=runs and not one.is_file())
    prefix = path.parent.parent
    if runs and path.parent.name in ("bin", "Scripts") and (prefix / "pyvenv.cfg").is_file():
        yield Run(PurePosixPath(prefix), deep=True)  # the libraries of its environment run with it
