"""The finitely many cases that decide a question: each atom's witness in each cell's context.

Atoms partition the resources, cells the contexts, so that a property which holds in every case holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capwright_policy.authority import Authority
from capwright_policy.certificate import Ledger
from capwright_policy.contexts import Contexts, Reading
from capwright_policy.encoding import concrete
from capwright_policy.questions import Question
from capwright_policy.solver import Solver, Undecided
from capwright_policy.spaces import Space, space_of
from capwright_registry.errors import InternalError
from capwright_registry.patterns import Atom, TooComplex


@dataclass(frozen=True, slots=True)
class CaseMaker:
    """Writes cases into a proof's ledger."""

    ledger: Ledger
    contexts: Contexts
    solver: Solver

    def of_question(self, question: Question) -> list[int]:
        """The contexts of an inclusion question; all its cases go into the ledger."""
        outer = self.contexts.parent if question.outer_is_parent else self.contexts.own
        readings = [(question.inner, self.contexts.own), (question.outer, outer)]
        sides = (question.inner, question.outer)
        self.told_apart(question.inner, sides[1:], within=sides if question.disjoint else ())
        return self.cells(readings, question.outer_is_parent)

    def of_authority(self, authority: Authority) -> list[int]:
        """The contexts of an authority; all cases that its patterns tell apart go into the ledger."""
        self.told_apart(authority)
        return self.cells([(authority, self.contexts.own)], False)

    def cells(self, authorities: Sequence[tuple[Authority, Reading]], with_parent: bool) -> list[int]:
        """The numbers of one context for each cell. Raises `InternalError` where the solver gave up."""
        found = self.contexts.cells(authorities, with_parent, self.solver)
        if isinstance(found, Undecided):
            raise InternalError(f"no certificate: {found.reason}")
        return sorted(self.ledger.context(context) for context in found)

    def _space(self, action: str, authority: Authority, others: Sequence[Authority]) -> Space:
        try:
            return space_of(action, (authority, *others))
        except TooComplex as error:
            place = _place(authority, action)
            raise InternalError(f"no certificate for `{action}`{place}: {error}") from None

    def told_apart(
        self, authority: Authority, others: Sequence[Authority] = (), within: Sequence[Authority] = ()
    ) -> None:
        """By action of `authority`, a case for each class of resources that all these authorities tell apart.

        Also those outside: were a list to grow, the case that it would then hold is there already. With
        `within`, only those that are within one of these: no other is near to being in both of two.
        """
        for action in authority.actions():
            space = self._space(action, authority, others)
            self.ledger.case(
                action,
                *(a.witness for a in space.atoms if not within or any(_in(space, s, a) for s in within)),
            )


def _place(authority: Authority, action: str) -> str:
    """Where the first capability of the authority with this action stands."""
    return next((f" at {c.span}" for layer in authority.layers for c in layer.of(action)), "")


def _in(space: Space, authority: Authority, atom: Atom) -> bool:
    return concrete(space, authority, atom, lambda _: True)
