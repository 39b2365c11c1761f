"""Whether a request is met: each effect of it granted in some context, exceptions set aside (decision 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from capwright_policy.authority import Authority, Layer
from capwright_policy.booleans import conj, lift
from capwright_policy.contexts import Contexts
from capwright_policy.encoding import Encoder
from capwright_policy.solver import Sat, Solver, Undecided
from capwright_policy.spaces import space_of
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.patterns import Atom, TooComplex


@dataclass(frozen=True, slots=True)
class Gap:
    """A resource that is asked for in `context`, and given in no context in which it is asked for."""

    resource: str
    context: Mapping[str, object]


def gap(
    request: Capability, given: CapabilityList, contexts: Contexts, solver: Solver
) -> Gap | Undecided | None:
    """Where `given`, without its exceptions, falls short of `request`; None where it does not.

    For each class of resources within the request: some context is within the request and within `given`
    without its exceptions. sat for each iff the answer is None.
    """
    given = tuple(replace(c, except_=()) if c.except_ else c for c in given if c.action == request.action)
    if any(c.when is None and c.until is None and set(request.on) <= {*c.on} for c in given):
        return None  # word for word, and always
    asked = Authority((Layer("requested", (request,)),))
    open_handed = Authority((Layer("given", given),))
    try:
        space = space_of(request.action, (asked, open_handed))
    except TooComplex as error:
        return Undecided(str(error))
    for atom in space.atoms:
        if space.contains(request, atom):
            context = _missing(Encoder(space, contexts.own), atom, asked, open_handed, contexts, solver)
            if isinstance(context, Undecided):
                return context
            if context is not None:
                return Gap(atom.witness, context)
    return None


def _missing(
    encoder: Encoder, atom: Atom, asked: Authority, given: Authority, contexts: Contexts, solver: Solver
) -> Mapping[str, object] | Undecided | None:
    """A context in which the atom is asked for, if there is none in which it is also given."""
    wants = encoder.within(asked, atom)
    both = conj((wants, encoder.within(given, atom)))
    if both is True:
        return None
    possible = contexts.possible(lift(both), solver)
    if possible is not False:
        return possible if isinstance(possible, Undecided) else None
    asks = solver.check(contexts.domain(), lift(wants))
    if isinstance(asks, Sat):
        return contexts.decode(asks.model)
    return asks if isinstance(asks, Undecided) else None
