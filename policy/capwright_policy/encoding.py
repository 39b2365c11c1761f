"""Authority as formulas: which effects of a space, in which contexts.

The resource is one integer constant that ranges over the atoms of the question's space; conditions are
formulas over the context's constants. No string theory: patterns have become atoms before the solver sees
them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capwright_policy.authority import Authority
from capwright_policy.booleans import Term, conj, disj
from capwright_policy.contexts import Reading
from capwright_policy.spaces import Space
from capwright_registry.capability import Capability
from capwright_registry.patterns import Atom


@dataclass(frozen=True, slots=True)
class Encoder:
    """Encodes authority over one space under one reading of the context."""

    space: Space
    reading: Reading

    def within(self, authority: Authority, atom: Atom) -> Term:
        """True exactly in the contexts in which the effects of `atom` are within `authority`."""
        return conj(
            disj(
                self.reading.guard(capability)
                for capability in layer.of(self.space.action)
                if self.space.contains(capability, atom)
            )
            for layer in authority.layers
        )


def concrete(space: Space, authority: Authority, atom: Atom, holds: Callable[[Capability], bool]) -> bool:
    """The same membership decided in one context: `holds` says whether a capability's guard is true in it."""
    return all(
        any(holds(c) for c in layer.of(space.action) if space.contains(c, atom)) for layer in authority.layers
    )
