"""`unpinned`: what a server says of its tools, and the package that it comes in, were approved (G7).

An enabled MCP plugin has pins; they hold every tool that its manifest declares, and every tool of it that a
permission rule (but one that denies) or a grant of an agent which enables it names outright. Where its
command names a package to a package runner, it names one exact version (`launchers.py` says what that is).

Formula: some enabled server has no pins, or some tool or package of it is named and not pinned. unsat iff the
property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import z3

from capwright_policy import reference_identity as reference
from capwright_policy.booleans import conj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.findings import Counterexample, Finding, Related, Verdict
from capwright_policy.launchers import Kind, Package, declared_command, packages
from capwright_policy.setting import Holder, Setting, enabled
from capwright_registry.capability import Capability, Plugin, Profile
from capwright_registry.patterns import Pattern
from capwright_registry.patterns.elements import Word
from capwright_registry.pins import Pins
from capwright_registry.spans import Span

_ID = "unpinned"
_NAMED = z3.Bool("named")
#: Actions whose resource is a tool.
_ON_TOOLS = ("tool.call", "tool.provide")
_LIKE: dict[Kind, str] = {"npm": "NAME@1.2.3", "pypi": "NAME==1.2.3", "image": "NAME@sha256:..."}


def _claims(run: Run) -> Iterator[Claim]:
    for plugin, users in enabled(run.setting):
        if plugin.kind == "mcp":
            yield Claim(plugin.identity, conj((_NAMED, plugin.pins is None)), _without_pins(users[0]))
            if plugin.pins is not None:
                yield from _tools(plugin, users, run.pins[plugin.folder])
            for package in packages(declared_command(plugin)):
                yield Claim(plugin.identity, conj((_NAMED, not package.exact)), _inexact(users[0], package))


def _tools(plugin: Plugin, users: tuple[Holder, ...], pins: Pins) -> Iterator[Claim]:
    declared = {tool.identity for tool in plugin.tools}
    for tool in plugin.tools:
        where = f"the manifest declares `{tool.identity}`, which the pins do not hold"
        yield _claim(tool.identity, tool.identity, users[0], pins, where, tool.span)
    for user in users:
        for identity, span, what in _mentions(user.profile):
            if identity.rpartition("/")[0] == plugin.identity and identity not in declared:
                where = f"{what} of `{user.profile.name}` names `{identity}`, which the pins do not hold"
                yield _claim(f"{user.profile.name}/{identity}", identity, user, pins, where, span)


def _mentions(profile: Profile) -> Iterator[tuple[str, Span, str]]:
    """Every tool that the profile names outright, each place once: identity, place, and what names it."""
    for rule in profile.permissions:
        if rule.action != "deny":
            yield from ((name, rule.span, "a rule") for name in _outright(rule.pattern))
    for grant in profile.grants:
        for capability in chain(grant.grant, grant.lend):
            yield from ((name, span, "a grant") for name, span in _of_capability(capability))


def _of_capability(capability: Capability) -> Iterator[tuple[str, Span]]:
    if capability.action in _ON_TOOLS:
        for pattern, span in zip(capability.on, capability.on_spans, strict=True):
            yield from ((name, span) for name in _outright(pattern))


def _outright(pattern: Pattern) -> Iterator[str]:
    """The one name that the pattern matches; nothing where it matches more than one."""
    for elements in pattern.elements:
        words = [element.text for element in elements if isinstance(element, Word)]
        if len(words) == len(elements):
            yield "".join(words)


def _claim(subject: str, tool: str, user: Holder, pins: Pins, message: str, span: Span) -> Claim:
    plugin, name = user.plugin, tool.rpartition("/")[2]
    finding = Finding(
        _ID,
        Verdict.REFUTED,
        subject,
        message,
        span,
        (Related(plugin.document.span("runtime", "pins"), "the pins are named here"),),
        _scenario(user, f"tool:{tool}"),
        f"review the tool and run `capwright pin --plugin {plugin.id}`; or take it out here",
    )
    return Claim(subject, conj((_NAMED, name not in pins.tools)), finding)


def _without_pins(user: Holder) -> Finding:
    plugin = user.plugin
    return Finding(
        _ID,
        Verdict.REFUTED,
        plugin.identity,
        f"`{plugin.identity}` has no pins: its tools are whatever the server says when it is loaded",
        plugin.document.span("runtime"),
        (),
        _scenario(user, "pins:"),
        f"run `capwright pin --plugin {plugin.id}`, review the file, and name it by `pins` under `[runtime]`",
    )


def _inexact(user: Holder, package: Package) -> Finding:
    plugin = user.plugin
    return Finding(
        _ID,
        Verdict.REFUTED,
        plugin.identity,
        f"`{package.runner}` starts `{package.name}` in whatever version is published when it runs",
        plugin.document.span("runtime", "command", package.place),
        (),
        _scenario(user, f"package:{package.name}"),
        f"name what was reviewed, as in `{_LIKE[package.kind]}`, and pin the server again",
    )


def _scenario(user: Holder, what: str) -> Counterexample:
    chain_ = (f"agent:{user.profile.name}", f"plugin:{user.plugin.identity}", what)
    return Counterexample(user.profile.name, user.plugin.identity, "", "", {}, chain_)


def _replay(setting: Setting, found: Counterexample) -> bool:
    kind, _, name = found.chain[-1].partition(":")
    if kind == "package":
        return reference.starts_whatever_is_published(setting, found.agent, found.plugin, name)
    if kind == "pins":
        return reference.has_no_pins(setting, found.agent, found.plugin)
    return reference.lacks_pin(setting, found.agent, found.plugin, name)


CHECK = claim_check(_ID, "G7", "every server and every tool of one was approved as it is", _claims, _replay)
