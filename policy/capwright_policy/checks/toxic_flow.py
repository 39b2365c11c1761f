"""`toxic-flow`: no agent joins, in one context, what the workspace says must not meet (G9).

`trifecta`: private data, content that a stranger may have written, and a way out. `rule-of-two`: the first
two, and a way out or a change that lasts. An agent has what its tools bring, those that its tools may call,
those of whatever it may spawn, and what other agents leave in files that these may read.

Formula: some context and, for each group of a rule, some tool with a label of the group that a member of the
delegation closure may call (for the first two groups: or that an agent which leaves files for it may call).
unsat iff the property holds. Sources: S. Willison, "The lethal trifecta for AI agents", 2025-06-16; Meta AI,
"Agents Rule of Two", 2025-10-31.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import z3

from capwright_policy import reference_flow
from capwright_policy.booleans import disj, lift
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.families import Family, Source, family_of, flow_contexts
from capwright_policy.findings import Counterexample, Finding, Related, Verdict
from capwright_policy.flows import GROUPS
from capwright_policy.setting import Setting, find_profile
from capwright_policy.solver import Sat, Undecided
from capwright_registry.capability import Flow
from capwright_registry.vocabulary import FlowRule, Label

_ID = "toxic-flow"
_WORDS: dict[FlowRule, str] = {
    "trifecta": "private data, untrusted content and a way out",
    "rule-of-two": "private data, untrusted content, and a way out or a lasting change",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """One group of a rule, and what may bring a label of it."""

    labels: tuple[Label, ...]
    sources: tuple[Source, ...]


def _run(run: Run) -> Outcome:
    flow = run.setting.workspace.flow
    if flow is None:
        return Outcome((), ())
    contexts = flow_contexts(run.setting)
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    for profile in run.setting.workspace.profiles:
        family = family_of(run.setting, profile, contexts, asked=not flow.ask_breaks)
        for rule in flow.rules:
            obligations.append(Obligation(_ID, f"{rule}/{profile.name}"))
            findings.extend(_decide(run, family, rule, flow))
    return Outcome(tuple(obligations), tuple(findings))


def _decide(run: Run, family: Family, rule: FlowRule, flow: Flow) -> Iterator[Finding]:
    groups = _groups(family, rule)
    if not all(group.sources for group in groups):
        return  # nothing brings a label of some group: the formula is false
    met = [lift(disj(source.reached for source in group.sources)) for group in groups]
    answer = run.solver.check(family.contexts.domain(), family.axioms, *met)
    if isinstance(answer, Sat):
        yield _finding(run.setting, family, rule, groups, answer.model, flow)
    elif isinstance(answer, Undecided):
        subject, span = f"{rule}/{family.root.name}", family.root.span
        yield Finding(_ID, Verdict.UNKNOWN, subject, answer.reason, span)


def _groups(family: Family, rule: FlowRule) -> list[_Group]:
    """The last group is what the agent does, which a file that another left does not do for it."""
    *brought, done = GROUPS[rule]
    found = [_Group(g, tuple(s for s in family.sources if s.labels & set(g))) for g in brought]
    own = (s for s in family.sources if s.labels & set(done) and not s.files)
    return [*found, _Group(done, tuple(own))]


def _finding(
    setting: Setting, family: Family, rule: FlowRule, groups: Sequence[_Group], model: z3.ModelRef, flow: Flow
) -> Finding:
    chosen = [_chosen(group, model) for group in groups]
    chain = tuple(node for source in chosen for node in family.chain(source, model))
    named = (f"`{s.tool}` ({_label(s, g)})" for s, g in zip(chosen, groups, strict=True))
    names = ", ".join(dict.fromkeys(named))
    return Finding(
        _ID,
        Verdict.REFUTED,
        f"{rule}/{family.root.name}",
        f"`{family.root.name}` joins {_WORDS[rule]}: {names}",
        family.root.span,
        _related(setting, chosen, flow),
        Counterexample(
            family.root.name, None, "", "", family.contexts.decode(model), (*chain, f"flow:{rule}")
        ),
        _help(chosen, flow),
    )


def _chosen(group: _Group, model: z3.ModelRef) -> Source:
    """What brings the label in the model, the nearest to the root first."""
    there = (s for s in group.sources if z3.is_true(model.eval(lift(s.reached), model_completion=True)))
    return min(there, key=lambda s: (bool(s.files), s.level, s.tool))


def _label(source: Source, group: _Group) -> str:
    found = sorted(source.labels & set(group.labels))
    return found[0] if source.labelled else "no label, so all of them"


def _related(setting: Setting, chosen: Sequence[Source], flow: Flow) -> tuple[Related, ...]:
    found = [Related(flow.span, "the rules of flow are here")]
    for agent in dict.fromkeys(source.agent for source in chosen):
        what = f"what `{agent}` may call is in this profile"
        found.append(Related(find_profile(setting, agent).span, what))
    return tuple(found)


def _help(chosen: Sequence[Source], flow: Flow) -> str:
    bare = sorted({source.tool for source in chosen if not source.labelled})
    if bare:
        return f"say under `[[flow.label]]` what {', '.join(f'`{tool}`' for tool in bare)} brings"
    asks = "" if flow.ask_breaks else ', or ask for one of them and write `breaks = ["ask"]` under `[flow]`'
    return f"take one of the three tools from this agent and its children{asks}"


def _replay(setting: Setting, found: Counterexample) -> bool:
    """The labels meet in the context of the counterexample, over the files that it names."""
    rule = found.chain[-1].removeprefix("flow:")
    files = [node.removeprefix("file:") for node in found.chain if node.startswith("file:")]
    return reference_flow.joins(setting, rule, found.agent, found.context, files)


CHECK = Check(_ID, "G9", "no agent joins what the workspace says must not meet", _run, _replay)
