"""The packages that a command starts by a package runner (`npx`, `uvx`, `docker run`), and how exactly named.

What a runner's command names without an exact version is whatever was published last when it starts. Exact is
what its registry lets nobody publish again: a whole version on npm or PyPI, the digest of an image (a tag can
be moved), the commit of a Git repository. A path names no package. Commands are seen through `env`, shells,
`cmd /c` and wrappers (`sudo`, `timeout`); a program that starts another one by itself is not.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from packaging.version import InvalidVersion, Version

from capwright_registry.capability import Plugin

Kind = Literal["npm", "pypi", "image"]
Words: TypeAlias = Sequence[tuple[int, str]]
"""Words, each with its place in the command; all the words of a script have the place of the script."""


@dataclass(frozen=True, slots=True)
class Package:
    """What `runner` is told to start, and at which word of the command it is told so."""

    place: int
    runner: str
    name: str
    kind: Kind

    @property
    def exact(self) -> bool:
        """Whether it means the same bytes tomorrow, as far as the registry keeps its word."""
        return self.name.startswith(_PATHS) or _EXACT[self.kind](self.name)


@dataclass(frozen=True, slots=True)
class _Runner:
    """How a runner reads its command.

    The first plain word names a package, unless an option of `instead` does or `plain` says otherwise;
    options of `beside` name further ones. `taking` are options with another value; where `flags` are given,
    every option takes one but these. Options stand apart by `|`.
    """

    kind: Kind
    instead: str = ""
    beside: str = ""
    taking: str = ""
    flags: str = ""
    plain: bool = True

    def takes(self, option: str) -> bool:
        """Whether the option has a value, which follows it where none stands with it."""
        if self.flags:
            return option not in self.flags.split("|")
        return option in f"{self.instead}|{self.beside}|{self.taking}".split("|")

    def apart(self, words: Words) -> Iterator[tuple[int, str]]:
        """The words, with short options that share one apart: `-qw` is `-q -w`, and `-wNAME` is `-w NAME`."""
        for place, word in words:
            letters = word[1:] if re.match(r"-[^-=]", word) else ""
            for number, letter in enumerate(letters, 1):
                yield place, f"-{letter}"
                rest = letters[number:]
                if self.takes(f"-{letter}"):
                    yield from [(place, rest.removeprefix("="))] if rest else ()
                if self.takes(f"-{letter}") or rest.startswith("="):
                    break
            if not letters:
                yield place, word


_NPX: Final = _Runner(
    "npm",
    instead="-p|--package",
    taking="-c|--call|-w|--workspace|--registry|--cache|--prefix|--userconfig|--loglevel",
)
_UV_OPTIONS: Final = (
    "-p|--python|--index|--default-index|--index-url|-i|--extra-index-url|--find-links|-f|--env-file|"
    "--with-requirements|--with-editable|-c|--constraints|-b|--build-constraints|--overrides|--cache-dir|"
    "--directory|--project|--config-file|--color|--resolution|--prerelease|--index-strategy|--exclude-newer|"
    "--keyring-provider|--link-mode|--refresh-package|--upgrade-package|-P|--config-setting|--extra|--group"
)
_UVX: Final = _Runner("pypi", instead="--from", beside="-w|--with", taking=_UV_OPTIONS)
_UV_RUN: Final = _Runner("pypi", beside="-w|--with", taking=_UV_OPTIONS, plain=False)
_PIPX: Final = _Runner("pypi", instead="--spec", taking="--python|--index-url|-i|--pip-args")
_IMAGE: Final = _Runner(
    "image",
    flags="-i|--interactive|-t|--tty|-d|--detach|--rm|--init|--privileged|--read-only|--no-healthcheck|-P|"
    "--publish-all|-q|--quiet|--sig-proxy|--oom-kill-disable|--disable-content-trust|--use-api-socket|"
    "--replace|--no-hosts|--tls-verify",
)
_RUNNERS: Final[Mapping[str, _Runner]] = {
    **dict.fromkeys(("npx", "pnpx", "bunx", "npm exec", "npm x", "pnpm dlx", "yarn dlx", "bun x"), _NPX),
    **dict.fromkeys(("uvx", "uv tool run"), _UVX),
    "uv run": _UV_RUN,
    "pipx run": _PIPX,
    **{f"{t} {w}": _IMAGE for t in ("docker", "podman", "nerdctl") for w in ("run", "container run")},
}
#: How the command of some runner begins.
_KNOWN: Final = frozenset(name.split()[0] for name in _RUNNERS)
_SHELLS: Final = frozenset(("sh", "bash", "zsh", "dash", "ash", "ksh", "fish"))
_WORDS_BEFORE: Final = "exec command nohup time if then else elif while until do ! {"
_TRANSPARENT: Final = frozenset(_WORDS_BEFORE.split())
#: Programs that run what comes after their own arguments.
_HAND_ON: Final = "sudo doas nice ionice chrt timeout setsid stdbuf unbuffer xargs corepack python python3 py"
_WRAPPERS: Final = frozenset(_HAND_ON.split())
_ENV_TAKING: Final = frozenset(("-u", "--unset", "-C", "--chdir"))
_PATHS: Final = (".", "/", "~/", "file:", "${")


def declared_command(plugin: Plugin) -> tuple[str, ...]:
    """The command of a server as its manifest has it, its roots not expanded; nothing for another kind."""
    command: tuple[str, ...] = getattr(plugin.document.model.runtime, "command", ())
    return command


def packages(command: Sequence[str]) -> Iterator[Package]:
    """Every package that the command names to a runner; `command` is as the manifest has it."""
    for words in _commands(list(enumerate(command))):
        for name, runner in _RUNNERS.items():
            rest = _after(words, name.split())
            if rest is not None:
                yield from (Package(place, name, word, runner.kind) for place, word in _named(runner, rest))


def _commands(words: Words) -> Iterator[Words]:
    """The commands that a command comes to: itself, or what it hands on."""
    while words and (words[0][1] in _TRANSPARENT or re.match(r"\w+=", words[0][1])):
        words = words[1:]
    program = _program(words[0][1]) if words else ""
    if program == "env":
        yield from _commands(_after_env(words[1:]))
    elif program in _WRAPPERS:
        starts = (n for n, (_, word) in enumerate(words) if n and _program(word) in _KNOWN)
        yield from _commands(words[next(starts, len(words)) :])
    elif program in _SHELLS:
        option = next((n for n, (_, word) in enumerate(words) if re.fullmatch(r"-[a-z]*c", word)), len(words))
        for place, script in words[option + 1 : option + 2]:
            for simple in _simple(script):
                yield from _commands([(place, word) for word in simple])
    elif program == "cmd":
        option = next((n for n, (_, word) in enumerate(words) if word.lower() == "/c"), len(words))
        line = [(place, one) for place, word in words[option + 1 :] for one in re.split(r"[\s&|()\"]+", word)]
        yield from _commands([pair for pair in line if pair[1]])
    else:
        yield words


def _after_env(words: Words) -> Words:
    """What `env` runs; `-S` has the beginning of it in one word."""
    while words and re.match(r"-|\w+=", words[0][1]):
        (place, option), words = words[0], words[1:]
        split = re.fullmatch(r"(?:-[i0v]*S|--split-string=?)(.*)", option, re.DOTALL)
        if split:
            given, words = ([(place, split[1])], words) if split[1] else (words[:1], words[1:])
            return [*((at, word) for at, text in given for word in text.split()), *words]
        words = words[1:] if option in _ENV_TAKING else words
    return words


def _program(word: str) -> str:
    """The name of a program without its folder and without what Windows puts behind it."""
    return re.sub(r"\.(exe|cmd|bat|ps1)$", "", re.split(r"[/\\]", word)[-1].lower())


def _simple(script: str) -> Iterator[list[str]]:
    """The simple commands of a shell script, as far as words tell; what quotations substitute comes first."""
    for inner in re.finditer(r"`([^`]*)`|\$\(([^()`]*)\)", script):
        yield from _simple(inner[1] or inner[2] or "")
    lexer = shlex.shlex(script.replace("\n", "\n;"), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    simple: list[str] = []
    try:
        for word in lexer:
            if set(word) <= set("();<>|&"):
                yield simple
                simple = []
            else:
                simple.append(word)
    except ValueError:  # a quotation without an end: the shell would refuse it too
        return
    yield simple


def _after(words: Words, names: list[str]) -> Words | None:
    """The words after those that call the runner; options may stand between them, each with one value."""
    for number, name in enumerate(names):
        while number and words and words[0][1].startswith("-"):
            option, words = words[0][1], words[1:]
            if words and "=" not in option and words[0][1] != name and not words[0][1].startswith("-"):
                words = words[1:]
        if not words or (words[0][1] if number else _program(words[0][1])) != name:
            return None
        words = words[1:]
    return words


def _named(runner: _Runner, words: Words) -> Iterator[tuple[int, str]]:
    """The words that name packages."""
    plain, rest = runner.plain, iter(tuple(runner.apart(words)))
    for place, word in rest:
        option, equals, value = word.partition("=")
        if not word.startswith("-"):
            yield from [(place, word)] if plain else ()
            return
        names = option in (*runner.instead.split("|"), *runner.beside.split("|"))
        plain = plain and option not in runner.instead.split("|")
        if names and equals:
            yield place, value
        elif names or (not equals and runner.takes(option)):
            following = next(rest, None)
            yield from [following] if names and following else ()


def _npm_exact(name: str) -> bool:
    package = r"(@[a-zA-Z0-9._~-]+/)?[a-zA-Z0-9._~-]+"
    version = r"[=v]*[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?"
    whole = rf"({package}@npm:)?{package}@{version}"
    return re.fullmatch(whole, name) is not None or _names_commit(name, "#")


def _pypi_exact(name: str) -> bool:
    if "://" in name:
        return _names_commit(name, "@")
    found = re.fullmatch(r"[a-zA-Z0-9._-]+(\[[^\]]*\])?\s*(===?|@)\s*([^\s,;]+)\s*(;.*)?", name.strip())
    try:
        return found is not None and Version(found[3]) is not None
    except InvalidVersion:
        return False


def _image_exact(name: str) -> bool:
    return re.fullmatch(r"(.*@)?sha256:[0-9a-f]{64}", name) is not None


def _names_commit(name: str, mark: str) -> bool:
    """Whether it is a repository of Git; of a file or an archive the rest would say nothing."""
    word = "[a-zA-Z0-9._-]+"
    host = r"(git|git\+[a-z]+)://[^/#?]+/|git@[^/#?]+:|(github|gitlab|bitbucket|gist):"
    repository = rf"((@{word}/)?{word}\s*@\s*)?(({host})[^#?\s]+|{word}/{word})"
    return re.fullmatch(rf"{repository}{mark}([0-9a-f]{{40}}|[0-9a-f]{{64}})", name) is not None


_EXACT: Final[Mapping[Kind, Callable[[str], bool]]] = {
    "npm": _npm_exact,
    "pypi": _pypi_exact,
    "image": _image_exact,
}
