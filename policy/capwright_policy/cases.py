"""The finitely many cases that decide a question: each atom's witness in each cell's context.

Atoms partition the resources, cells the contexts, so that a property which holds in every case holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from capwright_policy.authority import Authority
from capwright_policy.certificate import Ledger
from capwright_policy.contexts import Contexts, Reading
from capwright_policy.encoding import concrete
from capwright_policy.questions import Question
from capwright_policy.solver import Solver, Undecided
from capwright_policy.spaces import Space, space_of
from capwright_registry.canonical import segments
from capwright_registry.errors import InternalError
from capwright_registry.patterns import Atom, TooComplex
from capwright_registry.vocabulary import ACTIONS

#: By action, each case as its resource and that one's segments.
Cases = dict[str, list[list[object]]]


@dataclass(frozen=True, slots=True)
class CaseMaker:
    """Writes cases into a proof's ledger."""

    ledger: Ledger
    contexts: Contexts
    solver: Solver

    def of_question(self, question: Question) -> tuple[list[int], Cases]:
        """The contexts of an inclusion question, and its cases, within the inner side or not."""
        outer = self.contexts.parent if question.outer_is_parent else self.contexts.own
        readings = [(question.inner, self.contexts.own), (question.outer, outer)]
        cells = self.cells(readings, question.outer_is_parent)
        sides = (question.inner, question.outer)
        return cells, self.told_apart(question.inner, sides[1:], within=sides if question.disjoint else ())

    def of_authority(self, authority: Authority) -> tuple[list[int], Cases]:
        """The contexts of an authority, and all cases that its patterns tell apart, within it or not."""
        return self.cells([(authority, self.contexts.own)], False), self.told_apart(authority)

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
    ) -> Cases:
        """By action of `authority`, a case for each class of resources that all these authorities tell apart.

        Also those outside: were a list to grow, the case that it would then hold is there already. With
        `within`, only those that are within one of these: no other is near to being in both of two.
        """
        found: Cases = {}
        for action in authority.actions():
            space = self._space(action, authority, others)
            texts = [
                a.witness for a in space.atoms if not within or any(_in(space, one, a) for one in within)
            ]
            found[action] = [_case(ACTIONS[action].domain, text) for text in sorted(texts)]
        return found


def _place(authority: Authority, action: str) -> str:
    """Where the first capability of the authority with this action stands."""
    return next((f" at {c.span}" for layer in authority.layers for c in layer.of(action)), "")


def _in(space: Space, authority: Authority, atom: Atom) -> bool:
    return concrete(space, authority, atom, lambda _: True)


@lru_cache(maxsize=65536)
def _case(domain: str, text: str) -> list[object]:
    """The resource, then its segments; numbers as `["1"]`, for an IPv6 address is more than JSON holds."""
    return [text, *(s if isinstance(s, str) else [str(s)] for s in segments(domain, text))]
