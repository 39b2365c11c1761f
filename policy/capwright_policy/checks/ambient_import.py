"""`ambient-import`: a component imports only host interfaces whose action it was granted (G2, G4).

Imports are read from the artifact, not from its manifest, and by exact version: another version of a known
interface is another interface, which nothing mediates.

Formula: some import of the artifact has no action, or one outside the authority of a holder of the plugin.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import z3

from capwright_policy import reference
from capwright_policy.asking import effect_edits, request_edit
from capwright_policy.authority import Authority, Layer, ceilings, effective, scope_layers
from capwright_policy.booleans import conj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.granting import grantable
from capwright_policy.proposals import grant_edit, listed
from capwright_policy.questions import Included, Question, included
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.interfaces import INTERFACES
from capwright_registry.patterns import Region, overlap
from capwright_registry.spans import Span

_ID = "ambient-import"
_LINKED = z3.Bool("linked")


def _claims(run: Run) -> Iterator[Claim]:
    for plugin in run.setting.workspace.plugins:
        imports = run.imports.get(plugin.folder, ())
        using = [h for h in holders(run.setting) if h.plugin is plugin] if imports else []
        for name in imports if using else ():
            without = [h for h in using if not _granted(run.setting, h, name)]
            violation = conj((_LINKED, z3.BoolVal(bool(without))))
            yield Claim(plugin.identity, violation, _finding(run, without, using, name))


def _granted(setting: Setting, holder: Holder, name: str) -> bool:
    return INTERFACES.get(name) in effective(setting, holder).actions()


def _finding(run: Run, without: list[Holder], using: list[Holder], name: str) -> Finding:
    """One finding an import, for all the agents that enable the plugin and do not grant it."""
    first, action = (without or using)[0], INTERFACES.get(name)
    plugin = first.plugin.identity
    agents = ", ".join(f"`{h.profile.name}`" for h in without)
    what = f"`{action}`, which {agents} did not grant it" if action else "no action that the host mediates"
    help_, edits = _mend(run, without, name, action) if without else ("", ())
    return Finding(
        _ID,
        Verdict.REFUTED,
        plugin,
        f"the artifact of `{plugin}` imports `{name}`: {what}",
        artifact_span(first),
        tuple(Related(h.grant.grant_span, f"what `{h.profile.name}` grants it is here") for h in without),
        Counterexample(
            first.profile.name,
            plugin,
            action or "",
            _witness(first, action),
            {},
            (f"holder:{first.subject}", f"import:{name}"),
        ),
        help_,
        edits,
    )


def artifact_span(holder: Holder) -> Span:
    """Where the manifest names the artifact."""
    return holder.plugin.document.span("runtime", "artifact")


def _scope(holder: Holder, action: str | None) -> tuple[Capability, ...]:
    return tuple(c for c in holder.profile.scope[0] if c.action == action)


def _witness(holder: Holder, action: str | None) -> str:
    """A resource that the agent itself may reach with the action, so that the plugin could take it there."""
    regions = (Region(c.on, c.except_) for c in _scope(holder, action))
    return next((found for region in regions if (found := overlap(region, region)) is not None), "")


def _mend(run: Run, without: list[Holder], name: str, action: str | None) -> tuple[str, tuple[Edit, ...]]:
    """Rebuilding is the safe way; what else it takes is offered where every agent's scope allows it."""
    rebuild = f"build the artifact without `{name}`"
    offers = [_offer(run, holder, action) for holder in without] if action else [None]
    found = [capability for capability in offers if capability is not None]
    if action is None or len(found) < len(offers):
        return f"{rebuild}; no grant within the scopes of these agents could cover it", ()
    plugin = without[0].plugin
    patterns = tuple(dict.fromkeys(p for c in found for p in c.on))
    asked = replace(found[0], on=patterns, except_=(), when=None, until=None)
    steps = {
        "request": () if _of(plugin.requires, action) else (request_edit(plugin, asked),),
        "grant": _grants(without, found, action),
        "declare": effect_edits(plugin, action),
    }
    told = _told(
        [step for step, edits in steps.items() if edits != ()], action, listed(p.text for p in patterns)
    )
    # Fewer edits than it takes would verify, and then not run.
    whole = all(edits is not None for edits in steps.values())
    return f"{rebuild}; or, if it is meant, {told}", tuple(
        edit for edits in steps.values() for edit in edits or () if whole
    )


def _told(steps: list[str], action: str, patterns: str) -> str:
    given = " and ".join(step for step in steps if step != "declare")
    told = [f"{given} `{action}` on `{patterns}`"] if given else []
    declare = "declare it in the `effects` of the tools that cause it"
    return " and ".join([*told, *([declare] if "declare" in steps else [])])


def _grants(without: list[Holder], found: list[Capability], action: str) -> tuple[Edit, ...] | None:
    """The grants that are missing; None where one of them has no small edit."""
    edits: list[Edit] = []
    for holder, capability in zip(without, found, strict=True):
        if not _of(holder.grant.grant, action):
            edit = grant_edit(holder, capability)
            if not edit:
                return None
            edits.extend(edit)
    return tuple(edits)


def _offer(run: Run, holder: Holder, action: str) -> Capability | None:
    """What the agent could grant: what it grants already, what was asked for, else what its scope holds."""
    granted, asked = _of(holder.grant.grant, action), _of(holder.plugin.requires, action)
    if granted or not asked:
        return next((c for c in granted or _scope(holder, action) if _allowed(run, holder, c)), None)
    offers = (grantable(run, holder, request) for request in asked)
    return next((c for c in offers if isinstance(c, Capability)), None)


def _of(capabilities: CapabilityList, action: str) -> CapabilityList:
    return tuple(c for c in capabilities if c.action == action)


def _allowed(run: Run, holder: Holder, capability: Capability) -> bool:
    """Whether the scope and the ceilings allow it."""
    above = Authority((*scope_layers(holder.profile), *ceilings(run.setting, holder)))
    question = Question(Authority((Layer("one", (capability,)),)), above)
    return isinstance(included(question, run.contexts, run.solver), Included)


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    return reference.imports_ungranted(setting, holder, found.chain[-1].removeprefix("import:"))


CHECK = claim_check(_ID, "G4", "every import of an artifact is granted", _claims, _replay)
