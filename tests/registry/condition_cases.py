"""Well-typed conditions with a context, and the CEL library as the oracle that reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from capwright_registry.conditions import BUILTIN_CONTEXT, INT_HIGH, INT_LOW, TIME_HIGH, TIME_LOW, Variable
from tests.registry.condition_texts import EPOCH, gap, number, quoted, timestamp

Ast: TypeAlias = tuple[Any, ...]
Draw: TypeAlias = st.DrawFn

DECLARED: Mapping[str, Variable] = {
    **BUILTIN_CONTEXT,
    "region": Variable("region", "enum", ("eu", "us", "ap south")),
    "zone": Variable("zone", "enum", ("us", "lab")),
    "label": Variable("label", "enum", ("lab", "é", "a'b", "back\\slash", "\u202e")),
    "user": Variable("user", "string"),
    "level": Variable("level", "int"),
    "since": Variable("since", "timestamp"),
}
BY_TYPE = {
    kind: sorted(v.name for v in DECLARED.values() if kind in (v.type, "string" if v.type == "enum" else ""))
    for kind in ("bool", "int", "string", "timestamp")
}

# A slow or busy machine is no failure of the property.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SECOND = 1_000_000
# The library's binding takes seconds through a float: it rounds the end of a far second up to the next one,
# and the first instant of all is an infinity to it; it cuts strings at a NUL. Literals are exact everywhere.
EXACT = 2**53

STRINGS = [
    "ci",
    "interactive",
    "eu",
    "us",
    "lab",
    "",
    "é",
    "a'b",
    'a"b',
    "back\\slash",
    "li\nne",
    "\u202e",
    "😀",
]
INTS = [-1, 0, 1, 2, 3, 16, INT_LOW, INT_LOW + 1, INT_HIGH, INT_HIGH - 1]
NEW_YEAR = 1_767_225_600 * SECOND
TIMES = [0, -1, 1, NEW_YEAR, NEW_YEAR + 123_456, NEW_YEAR + 500_000, TIME_LOW, TIME_LOW + 1, TIME_HIGH]

_INT = st.sampled_from(INTS) | st.integers(INT_LOW, INT_HIGH)
_TIME = st.sampled_from(TIMES) | st.integers(TIME_LOW, TIME_HIGH)
_STRING = st.sampled_from(STRINGS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
_TERNARY, _OR, _AND, _RELATION, _UNARY, _PRIMARY = range(6)


@dataclass(frozen=True)
class Case:
    """A condition's text, the tree it must be read as, and a context that fits its variables."""

    text: str
    ast: Ast
    context: dict[str, object]


@dataclass(frozen=True)
class _Part:
    """A piece of text, how tightly it binds, and its tree."""

    text: str
    binds: int
    ast: Ast


def oracle(text: str, context: Mapping[str, object]) -> bool:
    """What the CEL library makes of the condition. An error of the library fails the test."""
    from cel_expr_python import cel

    kinds = {"bool": "BOOL", "int": "INT", "string": "STRING", "enum": "STRING", "timestamp": "TIMESTAMP"}
    types = {name: getattr(cel.Type, kinds[variable.type]) for name, variable in DECLARED.items()}
    data = {
        name: EPOCH + timedelta(microseconds=int(str(value))) if DECLARED[name].type == "timestamp" else value
        for name, value in context.items()
    }
    result = cel.NewEnv(variables=types).compile(text).eval(data=data)
    assert result.type() == cel.Type.BOOL, result.value()
    return bool(result.value())


def oracle_reads(context: Mapping[str, object]) -> bool:
    """Whether the library's binding can hold the context's values."""
    whole = all("\0" not in str(context[name]) for name in BY_TYPE["string"])
    return whole and all(_held(int(str(context[name]))) for name in BY_TYPE["timestamp"])


def _held(instant: int) -> bool:
    near = abs(instant) < EXACT or instant % SECOND < SECOND * 9 // 10
    return near and TIME_LOW < instant <= TIME_HIGH


@st.composite
def cases(draw: Draw, depth: int = 3) -> Case:
    """A condition of at most 2,000 characters, nested at most `depth` operators deep over its comparisons."""
    part = draw(_conditions(depth))
    assume(len(part.text) <= 2_000)
    return Case(part.text, part.ast, draw(contexts(part.ast)))


@st.composite
def contexts(draw: Draw, ast: Ast = ()) -> dict[str, object]:
    """A value for every declared variable, often at the edge of what a literal of `ast` tells apart."""
    literals = list(_literals(ast))
    return {variable.name: draw(_value(variable, literals)) for variable in DECLARED.values()}


def _literals(ast: Ast) -> Iterator[tuple[str, str]]:
    if ast[:1] == ("const",) and ast[1] != "bool":
        yield ast[1], ast[2]
    elif ast[:1] != ("var",):
        for part in ast[1:]:
            yield from _literals(part) if isinstance(part, tuple) else ()


def _value(variable: Variable, literals: list[tuple[str, str]]) -> st.SearchStrategy[object]:
    if variable.type == "bool":
        return st.booleans()
    if variable.values:
        return st.sampled_from(variable.values)
    known = [value for kind, value in literals if kind == variable.type]
    if variable.type == "string":
        return (st.sampled_from([*known, "x", "other"]) | _STRING).filter(lambda value: "\0" not in value)
    edges = [int(value) + step for value in known for step in (-1, 0, 1)]
    if variable.type == "int":
        fitting = [value for value in edges if variable.minimum <= value <= INT_HIGH]
        return st.sampled_from(fitting or INTS[1:4]) | _INT.filter(lambda value: value >= variable.minimum)
    return st.sampled_from([value for value in edges if _held(value)] or [0]) | _TIME.filter(_held)


