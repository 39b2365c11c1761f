"""The reference semantics of identity: whether what is there is what was named, said once more and plainly.

As `reference`, apart from the checks: versions and commands are compared by hand here, and what stands beside
a manifest is read anew from its bytes. An effect plays no part, so nothing depends on a context.
"""

from __future__ import annotations

import re
from string import ascii_letters, ascii_lowercase, digits
from typing import Final

from packaging.version import InvalidVersion, Version

from capwright_policy.reference_pins import approved_tools
from capwright_policy.setting import Holder, Setting, find_holder


def counts_on_more(setting: Setting, offered: str) -> bool:
    """G7: the host offers this interface, which is older than the one that the workspace counts on."""
    return offered == setting.host.api and Version(setting.workspace.api) > Version(offered)


def made_for_another_host(setting: Setting, agent: str, plugin: str, api: str) -> bool:
    """G7: an agent loads a plugin that is not made for an interface which the workspace or the host names."""
    made_for = str(find_holder(setting, agent, plugin).plugin.api)
    return api in (setting.workspace.api, setting.host.api) and not in_range(made_for, api)


def of_another_version(setting: Setting, agent: str, plugin: str, version: str) -> bool:
    """G7: the plugin is of this version, and the agent enables another one."""
    holder = find_holder(setting, agent, plugin)
    return version == holder.plugin.version and not in_range(str(holder.grant.version), version)


def in_range(range_: str, version: str) -> bool:
    """PEP 440, clause by clause. Where no clause asks for a pre-release, none is meant; no clause is all."""
    clauses = [clause.strip() for clause in range_.split(",") if clause.strip()]
    here = Version(version)
    if clauses and here.is_prerelease and not any(map(_asks_for_prerelease, clauses)):
        return False
    return all(_in_clause(clause, here) for clause in clauses)


def _split(clause: str) -> tuple[str, str]:
    sign = clause[: len(clause) - len(clause.lstrip("=<>!~"))]
    return sign, clause[len(sign) :].strip()


def _asks_for_prerelease(clause: str) -> bool:
    sign, named = _split(clause)
    try:
        return sign not in ("<", "<=", "!=") and Version(named.removesuffix(".*")).is_prerelease
    except InvalidVersion:
        return False


def _in_clause(clause: str, here: Version) -> bool:
    sign, named = _split(clause)
    if sign == "===":
        return str(here).lower() == named.lower()
    if named.endswith(".*"):
        return _begins(here, Version(named[:-2]).release, Version(named[:-2]).epoch) is (sign == "==")
    there = Version(named)
    same = here == there if there.local else Version(here.public) == there
    if sign in ("==", "!="):
        return same is (sign == "==")
    if sign == "~=":
        return Version(here.public) >= there and _begins(here, there.release[:-1], there.epoch)
    if sign in (">=", "<="):
        return Version(here.public) >= there if sign == ">=" else Version(here.public) <= there
    return _strictly(sign, here, there)


def _strictly(sign: str, here: Version, there: Version) -> bool:
    """`<V` holds no pre-release of `V` unless `V` is one; `>V` no post-release or local build of `V`."""
    if sign == "<":
        plain = there.is_prerelease or not here.is_prerelease
        return here < there and (plain or here < Version(f"{there.public}.dev0"))
    before = Version(here.public.partition(".post")[0].partition(".dev")[0])
    after = here.is_postrelease and not there.is_postrelease and before == there
    return here > there and not after and Version(here.public) != there


def _begins(here: Version, release: tuple[int, ...], epoch: int) -> bool:
    own = (here.release + (0,) * len(release))[: len(release)]
    return here.epoch == epoch and own == release


def has_no_pins(setting: Setting, agent: str, plugin: str | None) -> bool:
    """G7: an agent loads a server of which nothing was approved."""
    runtime = find_holder(setting, agent, plugin).plugin.runtime
    return runtime["kind"] == "mcp" and "pins" not in runtime


def lacks_pin(setting: Setting, agent: str, plugin: str | None, tool: str) -> bool:
    """G7: a tool that a server declares, or that a list of the agent names, was not approved."""
    holder = find_holder(setting, agent, plugin)
    identities = [f"{plugin}/{name}" for name in approved_tools(setting, holder.plugin)]
    known = tool in [t.identity for t in holder.plugin.tools] or _names(holder, tool)
    return holder.plugin.kind == "mcp" and known and tool not in identities


def _names(holder: Holder, tool: str) -> bool:
    """Whether a rule lets the tool be called, or a grant speaks of it, by just this name."""
    profile = holder.profile
    rules = [rule.pattern for rule in profile.permissions if rule.action in ("allow", "ask")]
    given = [c for grant in profile.grants for c in (*grant.grant, *grant.lend)]
    granted = [p for c in given if c.action in ("tool.call", "tool.provide") for p in c.on]
    return tool in [pattern.canonical for pattern in (*rules, *granted)]


