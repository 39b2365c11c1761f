"""What governs an agent: paths that nothing governed may write, and tools that change policy (G6).

The list names the workspace's own documents, the programs of its servers, the host policy, and the start-up
files of the agents, editors, shells and version control systems that act on a repository: the places from
which a later process takes orders.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from capwright_policy.programs import runs
from capwright_policy.setting import Setting
from capwright_registry.built_in_policy import NAME, SELF_PROTECTED
from capwright_registry.patterns import Pattern, parse
from capwright_registry.patterns.folding import folded
from capwright_registry.patterns.glob import escaped

#: Beside those that the built-in host policy names: other start-up files, of users and of the whole machine,
#: and where Capwright keeps what a user has agreed to.
START_UP_FILES = (
    "**/.bash_login",
    "**/.bash_logout",
    "**/.zlogin",
    "**/.zlogout",
    "**/.local/share/capwright/**",
    "**/.local/state/capwright/**",
    "/etc/profile",
    "/etc/profile.d/**",
    "/etc/bash.bashrc",
    "/etc/zsh/**",
    "/etc/gitconfig",
)
#: Tools by which a host lets policy be changed.
POLICY_TOOLS = ("builtin:capwright/**",)
WRITES = ("fs.write", "fs.delete")


@dataclass(frozen=True, slots=True)
class Protected:
    """A pattern of what governs, the actions that would change it, and why it matters."""

    actions: tuple[str, ...]
    pattern: Pattern
    reason: str


def protected(setting: Setting) -> tuple[Protected, ...]:
    """Everything protected in this setting, each pattern once, the workspace's own documents first."""
    found: dict[str, Protected] = {}
    for one in _all(setting):
        if setting.host.folds_case and one.pattern.domain == "path":
            one = replace(one, pattern=folded(one.pattern))
        found.setdefault(one.pattern.canonical, one)
    return tuple(found.values())


def _all(setting: Setting) -> Iterator[Protected]:
    for path, deep in _documents(setting):
        yield Protected(WRITES, _exactly(setting, path, deep), "it governs this workspace")
    for path in _host_policy(setting):
        yield Protected(WRITES, _exactly(setting, path, False), "it governs every workspace")
    for pattern in _programs(setting):
        yield Protected(WRITES, pattern, "a server of this workspace runs it")
    for text in (*SELF_PROTECTED, *START_UP_FILES):
        # Those of the built-in policy that lie in the workspace are its documents, wherever these are.
        if not text.startswith("${"):
            yield Protected(WRITES, parse("path", text), "a later process takes orders from it")
    for text in POLICY_TOOLS:
        yield Protected(("tool.call",), parse("name", text), "it changes policy")


def _documents(setting: Setting) -> Iterator[tuple[Path, bool]]:
    """The workspace's documents and attachments: files, and folders in which new ones could be put."""
    workspace = setting.workspace
    files = [(workspace.root / i.path, i.role) for i in workspace.inputs]
    folders = {source.folder for source in workspace.sources}
    folders |= {file.parent for file, role in files if role == "profile"}
    folders |= {workspace.root / listing.path for listing in workspace.listings}
    yield workspace.root / "capwright.toml", False
    yield workspace.root / ".capwright", True
    yield from ((folder, True) for folder in sorted(folders))
    yield from ((f, False) for f, _ in files if not any(f.is_relative_to(folder) for folder in folders))


def _host_policy(setting: Setting) -> Iterator[Path]:
    """The file of the host policy, by its name and where it really is."""
    if setting.host.source != NAME:
        yield Path(setting.host.source)
        yield Path(os.path.realpath(setting.host.source))


def _programs(setting: Setting) -> Iterator[Pattern]:
    """What the commands of servers run."""
    for plugin in setting.workspace.plugins:
        for run in runs(plugin.command, home="HOME" in plugin.env) if plugin.command else ():
            if run.path.is_absolute():
                yield _exactly(setting, Path(run.path), run.deep)
            else:
                yield parse("path", "/".join(("**", *map(escaped, run.path.parts), "**")))


def _exactly(setting: Setting, path: Path, deep: bool) -> Pattern:
    """The pattern of one path, whatever characters it holds; with `deep`, of all that is in it as well.

    Its text is as a document would write it: below `${workspace}` where that is the workspace's folder.
    """
    tail = "/**" if deep else ""
    root = setting.workspace.root
    names = setting.workspace.roots
    if path.is_relative_to(root) and names.get("workspace") == str(root):
        start, parts = "${workspace}", path.relative_to(root).parts
    else:
        start, parts = "", path.parts[1:]
    text = "".join((start, *(f"/{escaped(part)}" for part in parts), tail))
    return replace(parse("path", f"${{here}}{tail}", {"here": str(path)}), text=text)
