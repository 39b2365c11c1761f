"""The host policy that holds where the user has none: conservative, and enough for everyday workspaces.

It is written as a host document, so that it is read, resolved and pointed at like any other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from capwright_registry.vocabulary import ACTIONS, MEDIATORS, Domain

NAME: Final = "built-in"
API: Final = "1.4.0"
#: Platforms whose file systems fold case unless somebody chose otherwise.
_FOLDING: Final = ("darwin", "win32", "cygwin")

_VERSION_CONTROL = (".git/**", ".gitmodules", ".gitconfig", ".hg/**", ".jj/**", ".svn/**", ".husky/**")
_SHELLS = (".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".zprofile", ".envrc", ".direnv/**")
_EDITORS_AND_CI = (".vscode/**", ".idea/**", ".github/**", ".gitlab-ci.yml", ".pre-commit-config.yaml")
_AGENTS = (".claude/**", ".claude.json", ".codex/**", ".cursor/**", ".gemini/**", ".opencode/**", ".mcp.json")
_INSTRUCTIONS = ("AGENTS.md", "CLAUDE.md", "GEMINI.md", ".cursorrules")
_HOME = (".config/**", ".ssh/**")
_CAPWRIGHT = (".capwright/**", "capwright.toml", "plugin.toml")
#: Files from which a later process takes orders, wherever they lie (G6), and what a workspace of Capwright is
#: made of by default.
SELF_PROTECTED: Final = (
    *(
        f"**/{name}"
        for group in (_VERSION_CONTROL, _SHELLS, _EDITORS_AND_CI, _AGENTS, _INSTRUCTIONS, _HOME, _CAPWRIGHT)
        for name in group
    ),
    "${workspace}/plugins/**",
    "${workspace}/profiles/**",
)

_SECRET_WORDS = ("token", "secret", "key", "passw", "credential")
_EVERYTHING: Final[dict[Domain, tuple[str, ...]]] = {
    "path": ("/**",),
    "host": ("*:*",),
    "url": ("* https://*:*/**", "* http://*:*/**"),
    "name": ("**",),
    "argv": ("...",),
}


def text() -> str:
    """The built-in policy as the text of a host document."""
    lines = ['schema = "capwright.host/1"', f'api = "{API}"', f"mediators = {_array(MEDIATORS)}"]
    lines += ['case = "folding"'] if sys.platform in _FOLDING else []
    lines += ["", "[accepted]"]
    lines += [f'{tier} = ["ambient-process", "deputy"]' for tier in ("user", "project")]
    for tier in ("user", "project"):
        lines += ["", f"[ceiling.{tier}]", "allow = [", *_bounded(), "]"]
    lines += ["", "[ceiling.builtin]", "allow = ["]
    lines += [_capability(action.name, _EVERYTHING[action.domain]) for action in ACTIONS.values()]
    return "\n".join([*lines, "]", ""])


def _bounded() -> Iterable[str]:
    yield _capability("fs.read", ("${workspace}/**",))
    yield _capability("fs.write", ("${workspace}/**",), SELF_PROTECTED)
    yield _capability("fs.delete", ("${workspace}/**",), SELF_PROTECTED)
    yield _capability("net.connect", ("*:443",))
    yield _capability("env.read", ("*",), tuple(_any_case(word) for word in _SECRET_WORDS))
    hooks = (name for name in ACTIONS if name.startswith("hook."))
    for action in ("tool.call", "tool.provide", "agent.spawn", "history.append", *hooks):
        yield _capability(action, ("**",))


def _any_case(word: str) -> str:
    """A name pattern for whatever holds `word`, in capitals or not."""
    return "*" + "".join(f"[{letter.upper()}{letter}]" for letter in word) + "*"


def _capability(action: str, on: Iterable[str], except_: Iterable[str] = ()) -> str:
    exceptions = f", except = {_array(except_)}" if except_ else ""
    return f'  {{ action = "{action}", on = {_array(on)}{exceptions} }},'


def _array(texts: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"
