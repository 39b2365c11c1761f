"""The question of one glob family as Z3 and cvc5 are asked it: a path in a child and in no parent.

Every character is an explicit range of printable ASCII: `AllChar` makes Z3 answer `unknown`, and a range up
to the last code point silently matches nothing. One constraint each for what is in a child, in no parent and
a canonical path: an intersection with a complement takes Z3 several times as long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol

from capwright_registry.patterns import Pattern
from capwright_registry.patterns.charset import CharSet
from capwright_registry.patterns.elements import Deep, Element, Glob, Word
from capwright_registry.patterns.glob import parse_glob

_PRINTABLE: CharSet = ((0x20, 0x2E), (0x30, 0x7E))  # without the slash


class Expressions(Protocol):
    """How a solver spells regular expressions, and what it says of a question."""

    text: Callable[[str], Any]
    range: Callable[[str, str], Any]
    some: Callable[[Any], Any]
    any_number: Callable[[Any], Any]

    def either(self, parts: Sequence[Any]) -> Any:
        """One or more alternatives."""
        ...

    def after_another(self, parts: Sequence[Any]) -> Any:
        """One or more parts in a row."""
        ...

    def ask(self, inside: Sequence[Any], outside: Any) -> str:
        """Whether a text is in all of `inside` and not outside: `sat`, `unsat` or `unknown`."""
        ...


class InZ3:
    """Z3."""

    def __init__(self) -> None:
        import z3

        self._z3 = z3
        self.text, self.range = z3.Re, z3.Range
        self.some, self.any_number = z3.Plus, z3.Star

    def either(self, parts: Sequence[Any]) -> Any:
        """See `Expressions`."""
        return parts[0] if len(parts) == 1 else self._z3.Union(*parts)

    def after_another(self, parts: Sequence[Any]) -> Any:
        """See `Expressions`."""
        return parts[0] if len(parts) == 1 else self._z3.Concat(*parts)

    def ask(self, inside: Sequence[Any], outside: Any) -> str:
        """See `Expressions`."""
        solver, path = self._z3.Solver(), self._z3.String("path")
        solver.add(*(self._z3.InRe(path, one) for one in inside), self._z3.Not(self._z3.InRe(path, outside)))
        return str(solver.check())


class InCvc5:
    """cvc5."""

    def __init__(self) -> None:
        import cvc5

        self._kinds = cvc5.Kind
        self._terms = cvc5.TermManager()
        self._solver = cvc5.Solver(self._terms)
        self._solver.setLogic("QF_S")
        self.text = lambda text: self._term("STRING_TO_REGEXP", self._terms.mkString(text))
        self.range = lambda low, high: self._term("REGEXP_RANGE", *map(self._terms.mkString, (low, high)))
        self.some = lambda one: self._term("REGEXP_PLUS", one)
        self.any_number = lambda one: self._term("REGEXP_STAR", one)

    def either(self, parts: Sequence[Any]) -> Any:
        """See `Expressions`."""
        return parts[0] if len(parts) == 1 else self._term("REGEXP_UNION", *parts)

    def after_another(self, parts: Sequence[Any]) -> Any:
        """See `Expressions`."""
        return parts[0] if len(parts) == 1 else self._term("REGEXP_CONCAT", *parts)

    def ask(self, inside: Sequence[Any], outside: Any) -> str:
        """See `Expressions`."""
        path = self._terms.mkConst(self._terms.getStringSort(), "path")
        for one in inside:
            self._solver.assertFormula(self._term("STRING_IN_REGEXP", path, one))
        self._solver.assertFormula(self._term("NOT", self._term("STRING_IN_REGEXP", path, outside)))
        return str(self._solver.checkSat())

    def _term(self, kind: str, *parts: Any) -> Any:
        return self._terms.mkTerm(getattr(self._kinds, kind), *parts)


SOLVERS: Final[Mapping[str, Callable[[], Expressions]]] = MappingProxyType({"z3": InZ3, "cvc5": InCvc5})


def ask(solver: str, parents: Sequence[Pattern], children: Sequence[Pattern]) -> tuple[str, float]:
    """The verdict (`unsat` where all children are within) and its seconds of processor time."""
    to = SOLVERS[solver]()
    started = time.process_time()
    inside = to.either([_path(to, child) for child in children])
    outside = to.either([_path(to, parent) for parent in parents])
    verdict = to.ask([inside, _canonical(to)], outside)
    return verdict, time.process_time() - started


def _canonical(to: Expressions) -> Any:
    """Any path but the root: segments that are neither empty, nor `.`, nor `..`."""
    slash, dot, some = to.text("/"), to.text("."), to.any_number(_chars(to, _PRINTABLE))
    other = _chars(to, ((0x20, 0x2D), (0x30, 0x7E)))
    more = _chars(to, _PRINTABLE)
    segments = ([other, some], [dot, other, some], [dot, dot, more, some])
    return to.some(to.either([to.after_another([slash, *segment]) for segment in segments]))


def _path(to: Expressions, pattern: Pattern) -> Any:
    return to.after_another([_segments(to, element) for element in pattern.elements[0]])


def _segments(to: Expressions, element: Element) -> Any:
    slash, any_text = to.text("/"), to.some(_chars(to, _PRINTABLE))
    match element:
        case Deep():
            return to.any_number(to.after_another([slash, any_text]))
        case Word(text):
            return to.text(f"/{text}")
        case Glob(text):
            return to.after_another([slash, *(_item(to, item) for item in parse_glob(text))])
        case _:
            return to.after_another([slash, any_text])


def _item(to: Expressions, item: CharSet | str) -> Any:
    return to.any_number(_chars(to, _PRINTABLE)) if isinstance(item, str) else _chars(to, item)


def _chars(to: Expressions, chars: CharSet) -> Any:
    """The characters that are printable and no slash."""
    pieces = [(max(low, a), min(high, b)) for low, high in chars for a, b in _PRINTABLE]
    return to.either([to.range(chr(low), chr(high)) for low, high in pieces if low <= high])