def starts_whatever_is_published(setting: Setting, agent: str, plugin: str | None, package: str) -> bool:
    """G7: a server's command has a runner fetch a package, and does not say which one exactly."""
    command = find_holder(setting, agent, plugin).plugin.document.model.runtime.model_dump()["command"]
    words = [word.strip("\"'") for part in command for word in (part, *re.split(r"[\s;&|()<>`=]+", part))]
    programs = {re.sub(r"\.\w+$", "", re.split(r"[/\\]", word)[-1]).lower() for word in words}
    named = _unquoted(package) in _unquoted(" ".join(command))
    return named and any(programs & tools and not says(package) for tools, says in _FETCHING)


def _unquoted(text: str) -> str:
    """Without what a shell may take out, and without spaces."""
    return "".join(char for char in text if not char.isspace() and char not in "\"'\\")


def _says_npm_version(package: str) -> bool:
    name, _, version = package.rpartition("@")
    numbers = re.split("[-+]", version.lstrip("=v"))[0]
    build = version.lstrip("=v")[len(numbers) :]
    plain = numbers.count(".") == 2 and all(part.isdigit() for part in numbers.split("."))
    built = not build or (len(build) > 1 and set(build) <= {*ascii_letters, *digits, *"-+."})
    alias, _, target = name.rpartition("@npm:")
    named = _is_npm_name(target) and (alias == "" != name[:1] or _is_npm_name(alias))
    return (named and version.isascii() and plain and built) or _says_commit(package, "#")


def _is_npm_name(name: str) -> bool:
    """`NAME` or `@SCOPE/NAME`, of the characters that a registry takes."""
    parts = name.removeprefix("@").split("/")
    marks = {*ascii_letters, *digits, *"._~-"}
    return len(parts) == 1 + name.startswith("@") and all(part and set(part) <= marks for part in parts)


def _says_python_version(package: str) -> bool:
    if "://" in package:
        return _says_commit(package, "@")
    name, _, version = re.sub("===?", "@", package.split(";")[0]).partition("@")
    plain, bracket, extras = name.strip().partition("[")
    named = (
        0 < len(plain) and set(plain) <= _WORD and (not bracket or extras.find("]") + 1 == len(extras) > 0)
    )
    try:
        return named and bool(Version(version.strip()).release)
    except InvalidVersion:
        return False


def _says_digest(package: str) -> bool:
    kind, _, digest = package.split("@")[-1].partition(":")
    return kind == "sha256" and len(digest) == 64 and set(digest) <= _HEX


def _says_commit(package: str, mark: str) -> bool:
    repository, _, commit = package.rpartition(mark)
    return _is_of_git(repository) and len(commit) in (40, 64) and set(commit) <= _HEX


def _is_of_git(repository: str) -> bool:
    """By a scheme of Git, at a host that is known for it, or `OWNER/NAME`; perhaps after `NAME @`."""
    if set("#?") & {*repository}:
        return False
    first, _, later = repository.partition("@")
    named = first.strip() if first else "@" + later.partition("@")[0].strip()
    address = (later if first else later.partition("@")[2]).lstrip()
    return _is_git_address(repository) or (_is_short_name(named) and _is_git_address(address))


def _is_git_address(text: str) -> bool:
    scheme, colon, rest = text.partition(":")
    owner, _, name = text.partition("/")
    if not colon:
        return all(part and set(part) <= _WORD for part in (owner, name))
    if any(char.isspace() for char in rest):
        return False
    if scheme in ("github", "gitlab", "bitbucket", "gist"):
        return bool(rest)
    if scheme.startswith("git@"):
        return "/" not in scheme and len(scheme) > 4 and bool(rest)
    host, _, path = rest.removeprefix("//").partition("/")
    plus = scheme.removeprefix("git+")
    of_git = scheme == "git" or (plus != scheme and 0 < len(plus) and set(plus) <= {*ascii_lowercase})
    return of_git and rest.startswith("//") and bool(host) and bool(path)


def _is_short_name(name: str) -> bool:
    parts = name.removeprefix("@").split("/")
    return len(parts) == 1 + name.startswith("@") and all(part and set(part) <= _WORD for part in parts)


_HEX: Final = frozenset("0123456789abcdef")
_WORD: Final = frozenset(ascii_letters + digits + "._-")
#: Who fetches packages, and when a name of one says what will be fetched.
_FETCHING: Final = (
    ({"npx", "pnpx", "bunx", "npm", "pnpm", "yarn", "bun"}, _says_npm_version),
    ({"uvx", "uv", "pipx"}, _says_python_version),
    ({"docker", "podman", "nerdctl"}, _says_digest),
)