@st.composite
def _conditions(draw: Draw, depth: int) -> _Part:
    leaves = [_flag(), _comparison(), _membership()]
    branches = [_junction(depth), _negation(depth), _choice(depth), _bool_equality(depth)]
    part: _Part = draw(st.one_of(*leaves, *branches) if depth else st.one_of(*leaves))
    return part


@st.composite
def _flag(draw: Draw) -> _Part:
    if draw(st.integers(0, 4)):
        name = draw(st.sampled_from(BY_TYPE["bool"]))
        return _Part(name, _PRIMARY, ("var", name, "bool"))
    value = draw(st.booleans())
    return _Part(str(value).lower(), _PRIMARY, ("const", "bool", value))


@st.composite
def _junction(draw: Draw, depth: int) -> _Part:
    name, symbol, binds = draw(st.sampled_from([("and", "&&", _AND), ("or", "||", _OR)]))
    parts = [draw(_conditions(depth - 1)) for _ in range(draw(st.integers(2, 3)))]
    flat = [item for part in parts for item in (part.ast[1:] if part.ast[0] == name else (part.ast,))]
    text = symbol.join(f" {_wrapped(draw, part, binds)} " for part in parts)
    return _Part(text + draw(gap()), binds, (name, *flat))


@st.composite
def _negation(draw: Draw, depth: int) -> _Part:
    part = draw(_conditions(depth - 1))
    signs = draw(st.sampled_from(["!", "!", "!!", "!!!"]))
    # An even number of signs cancels out while the library parses.
    ast = ("not", part.ast) if len(signs) % 2 else part.ast
    return _Part(f"{signs}{_wrapped(draw, part, _PRIMARY)}", _UNARY, ast)


@st.composite
def _choice(draw: Draw, depth: int) -> _Part:
    asked, yes, no = (draw(_conditions(depth - 1)) for _ in range(3))
    text = f"{_wrapped(draw, asked, _OR)} ? {_wrapped(draw, yes, _OR)} : {_wrapped(draw, no, _TERNARY)}"
    return _Part(text, _TERNARY, ("if", asked.ast, yes.ast, no.ast))


@st.composite
def _bool_equality(draw: Draw, depth: int) -> _Part:
    left, right = draw(_conditions(depth - 1)), draw(_conditions(depth - 1))
    symbol = draw(st.sampled_from(["==", "!="]))
    text = f"{_wrapped(draw, left, _RELATION)} {symbol} {_wrapped(draw, right, _UNARY)}"
    return _Part(text, _RELATION, _compared(symbol, left.ast, right.ast))


@st.composite
def _comparison(draw: Draw) -> _Part:
    kind = draw(st.sampled_from(["int", "string", "timestamp"]))
    left = draw(_operand(kind))
    right = draw(_operand(kind, left.ast))
    if right.ast[0] == "var" and left.ast[0] == "const":
        left = draw(_operand(kind, right.ast))
    symbol = draw(st.sampled_from(["==", "!="] if kind == "string" else ["==", "!=", "<", "<=", ">", ">="]))
    space = draw(gap())
    return _Part(
        f"{left.text}{space}{symbol}{space}{right.text}", _RELATION, _compared(symbol, left.ast, right.ast)
    )


@st.composite
def _membership(draw: Draw) -> _Part:
    kind = draw(st.sampled_from(["int", "string"]))
    item = draw(_operand(kind))
    literals = draw(st.lists(_literal(kind, item.ast), min_size=1, max_size=4))
    inside = ", ".join(literal.text for literal in literals) + draw(st.sampled_from(["", "", ","]))
    listed = draw(st.sampled_from(["[{}]", "[{}]", "([{}])"])).format(inside)
    return _Part(f"{item.text} in {listed}", _RELATION, ("in", item.ast, *(one.ast for one in literals)))


def _compared(symbol: str, left: Ast, right: Ast) -> Ast:
    if symbol in ("==", "!="):
        return ("eq", left, right) if symbol == "==" else ("not", ("eq", left, right))
    name = "lt" if symbol in ("<", ">") else "le"
    return (name, left, right) if symbol[0] == "<" else (name, right, left)


@st.composite
def _operand(draw: Draw, kind: str, other: Ast = ()) -> _Part:
    if draw(st.integers(0, 4)) < (3 if other else 1):
        return draw(_literal(kind, other))
    name = draw(st.sampled_from(BY_TYPE[kind]))
    variable = DECLARED[name]
    extra: Ast = (variable.values,) if variable.values else (str(variable.minimum),) if kind == "int" else ()
    return _Part(name, _PRIMARY, ("var", name, variable.type, *extra))


@st.composite
def _literal(draw: Draw, kind: str, other: Ast = ()) -> _Part:
    """A literal that may be compared with `other`: one of an enum's values, where that is an enum."""
    if kind == "string":
        string = draw(st.sampled_from(other[3]) if other[:1] == ("var",) and len(other) > 3 else _STRING)
        return _Part(draw(quoted(string)), _PRIMARY, ("const", "string", string))
    if kind == "int":
        value = draw(_INT)
        return _Part(draw(number(value)), _PRIMARY, ("const", "int", str(value)))
    instant = draw(_TIME)
    return _Part(draw(timestamp(instant)), _PRIMARY, ("const", "timestamp", str(instant)))


def _wrapped(draw: Draw, part: _Part, least: int) -> str:
    return f"({part.text})" if part.binds < least or draw(st.integers(0, 4)) == 0 else part.text
