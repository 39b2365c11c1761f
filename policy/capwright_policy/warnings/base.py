"""What a warning is: a code, what it says in general, and a way to find it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from capwright_policy.booleans import Term, lift
from capwright_policy.checks.base import Run
from capwright_policy.findings import Note
from capwright_policy.setting import Holder
from capwright_registry.capability import Capability


@dataclass(frozen=True, slots=True)
class Warner:
    """One kind of warning. `found` yields it only where it is decided that it is so."""

    code: str
    title: str
    found: Callable[[Run], Iterator[Note]]


def never(run: Run, term: Term) -> bool:
    """Whether it is decided that the term holds in no context."""
    return term is False or (
        not isinstance(term, bool) and run.contexts.possible(lift(term), run.solver) is False
    )


def own(holder: Holder, capability: Capability) -> bool:
    """Whether the profile itself writes the entry; one of a set of the workspace is others' too."""
    return capability.span.file == holder.profile.document.file and not capability.never
