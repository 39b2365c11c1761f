"""The grant that a request needs: what is asked for, without what stands above it leaves out.

It is decided to be within everything above, and tried out, so that making it breaks nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from capwright_policy.authority import Authority, Layer, ceilings, scope_layers
from capwright_policy.checks import all_checks
from capwright_policy.checks.base import Check, Run
from capwright_policy.compile import compile_graph
from capwright_policy.narrowing import candidates
from capwright_policy.questions import Included, Question, included
from capwright_policy.setting import Holder, Setting
from capwright_policy.unmet import Gap, gap
from capwright_registry.capability import Capability, Grant
from capwright_registry.patterns import Region, TooComplex, overlap

#: The checks that one grant more can break, though it is within all that stands above it.
_OTHERS = ("deputy", "policy-write", "unmediated-effect")


@dataclass(frozen=True, slots=True)
class Barred:
    """No grant within this layer meets the request. `excepted`: the layer would, but for its exceptions."""

    layer: str
    excepted: bool


def grantable(run: Run, holder: Holder, request: Capability) -> Capability | Barred | None:
    """The request, all of its patterns kept, brought within the agent's scope and the ceilings.

    None where there may be one that could not be found.
    """
    found = request
    try:
        for layer in (*scope_layers(holder.profile), *ceilings(run.setting, holder)):
            peers = layer.of(request.action)
            missing = gap(request, peers, run.contexts, run.solver)
            if missing is not None:
                return Barred(layer.name, excepted=False) if isinstance(missing, Gap) else None
            if not any(_leaves(peer, request) for peer in peers):
                return Barred(layer.name, excepted=True)
            within = (c for c in candidates(run.setting, found, peers) if _meets(run, c, request))
            narrowed = next((c for c in within if _fits(run, c, layer)), None)
            if narrowed is None:
                return None
            found = narrowed
    except TooComplex:
        return None
    return found


def broken_by(run: Run, holder: Holder, capability: Capability) -> tuple[str, ...]:
    """The checks that would find something new if the holder were granted `capability` as well."""
    grant = replace(holder.grant, grant=(*holder.grant.grant, capability))
    before, after = (_found(run, _alone(run.setting, holder, g)) for g in (holder.grant, grant))
    return tuple(sorted({check for check, _ in after - before}))


def _meets(run: Run, candidate: Capability, request: Capability) -> bool:
    """Whether the candidate gives what is asked for, and something of each pattern."""
    asked = (p for p in request.on if _some(Region((p,), request.except_)))
    return gap(request, (candidate,), run.contexts, run.solver) is None and all(
        _leaves(candidate, replace(request, on=(pattern,))) for pattern in asked
    )


def _leaves(candidate: Capability, request: Capability) -> bool:
    here, asked = Region(candidate.on, candidate.except_), Region(request.on, request.except_)
    return overlap(here, asked) is not None


def _some(region: Region) -> bool:
    return overlap(region, region) is not None


def _fits(run: Run, candidate: Capability, layer: Layer) -> bool:
    question = Question(Authority((Layer("one", (candidate,)),)), Authority((layer,)))
    return isinstance(included(question, run.contexts, run.solver), Included)


def _alone(setting: Setting, holder: Holder, grant: Grant) -> Setting:
    """The setting with this agent alone, no other being concerned, and `grant` in the holder's place."""
    grants = tuple(grant if g is holder.grant else g for g in holder.profile.grants)
    profile = replace(holder.profile, grants=grants, children=())
    return replace(setting, workspace=replace(setting.workspace, profiles=(profile,)))


def _found(run: Run, setting: Setting) -> set[tuple[str, object]]:
    """The findings of the checks in question; one about the new entry has a place of its own."""
    tried = replace(run, setting=setting, graph=compile_graph(setting))
    outcomes = (check.run(tried) for check in _checks())
    return {(f.check, (f.subject, f.message, f.span)) for outcome in outcomes for f in outcome.findings}


def _checks() -> Iterator[Check]:
    return (check for check in all_checks() if check.id in _OTHERS)
