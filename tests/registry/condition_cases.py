"""Well-typed conditions with a context, and the CEL library as the oracle that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from capwright_registry.conditions import BUILTIN_CONTEXT, INT_HIGH, INT_LOW, Variable

Ast: TypeAlias = tuple[Any, ...]
Draw: TypeAlias = st.DrawFn

DECLARED: Mapping[str, Variable] = {
    **BUILTIN_CONTEXT,
    "region": Variable("region", "enum", ("eu", "us", "ap south")),
    "zone": Variable("zone", "enum", ("us", "lab")),
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

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
# The library's binding turns datetimes near either end of the range into infinities, so contexts keep away.
EARLY, LATE = -62_000_000_000 * SECOND, 253_000_000_000 * SECOND

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
TIMES = [0, -1, 1, 1_767_225_600 * SECOND, 1_767_225_600 * SECOND + 123_456, EARLY, LATE]

_INT = st.sampled_from(INTS) | st.integers(INT_LOW, INT_HIGH)
_TIME = st.sampled_from(TIMES) | st.integers(EARLY, LATE)
_STRING = st.sampled_from(STRINGS)
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
    """Whether the library's binding can hold the context's timestamps."""
    times = (context[name] for name in BY_TYPE["timestamp"])
    return all(EARLY <= int(str(value)) <= LATE for value in times)


@st.composite
def cases(draw: Draw, depth: int = 3) -> Case:
    """A condition of at most 2,000 characters, nested at most `depth` operators deep over its comparisons."""
    part = draw(_conditions(depth))
    assume(len(part.text) <= 2_000)
    return Case(part.text, part.ast, draw(contexts()))


@st.composite
def contexts(draw: Draw) -> dict[str, object]:
    """A value for every declared variable."""
    return {variable.name: draw(_value(variable)) for variable in DECLARED.values()}


def _value(variable: Variable) -> st.SearchStrategy[object]:
    if variable.type == "bool":
        return st.booleans()
    if variable.type == "int":
        return _INT.filter(lambda value: value >= variable.minimum)
    if variable.type == "timestamp":
        return _TIME
    return st.sampled_from(variable.values) if variable.values else _STRING | st.sampled_from(["x", "other"])


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
    return _Part(text + draw(_gap()), binds, (name, *flat))


@st.composite
def _negation(draw: Draw, depth: int) -> _Part:
    part = draw(_conditions(depth - 1))
    # `!!` is avoided: the library cancels it while it parses.
    return _Part(f"!{_wrapped(draw, part, _PRIMARY)}", _UNARY, ("not", part.ast))


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
    gap = draw(_gap())
    return _Part(
        f"{left.text}{gap}{symbol}{gap}{right.text}", _RELATION, _compared(symbol, left.ast, right.ast)
    )


@st.composite
def _membership(draw: Draw) -> _Part:
    kind = draw(st.sampled_from(["int", "string"]))
    item = draw(_operand(kind))
    literals = draw(st.lists(_literal(kind, item.ast), min_size=1, max_size=4))
    text = f"{item.text} in [{', '.join(literal.text for literal in literals)}]"
    return _Part(text, _RELATION, ("in", item.ast, *(literal.ast for literal in literals)))


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
        return _Part(draw(_quoted(string)), _PRIMARY, ("const", "string", string))
    if kind == "int":
        number = draw(_INT)
        text = hex(number) if number >= 0 and draw(st.booleans()) else str(number)
        return _Part(text, _PRIMARY, ("const", "int", str(number)))
    instant = draw(_TIME)
    return _Part(draw(_timestamp(instant)), _PRIMARY, ("const", "timestamp", str(instant)))


@st.composite
def _quoted(draw: Draw, string: str) -> str:
    mark = draw(st.sampled_from(["'", '"', "'''"]))
    style = draw(st.sampled_from(["plain", "escaped", "raw"]))
    if style == "raw" and string.isprintable() and not set(string) & set("'\""):
        return f"r{mark}{string}{mark}" if not string.endswith("\\") else _escaped(string, mark)
    if style == "plain" and string.isprintable() and not set(string) & set("'\"\\"):
        return f"{mark}{string}{mark}"
    return _escaped(string, mark)


def _escaped(string: str, mark: str) -> str:
    return mark + "".join(f"\\U{ord(c):08x}" for c in string) + mark


@st.composite
def _timestamp(draw: Draw, instant: int) -> str:
    moment = EPOCH + timedelta(microseconds=instant)
    minutes = draw(st.sampled_from([0, 330, -480]))
    local = (moment + timedelta(minutes=minutes)).replace(tzinfo=None).isoformat()
    zone = (
        "Z"
        if minutes == 0
        else f"{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    )
    return f'timestamp("{local}{zone}")'


def _gap() -> st.SearchStrategy[str]:
    return st.sampled_from([" ", "", "  ", "\n", " // why\n"])


def _wrapped(draw: Draw, part: _Part, least: int) -> str:
    return f"({part.text})" if part.binds < least or draw(st.integers(0, 4)) == 0 else part.text
