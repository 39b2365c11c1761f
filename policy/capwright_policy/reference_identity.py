"""The reference semantics of identity: whether what is there is what was named, said once more and plainly.

As `reference`, apart from the checks: versions and commands are compared by hand here, and what stands beside
a manifest is read anew from its bytes. An effect plays no part, so nothing depends on a context.
"""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from capwright_policy.setting import Setting, find_holder


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
