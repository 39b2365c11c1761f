"""`grant-over-scope`: no profile grants a plugin more than the profile itself may do (G2).

Formula: some effect and context are within the grant and not within the agent's scope.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from capwright_policy import reference
from capwright_policy.authority import Authority, granted, scope_layers
from capwright_policy.checks.inclusion import Subject, inclusion_check
from capwright_policy.findings import Counterexample
from capwright_policy.questions import Question
from capwright_policy.setting import Setting, find_holder, holders


def _subjects(setting: Setting) -> Iterator[Subject]:
    for holder in holders(setting):
        name = holder.profile.name
        yield Subject(
            name=holder.subject,
            agent=name,
            plugin=holder.plugin.identity,
            inner=holder.grant.grant,
            question=Question(Authority((granted(holder),)), Authority(scope_layers(holder.profile))),
            message=f"`{name}` grants `{holder.plugin.identity}` more than its own scope",
            above=holder.profile.scope[0],
            above_name=f"the scope of `{name}`",
            above_span=holder.profile.span,
            fallback=holder.grant.span,
            chain=(f"agent:{name}", f"holder:{holder.subject}"),
        )


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    effect = (found.action, found.resource, found.context)
    return reference.allows(holder.grant.grant, *effect) and not reference.allows_all(
        holder.profile.scope, *effect
    )


CHECK = inclusion_check(
    "grant-over-scope", "G2", "every grant is within the scope of the agent that gives it", _subjects, _replay
)
