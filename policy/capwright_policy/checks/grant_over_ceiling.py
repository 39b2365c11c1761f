"""`grant-over-ceiling`: no grant exceeds the ceiling of the plugin's tier, the workspace's or the host's
(G2).

Formula: some effect and context are within the grant and not within the ceiling. unsat iff the property
holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy import reference
from capwright_policy.authority import Authority, Layer, ceilings, granted
from capwright_policy.checks.inclusion import Subject, inclusion_check
from capwright_policy.findings import Counterexample
from capwright_policy.questions import Question
from capwright_policy.setting import Holder, Setting, find_holder, holders, origin
from capwright_registry.capability import CapabilityList
from capwright_registry.spans import Span


def _subjects(setting: Setting) -> Iterator[Subject]:
    for holder in holders(setting):
        for layer in ceilings(setting, holder):
            yield _subject(setting, holder, layer)


def _subject(setting: Setting, holder: Holder, layer: Layer) -> Subject:
    agent, host = holder.profile.name, layer.name == "host"
    tier = origin(setting, holder.plugin) if host else holder.plugin.tier
    above = f"the ceiling of tier `{tier}`" + (" in the host policy" if host else "")
    return Subject(
        name=holder.subject,
        agent=agent,
        plugin=holder.plugin.identity,
        inner=holder.grant.grant,
        question=Question(Authority((granted(holder),)), Authority((layer,))),
        message=f"`{agent}` grants `{holder.plugin.identity}` more than {above}",
        above=layer.capabilities,
        above_name=above,
        above_span=_span(setting, layer.capabilities),
        fallback=holder.grant.span,
        chain=(f"ceiling:{tier}", f"agent:{agent}", f"holder:{holder.subject}"),
    )


def _span(setting: Setting, capabilities: CapabilityList) -> Span:
    return capabilities[0].span if capabilities else Span(setting.host.source)


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    effect = (found.action, found.resource, found.context)
    return reference.allows(holder.grant.grant, *effect) and not reference.under_ceilings(
        setting, holder, *effect
    )


CHECK = inclusion_check(
    "grant-over-ceiling", "G2", "every grant is within the ceilings of the plugin's tier", _subjects, _replay
)
