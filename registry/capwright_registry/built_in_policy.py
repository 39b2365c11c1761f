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

# By whole names, but for one: each wildcard costs every decision about writing.
_NAMES: Final[dict[str, str]] = {
    "version control": ".git/** .gitmodules .gitconfig .gitattributes .hg/** .jj/** .svn/**",
    "its hooks": ".husky/** lefthook.yml .lefthook.yml lefthook-local.yml .pre-commit-config.yaml",
    "shells": ".bashrc .bash_profile .profile .zshrc .zshenv .zprofile .kshrc .cshrc .tcshrc .login"
    " .xprofile .inputrc",
    "what these run": ".envrc .direnv/** mise.toml .mise.toml mise.local.toml .mise/** .tool-versions",
    "package managers": ".npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs",
    "Python": "*.pth sitecustomize.py usercustomize.py",
    "editors": ".vimrc .exrc .vim/** .emacs .emacs.d/** .vscode/** .idea/** .zed/** .devcontainer/**"
    " .devcontainer.json",
    "continuous integration": ".github/** .gitlab-ci.yml",
    "agents": ".claude/** .claude.json .codex/** .cursor/** .gemini/** .opencode/** opencode.json"
    " opencode.jsonc .windsurf/** .clinerules/** .kiro/** .roo/** .continue/** .mcp.json .aider.conf.yml",
    "what agents are told": "AGENTS.md CLAUDE.md GEMINI.md .cursorrules .windsurfrules",
    "a user's own": ".config/** .ssh/**",
    "Capwright": ".capwright/** capwright.toml plugin.toml",
}
#: Files from which a later process takes orders, wherever they lie (G6), and what a workspace of Capwright is
#: made of by default.
SELF_PROTECTED: Final = (
    *(f"**/{name}" for names in _NAMES.values() for name in names.split()),
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
    # What other clients load is loaded by them, whether this workspace is admitted or not.
    accepted = _array(("ambient-process", "deputy", "uncovered-path"))
    lines += [f"{tier} = {accepted}" for tier in ("user", "project")]
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
