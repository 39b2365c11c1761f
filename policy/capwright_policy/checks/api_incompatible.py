"""`api-incompatible`: whatever is loaded was made for the host that loads it (G7).

A plugin's `api` range holds the interface that the workspace counts on and the one that the host offers; an
enabled plugin is of a version that the `[[enable]]` names; and the host offers what the workspace counts on.
Ranges are those of PEP 440. A pre-release lies in a range only where a lower bound or an equality of it names
one (decision 11); the empty range holds every version.

Formula: some enabled plugin, interface or version lies outside of its range. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3
from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from capwright_policy import reference_identity as reference
from capwright_policy.booleans import conj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.findings import Counterexample, Finding, Related, Verdict
from capwright_policy.setting import Holder, Setting, enabled, holders
from capwright_registry.capability import Plugin
from capwright_registry.spans import Span

_ID = "api-incompatible"
_LOADED = z3.Bool("loaded")
_OPENING = frozenset({">=", ">", "==", "~=", "==="})


def _claims(run: Run) -> Iterator[Claim]:
    yield _host(run.setting)
    for plugin, users in enabled(run.setting):
        for api, whose, span in _offers(run.setting):
            outside = conj((_LOADED, not _holds(plugin.api, api)))
            yield Claim(plugin.identity, outside, _finding(plugin, users[0], f"{whose} `{api}`", api, span))
    for holder in holders(run.setting):
        outside = conj((_LOADED, not _holds(holder.grant.version, holder.plugin.version)))
        yield Claim(holder.subject, outside, _other_version(holder))


def _holds(range_: SpecifierSet, version: str) -> bool:
    if Version(version).is_prerelease and len(range_) and not any(map(_names_prerelease, range_)):
        return False
    return range_.contains(version, prereleases=True)


def _names_prerelease(bound: Specifier) -> bool:
    try:
        named = Version(bound.version.removesuffix(".*"))
    except InvalidVersion:  # what `===` compares may be any text
        return False
    return bound.operator in _OPENING and named.is_prerelease


def _offers(setting: Setting) -> Iterator[tuple[str, str, Span]]:
    """The interfaces that a plugin meets, each once: what the workspace counts on, what the host has."""
    workspace, host = setting.workspace, setting.host
    yield workspace.api, "the workspace counts on", workspace.document.span("host", "api")
    if host.api != workspace.api:
        yield host.api, "this host offers", Span(host.source)


def _host(setting: Setting) -> Claim:
    workspace, host = setting.workspace, setting.host
    newer = Version(workspace.api) > Version(host.api)
    finding = Finding(
        _ID,
        Verdict.REFUTED,
        workspace.name,
        f"the workspace counts on the host interface `{workspace.api}`, and this host offers `{host.api}`",
        workspace.document.span("host", "api"),
        (Related(Span(host.source), "the host policy that says so"),),
        Counterexample("", None, "", "", {}, (f"host-api:{host.api}",)),
        f"use a host that offers it; or count on `{host.api}`, if that is enough",
    )
    return Claim(workspace.name, conj((_LOADED, newer)), finding)


def _finding(plugin: Plugin, user: Holder, offered: str, api: str, span: Span) -> Finding:
    chain = (f"agent:{user.profile.name}", f"plugin:{plugin.identity}", f"host-api:{api}")
    return Finding(
        _ID,
        Verdict.REFUTED,
        plugin.identity,
        f"`{plugin.identity}` is made for the host interface `{plugin.api}`, and {offered}",
        plugin.document.span("api"),
        (Related(span, offered),),
        Counterexample(user.profile.name, plugin.identity, "", "", {}, chain),
        f"use a release of the plugin that is made for `{api}`{_hint(api)}",
    )


def _other_version(holder: Holder) -> Finding:
    plugin, number = holder.plugin, holder.profile.grants.index(holder.grant)
    wanted, version = holder.grant.version, plugin.version
    chain = (f"agent:{holder.profile.name}", f"plugin:{plugin.identity}", f"version:{version}")
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"`{holder.profile.name}` enables `{plugin.identity}` in `{wanted}`, and it is `{version}`",
        holder.profile.document.span("enable", number, "version"),
        (Related(plugin.document.span("version"), "what is there"),),
        Counterexample(holder.profile.name, plugin.identity, "", "", {}, chain),
        f"review `{version}` and name it in the range; or put a version of `{wanted}` there{_hint(version)}",
    )


def _hint(version: str) -> str:
    pre = Version(version).is_prerelease
    return f"; a range holds a pre-release only where it names one, like `>={version}`" if pre else ""


def _replay(setting: Setting, found: Counterexample) -> bool:
    what, _, version = found.chain[-1].partition(":")
    if found.plugin is None:
        return reference.counts_on_more(setting, version)
    if what == "version":
        return reference.of_another_version(setting, found.agent, found.plugin, version)
    return reference.made_for_another_host(setting, found.agent, found.plugin, version)


CHECK = claim_check(_ID, "G7", "every plugin is for this host, and of the version meant", _claims, _replay)
