"""The packages that a command starts by a package runner (`npx`, `uvx`, `docker run`), and how exactly named.

What a runner's command names without an exact version is whatever was published last when it starts. Exact is
what its registry lets nobody publish again: a whole version on npm or PyPI, the digest of an image (a tag can
be moved), the commit of a repository. A path names no package. Commands are seen through `env`, shells and
`cmd /c`; a program that starts another one by itself is not.
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
        """Whether the word after the option is its value."""
        if not option.startswith("--") and len(option) > 2:
            return False  # several flags in one word, or one with its value
        return option not in self.flags.split("|") if self.flags else option in self.taking.split("|")


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
_SHELLS: Final = frozenset(("sh", "bash", "zsh", "dash", "ash", "ksh", "fish"))
_TRANSPARENT: Final = frozenset(("exec", "command", "nohup", "time"))
_PATHS: Final = (".", "/", "~", "file:", "${")


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
        skipped = (n for n, (_, word) in enumerate(words) if n and not re.match(r"-|\w+=", word))
        yield from _commands(words[next(skipped, len(words)) :])
    elif program in _SHELLS:
        option = next((n for n, (_, word) in enumerate(words) if re.fullmatch(r"-[a-z]*c", word)), len(words))
        for place, script in words[option + 1 : option + 2]:
            for simple in _simple(script):
                yield from _commands([(place, word) for word in simple])
    elif program == "cmd":
        option = next((n for n, (_, word) in enumerate(words) if word.lower() == "/c"), len(words))
        yield from _commands(words[option + 1 :])
    else:
        yield words


def _program(word: str) -> str:
    """The name of a program without its folder and without what Windows puts behind it."""
    return re.sub(r"\.(exe|cmd|bat|ps1)$", "", re.split(r"[/\\]", word)[-1].lower())


def _simple(script: str) -> Iterator[list[str]]:
    """The simple commands of a shell script, as far as words tell."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
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
    """The words after those that call the runner; options may stand between them."""
    for number, name in enumerate(names):
        while number and words and words[0][1].startswith("-"):
            words = words[1:]
        if not words or (words[0][1] if number else _program(words[0][1])) != name:
            return None
        words = words[1:]
    return words


def _named(runner: _Runner, words: Words) -> Iterator[tuple[int, str]]:
    """The words that name packages."""
    plain, rest = runner.plain, iter(words)
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
    whole = r".+@[=v]*[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?"
    return re.fullmatch(whole, name) is not None or _names_commit(name, "#")


def _pypi_exact(name: str) -> bool:
    if "://" in name:
        return _names_commit(name, "@")
    found = re.fullmatch(r"[\w.-]+(\[[^\]]*\])?\s*(===?|@)\s*([^\s,;]+)\s*(;.*)?", name.strip())
    try:
        return found is not None and Version(found[3]) is not None
    except InvalidVersion:
        return False


def _image_exact(name: str) -> bool:
    return re.fullmatch(r"(.*@)?sha256:[0-9a-f]{64}", name) is not None


def _names_commit(name: str, mark: str) -> bool:
    return re.fullmatch(rf".+{mark}([0-9a-f]{{40}}|[0-9a-f]{{64}})", name) is not None


_EXACT: Final[Mapping[Kind, Callable[[str], bool]]] = {
    "npm": _npm_exact,
    "pypi": _pypi_exact,
    "image": _image_exact,
}
