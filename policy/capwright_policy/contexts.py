"""The context as the solver sees it: an agent's own, its parent's, and the finitely many cells they fall
into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import z3

from capwright_policy.authority import Authority
from capwright_policy.booleans import Term, conj
from capwright_policy.conditions_z3 import Symbols, to_z3
from capwright_policy.least import least
from capwright_policy.setting import Setting, stated
from capwright_policy.solver import Sat, Solver, Undecided
from capwright_registry.capability import Capability
from capwright_registry.conditions import Condition, Variable

MICROSECONDS = 1_000_000
#: More cells than this in one question and the certificate would list cases nobody can read.
MOST_CELLS = 1024


_Cells = list[dict[str, object]] | Undecided


@dataclass(frozen=True, slots=True)
class Reading:
    """Conditions read over one set of constants."""

    symbols: Symbols
    _guards: dict[object, Term] = field(default_factory=dict, compare=False)

    def condition(self, condition: Condition | None) -> Term:
        """When a condition holds; always, where there is none."""
        return True if condition is None else to_z3(condition.ast, self.symbols)

    def guard(self, capability: Capability) -> Term:
        """When the capability holds: its condition, before its end."""
        if capability.when is None and capability.until is None:
            return True
        key = None if capability.when is None else capability.when.ast, capability.until
        if key not in self._guards:
            self._guards[key] = self._guard(capability)
        return self._guards[key]

    def _guard(self, capability: Capability) -> Term:
        terms: list[Term] = []
        if capability.when is not None:
            terms.append(to_z3(capability.when.ast, self.symbols))
        if capability.until is not None:
            terms.append(self.symbols.constant("now") < int(capability.until.timestamp()) * MICROSECONDS)
        return conj(terms)


class Contexts:
    """The constants of an agent's context and, one `depth` above, of its parent's."""

    def __init__(self, variables: Mapping[str, Variable], conditions: Iterable[Condition]) -> None:
        symbols = Symbols(variables, tuple(conditions))
        depth = symbols.constant("depth")
        above = {name: symbols.constant(name) for name in variables} | {"depth": depth - 1}
        self.own = Reading(symbols)
        self.parent = Reading(symbols.copy("^", above))
        self._below = {0: self.own}
        self._cells: dict[tuple[bool, frozenset[int]], tuple[Sequence[z3.BoolRef], _Cells]] = {}
        self._possible: dict[int, z3.BoolRef] = {}

    def below(self, levels: int) -> Reading:
        """The context of an agent so many levels below: the same, at so much more `depth`."""
        if levels not in self._below:
            same = dict(self.own.symbols.constants)
            deeper = same | {"depth": self.own.symbols.constant("depth") + levels}
            self._below[levels] = Reading(self.own.symbols.copy(f"+{levels}", deeper))
        return self._below[levels]

    def domain(self, with_parent: bool = False) -> z3.BoolRef:
        """The contexts that exist; with a parent, those of an agent that has one."""
        own = self.own.symbols.domain
        return z3.And(own, self.parent.symbols.domain) if with_parent else own

    def possible(self, formula: z3.BoolRef, solver: Solver) -> bool | Undecided:
        """Whether the formula holds in some context of an agent."""
        if formula.get_id() in self._possible:  # kept: an id is given anew once its formula is gone
            return True
        answer = solver.check(self.domain(), formula)
        if isinstance(answer, Sat):
            self._possible[formula.get_id()] = formula
        return answer if isinstance(answer, Undecided) else isinstance(answer, Sat)

    def decode(self, model: z3.ModelRef) -> dict[str, object]:
        """The agent's own context in a model."""
        return self.own.symbols.decode(model)

    def cells(
        self, authorities: Sequence[tuple[Authority, Reading]], with_parent: bool, solver: Solver
    ) -> list[dict[str, object]] | Undecided:
        """One concrete context for each satisfiable combination of the guards of `authorities`.

        Always the same ones in the same order, whatever was asked before.
        """
        guards = _distinct(
            reading.guard(c) for authority, reading in authorities for c in authority.conditions()
        )
        key = (with_parent, frozenset(guard.get_id() for guard in guards))
        if key not in self._cells:
            # The guards are kept with the answer: an id is given anew once its formula is gone.
            self._cells[key] = (guards, self._enumerated(guards, with_parent, solver))
        return self._cells[key][1]

    def _enumerated(
        self, guards: Sequence[z3.BoolRef], with_parent: bool, solver: Solver
    ) -> list[dict[str, object]] | Undecided:
        found: list[dict[str, object]] = []
        blocked: list[z3.BoolRef] = [self.domain(with_parent)]
        while len(found) <= MOST_CELLS:
            answer = solver.check(*blocked)
            if not isinstance(answer, Sat):
                return answer if isinstance(answer, Undecided) else sorted(found, key=_in_order)
            here = [guard == answer.model.eval(guard, model_completion=True) for guard in guards]
            model = least(self.own.symbols.constants, [blocked[0], *here], solver)
            if isinstance(model, Undecided):
                return model
            found.append(self.decode(model))
            if not guards:
                return found
            blocked.append(z3.Not(z3.And(here)))
        return Undecided(f"more than {MOST_CELLS} combinations of conditions in one question")


def _in_order(context: Mapping[str, object]) -> list[tuple[str, str]]:
    return sorted((name, repr(value)) for name, value in context.items())


def _distinct(terms: Iterable[Term]) -> list[z3.BoolRef]:
    unique = {term.get_id(): term for term in terms if not isinstance(term, bool)}
    return list(unique.values())


def contexts_of(setting: Setting) -> Contexts:
    """The contexts of a setting, over every condition that one of its documents states."""
    return Contexts(setting.workspace.variables, _conditions(setting))


def _conditions(setting: Setting) -> Iterator[Condition]:
    above = (c for ceiling in setting.host.ceilings.values() for c in ceiling)
    hooks = (hook for plugin in setting.workspace.plugins for hook in plugin.hooks)
    rules = (rule for profile in setting.workspace.profiles for rule in profile.permissions)
    conditions = [c.when for c in (*stated(setting.workspace), *above)]
    conditions += [c.when for c in hooks]
    conditions += [c.when for c in (*rules, *setting.host.permissions)]
    yield from (condition for condition in conditions if condition is not None)
