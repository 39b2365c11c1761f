"""`never-grantable`: nobody asks for, is granted or may delegate what must stay with the host (G5, G6).

Formula: some entry of a document (a capability, or a declared effect of a tool) names an action of
`NEVER_GRANTABLE`. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import z3

from capwright_policy import reference
from capwright_policy.booleans import Term, conj, disj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.findings import Counterexample, Finding, Verdict
from capwright_policy.setting import Setting
from capwright_registry.capability import Capability, Plugin, Profile, ToolEffect
from capwright_registry.spans import Span
from capwright_registry.vocabulary import NEVER_GRANTABLE

_ID = "never-grantable"
_ACTION = z3.Int("action")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry that names an action, and whose it is; `resource` is the first that it names, as written."""

    subject: str
    agent: str
    plugin: str | None
    action: str
    resource: str
    span: Span


def _entries(setting: Setting) -> Iterator[_Entry]:
    workspace = setting.workspace
    for plugin in workspace.plugins:
        for one in _of_plugin(plugin):
            yield _entry(plugin.identity, "", plugin.identity, one)
    for profile in workspace.profiles:
        for capability in _own(profile):
            yield _entry(profile.name, profile.name, None, capability)
        for grant in profile.grants:
            subject = f"{profile.name}/{grant.identity}"
            for capability in (*grant.grant, *grant.lend):
                yield _entry(subject, profile.name, grant.identity, capability)
    for name, ceilings in (("ceiling", workspace.ceilings), ("host", setting.host.ceilings)):
        for tier, capabilities in ceilings.items():
            for capability in capabilities:
                yield _entry(f"{name}.{tier}", "", None, capability)


def _entry(subject: str, agent: str, plugin: str | None, one: Capability | ToolEffect) -> _Entry:
    resource = next(iter(one.written), "") if isinstance(one, Capability) else ""
    return _Entry(subject, agent, plugin, one.action, resource, one.span)


def _of_plugin(plugin: Plugin) -> Iterator[Capability | ToolEffect]:
    yield from plugin.requires
    for tool in plugin.tools:
        yield from tool.effects


def _own(profile: Profile) -> Iterator[Capability]:
    """The profile's own lists; what it extends is another profile's."""
    yield from profile.scope[0]
    if profile.delegable[0] is not profile.scope[0]:  # left out, it is the scope itself
        yield from profile.delegable[0]


def _claims(run: Run) -> Iterator[Claim]:
    # The action is an index into the vocabulary of forbidden actions; `len` stands for every other action.
    numbers = {name: number for number, name in enumerate(sorted(NEVER_GRANTABLE))}
    forbidden = disj(_ACTION == number for number in numbers.values())
    named = [conj((_ACTION == number, forbidden)) for number in range(len(numbers) + 1)]
    for entry in _entries(run.setting):
        yield _claim(entry, named[numbers.get(entry.action, len(numbers))])


def _claim(entry: _Entry, violation: Term) -> Claim:
    finding = Finding(
        _ID,
        Verdict.REFUTED,
        entry.subject,
        f"`{entry.action}` is never grantable: {NEVER_GRANTABLE.get(entry.action, '')}",
        entry.span,
        (),
        Counterexample(entry.agent, entry.plugin, entry.action, entry.resource, {}, (entry.subject,)),
        "remove the entry; there is no grant for it",
    )
    return Claim(entry.subject, violation, finding)


def _replay(setting: Setting, found: Counterexample) -> bool:
    return reference.asks_forbidden(setting, found.chain[0], found.action)


CHECK = claim_check(_ID, "G6", "no document names an action that must stay with the host", _claims, _replay)
