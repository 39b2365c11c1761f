"""Random small workspaces, repeatable by seed: profiles, servers, grants, lends, children, a host policy.

Lists are mostly narrowed from the list above them, so that about as much holds as does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from capwright_policy.setting import Setting
from capwright_registry.host_policy import VARIABLE, load_host_policy
from capwright_registry.workspace import load_workspace
from tests.support.workspaces import WORKSPACE as LEAST_WORKSPACE
from tests.support.workspaces import write

PATHS: Mapping[str, tuple[str, ...]] = {
    "${workspace}/**": ("${workspace}/a/**", "${workspace}/*", "${workspace}/[ab]/**", "${workspace}/**/x"),
    "${workspace}/a/**": (
        "${workspace}/a/b/**",
        "${workspace}/a/*",
        "${workspace}/a/b",
        "${workspace}/a/?/x",
    ),
    "${workspace}/[ab]/**": ("${workspace}/a/**", "${workspace}/b/x*", "${workspace}/b/*/b"),
    "${workspace}/**/x": ("${workspace}/a/x", "${workspace}/*/x", "${workspace}/x"),
    "${workspace}/*": ("${workspace}/a", "${workspace}/?", "${workspace}/x"),
    "**/x/**": ("**/x", "${workspace}/x/**", "${workspace}/a/x/*"),
}
NAMES: Mapping[str, tuple[str, ...]] = {"*": ("A*", "?"), "A*": ("A", "AB", "A?"), "[AB]*": ("A*", "B", "AB")}
TOOLS: Mapping[str, tuple[str, ...]] = {
    "project:**": ("project:*/t", "project:p0/t", "project:p[12]/*"),
    "project:*/t": ("project:p1/t", "project:p?/t", "project:p2/t"),
    "project:p[12]/*": ("project:p1/t", "project:p2/*"),
}
POOLS = {"fs.read": PATHS, "fs.write": PATHS, "env.read": NAMES, "tool.call": TOOLS}
LEFT_OUT = {
    "fs.read": ("**/x", "${workspace}/a/b/**", "${workspace}/b", "**/b/**"),
    "fs.write": ("**/x", "${workspace}/a/b/**", "${workspace}/[ab]/*"),
    "env.read": ("AB", "A?"),
    "tool.call": ("project:p1/t", "project:p0/*"),
}
CONDITIONS = (
    "mode == 'x'",
    "mode != 'x'",
    "mode == 'y'",
    "approved",
    "!approved",
    "depth < 2",
    "depth >= 1",
    "mode == 'x' && approved",
    "depth == 1 || approved",
    "mode in ['x', 'y']",
)
ENDS = ("2027-01-01", "2028-01-01")
WORKSPACE = LEAST_WORKSPACE.replace("desk", "random").rstrip("\n") + "\n"


@dataclass(frozen=True)
class Entry:
    """A capability before it is written."""

    action: str
    on: tuple[str, ...]
    except_: tuple[str, ...] = ()
    when: str = ""
    until: str = ""
    more: str = ""

    def written(self) -> str:
        """As an inline table."""
        parts = [self.more] if self.more else []
        parts += [f'action = "{self.action}"', f"on = {json.dumps(self.on)}"]
        parts += [f"except = {json.dumps(self.except_)}"] if self.except_ else []
        parts += [f'when = "{self.when}"'] if self.when else []
        parts += [f"until = {self.until}"] if self.until else []
        return f"{{ {', '.join(parts)} }}"


@dataclass(frozen=True)
class Maker:
    """Makes one workspace from a seed."""

    random: Random

    def files(self) -> dict[str, str]:
        """The documents of a workspace and, as `../host.toml`, of the host policy above it."""
        # Each pattern to write is held against some fifty protected ones: a few cases are enough.
        actions = [action for action in POOLS if action != "fs.write" or self.likely(0.2)]
        wide = [self.entry(action, widest=True) for action in actions]
        plugins = [f"p{n}" for n in range(self.random.randint(2, 4))]
        profiles = [f"a{n}" for n in range(self.random.randint(2, 4))]
        scopes: dict[str, list[Entry]] = {}
        texts: dict[str, str] = {}
        for number, name in enumerate(profiles):
            above = scopes[self.random.choice(profiles[:number])] if number and self.likely(0.7) else wide
            scopes[name] = self.narrowed(above) if number else wide
            texts[f"profiles/{name}.toml"] = self.profile(name, scopes[name], plugins, profiles, number)
        ceiling = f"[ceiling.project]\n{self.allow(self.narrowed(wide))}\n" if self.likely(0.4) else ""
        requests = {name: self.requests(wide) for name in plugins}
        return {
            "capwright.toml": WORKSPACE + ceiling,
            "../host.toml": self.host(wide),
            **{f"plugins/{name}/plugin.toml": self.plugin(name, requests[name]) for name in plugins},
            **texts,
        }

    def likely(self, share: float) -> bool:
        """True in that share of cases."""
        return self.random.random() < share

    def entry(self, action: str, *, widest: bool = False) -> Entry:
        """A capability of the action."""
        pool = POOLS[action]
        on = (
            (next(iter(pool)),)
            if widest
            else tuple(self.random.sample(list(pool), self.random.randint(1, 2)))
        )
        plain = Entry(action, on)
        return plain if widest and self.likely(0.7) else self.guarded(plain)

    def guarded(self, entry: Entry) -> Entry:
        """The same, with an exception, a condition, an end."""
        if self.likely(0.3):
            entry = replace(entry, except_=(*entry.except_, self.random.choice(LEFT_OUT[entry.action])))
        if self.likely(0.3):
            more = self.random.choice(CONDITIONS)
            entry = replace(entry, when=f"({entry.when}) && ({more})" if entry.when else more)
        if self.likely(0.1):
            entry = replace(entry, until=min(filter(None, (entry.until, self.random.choice(ENDS)))))
        return entry

    def narrowed(self, entries: Iterable[Entry]) -> list[Entry]:
        """Mostly narrower entries, and now and then one that is wider or of another action."""
        found = [self.narrower(entry) for entry in entries if self.likely(0.75)]
        if self.likely(0.15):
            found.append(self.entry(self.random.choice(["fs.read", "env.read", "tool.call"])))
        return found

    def narrower(self, entry: Entry) -> Entry:
        """One step narrower, as a rule."""
        pool = POOLS[entry.action]
        on = tuple(self.random.choice(pool.get(p, (p,))) if self.likely(0.5) else p for p in entry.on)
        entry = replace(entry, on=tuple(dict.fromkeys(on)))
        if self.likely(0.08):
            entry = replace(entry, except_=entry.except_[1:])
        if self.likely(0.08):
            entry = replace(entry, when="")
        return self.guarded(entry) if self.likely(0.5) else entry

    def requests(self, wide: list[Entry]) -> list[Entry]:
        """What a plugin asks for, most of it."""
        return [self.narrower(self.narrower(e)) if self.likely(0.5) else e for e in wide if self.likely(0.85)]

    def allow(self, entries: Iterable[Entry], key: str = "allow") -> str:
        """A list of capabilities."""
        return f"{key} = [{', '.join(entry.written() for entry in entries)}]"

    def host(self, wide: list[Entry]) -> str:
        """A host policy."""
        entries = wide if self.likely(0.6) else self.narrowed(wide)
        mediators = '["permission", "scoped-fs", "process-sandbox", "output-bound", "history"]'
        head = f'schema = "capwright.host/1"\napi = "1.4.0"\nmediators = {mediators}\n'
        return f"{head}[ceiling.project]\n{self.allow(entries)}\n"

    def plugin(self, name: str, requests: list[Entry]) -> str:
        """A server with one tool, which asks for its requests, some of them optional."""
        tables = "".join(f"[[requires]]\n{self.request(entry)}\n" for entry in requests)
        head = f'schema = "capwright.plugin/1"\nid = "{name}"\nversion = "1"\napi = ">=1"\n'
        return f'{head}[runtime]\nkind = "mcp"\ncommand = ["s"]\n[[tool]]\nname = "t"\n{tables}'

    def request(self, entry: Entry) -> str:
        """The keys of a request."""
        keys = [f'action = "{entry.action}"', f"on = {json.dumps(entry.on)}"]
        keys += [f"except = {json.dumps(entry.except_)}"] if entry.except_ else []
        keys += [f'when = "{entry.when}"'] if entry.when else []
        keys += ["optional = true"] if self.likely(0.5) else []
        return "\n".join(keys)

    def profile(
        self, name: str, scope: list[Entry], plugins: list[str], profiles: list[str], number: int
    ) -> str:
        """A profile with its grants, its lends and its children."""
        parts = [f'schema = "capwright.profile/1"\nname = "{name}"']
        if number and self.likely(0.15):
            parts.append(f'extends = "{self.random.choice(profiles[:number])}"')
        parts.append(f"[scope]\n{self.allow(scope)}")
        if self.likely(0.4):
            parts.append(f"[delegable]\n{self.allow(self.narrowed(scope))}")
        for plugin in plugins:
            if self.likely(0.7):
                parts.append(self.enable(plugin, scope, plugins))
        for child in profiles[number:]:
            if self.likely(0.35 if child != name else 0.1):
                follows = '\nscope = "any-subset"' if self.likely(0.4) else ""
                parts.append(f'[[child]]\nprofile = "{child}"{follows}')
        return "\n".join(parts) + "\n"

    def enable(self, plugin: str, scope: list[Entry], plugins: list[str]) -> str:
        """An entry with grants within the scope, as a rule, and lends."""
        others = [other for other in plugins if other != plugin]
        lends = [
            replace(self.narrower(e), more=f'to = "project:{self.random.choice(others)}"')
            for e in scope
            if e.action != "tool.call" and self.likely(0.4)
        ]
        grants = [self.narrower(e) for e in scope if self.likely(0.8)]
        if self.likely(0.15):
            grants.append(self.entry(self.random.choice(["fs.read", "env.read", "tool.call"])))
        grant, lend = self.allow(grants, "grant"), self.allow(lends, "lend")
        return f'[[enable]]\nplugin = "project:{plugin}"\n{grant}\n{lend}'


def random_setting(seed: int, folder: Path) -> Setting:
    """The setting of a seed, written below `folder` (which must be new)."""
    files = Maker(Random(seed)).files()  # noqa: S311 - a repeatable choice is wanted, not a secret one
    host = folder / "host.toml"
    root = write(folder / "workspace", {k: v for k, v in files.items() if k != "../host.toml"})
    host.write_text(files["../host.toml"])
    workspace = load_workspace(root)
    return Setting(workspace, load_host_policy(workspace.root, {VARIABLE: str(host)}), "bubblewrap")
