"""What `specs/conditions.md` says of variables, types and trees."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given

from capwright_registry.conditions import ConditionError, parse_condition
from capwright_registry.evaluate import EvaluationError, evaluate
from tests.registry.condition_cases import DECLARED, PATIENT, Ast, Case, cases
from tests.support.quotes import quotes
from tests.support.workspaces import PROFILE, WORKSPACE, load

# Row of the table of types, a condition that reads a variable of it, values that fit, and values that do not.
VALUES: list[tuple[str, str, list[object], list[object]]] = [
    ("| `bool` | true, false | `bool` |", "approved", [True, False], [0, 1, "true", None]),
    (
        "| `int` | 64-bit signed, from a declared least value on | `int` (a `bool` is not one) |",
        "depth == 1",
        [0, 1, 2**63 - 1],
        [-1, 2**63, True, 1.0, "1"],
    ),
    ("| `string` | any text | `str` |", "mode == 'ci'", ["", "ci", "\0", "é"], [b"ci", 1, None]),
    (
        "| `enum` | one of the declared values | `str` |",
        "region == 'eu'",
        ["eu", "us"],
        ["", "EU", "mars", 1],
    ),
    (
        "| `timestamp` | a microsecond of the years 1 to 9999, UTC | `int`: microseconds since "
        "1970-01-01T00:00:00Z |",
        "now == timestamp('1970-01-01T00:00:00Z')",
        [0, -62_135_596_800_000_000, 253_402_300_799_999_999],
        [-62_135_596_800_000_001, 253_402_300_800_000_000, True, 0.0, "0"],
    ),
]


@pytest.mark.parametrize(
    ("row", "text", "fitting", "others"),
    [pytest.param(*case, marks=quotes("conditions", case[0])) for case in VALUES],
)
def test_the_values_of_a_type(row: str, text: str, fitting: list[object], others: list[object]) -> None:
    condition = parse_condition(text, DECLARED)
    (name,) = condition.variables
    assert DECLARED[name].type == row.split("`")[1]
    assert all(evaluate(condition.ast, {name: value}) in (True, False) for value in fitting)
    for value in others:
        with pytest.raises(EvaluationError):
            evaluate(condition.ast, {name: value})


@quotes(
    "conditions",
    "A workspace declares more under `[context.NAME]`.",
)
def test_a_workspace_declares_more(tmp_path: Path) -> None:
    text = f'{WORKSPACE}[context.level]\ntype = "int"\n'
    profile = f'{PROFILE}[scope]\nallow = [{{ action = "fs.read", on = ["/a"], when = "level < 3" }}]\n'
    workspace = load(tmp_path, {"capwright.toml": text, "profiles/lead.toml": profile})
    assert workspace.variables["level"].type == "int"
    ((capability,),) = workspace.profiles[0].scope
    assert capability.when is not None and capability.when.variables == {"level"}


OPERANDS = {"bool": "approved", "int": "level", "string": "user", "timestamp": "now"}
PAIRS = list(itertools.product(OPERANDS, OPERANDS))
SAME = {(kind, kind) for kind in OPERANDS}
LISTS = {
    "bool": "[true]",
    "int": "[1]",
    "string": "['a']",
    "timestamp": "[timestamp('2026-01-01T00:00:00Z')]",
}


def loads(text: str) -> bool:
    """Whether the condition is one."""
    try:
        parse_condition(text, DECLARED)
    except ConditionError:
        return False
    return True


@quotes(
    "conditions",
    r"| `!` `&&` `\|\|` `?:` | bools |",
)
def test_logic_takes_bools() -> None:
    for left, right in PAIRS:
        a, b = OPERANDS[left], OPERANDS[right]
        assert loads(f"{a} && {b}") is loads(f"{a} || {b}") is ((left, right) == ("bool", "bool"))
        assert loads(f"{a} ? {b} : true") is loads(f"{a} ? true : {b}") is ((left, right) == ("bool", "bool"))
        assert loads(f"!{a}") is (left == "bool")


@quotes(
    "conditions",
    "| `==` `!=` | two bools, two ints, two strings, two timestamps |",
    "| `<` `<=` `>` `>=` | two ints, two timestamps |",
    "| `in` | an int and a list of ints, a string and a list of strings |",
)
def test_comparisons_take_two_of_a_type() -> None:
    for left, right in PAIRS:
        a, b = OPERANDS[left], OPERANDS[right]
        same = left == right
        assert {loads(f"{a} {sign} {b}") for sign in ("==", "!=")} == {same}
        ordered = same and left in ("int", "timestamp")
        assert {loads(f"{a} {sign} {b}") for sign in ("<", "<=", ">", ">=")} == {ordered}
        assert loads(f"{a} in {LISTS[right]}") is (same and left in ("int", "string"))


@quotes(
    "conditions",
    "The whole is a bool.",
)
def test_the_whole_is_a_bool() -> None:
    assert [kind for kind, text in OPERANDS.items() if loads(text)] == ["bool"]


@quotes(
    "conditions",
    "An enum is a string in every comparison, and a literal that it is compared with is one of its values.",
)
def test_an_enum_is_a_string_of_its_values() -> None:
    for text in (
        "region == mode",
        "region != zone",
        "region == 'eu'",
        "'us' == region",
        "region in ['eu', 'us']",
    ):
        assert loads(text)
    for text in (
        "region == 'mars'",
        "'' != region",
        "region in ['eu', 'mars']",
        "region == 1",
        "region < 'eu'",
    ):
        assert not loads(text)


@quotes(
    "conditions",
    "A timestamp's string is `YYYY-MM-DDTHH:MM:SS`, up to six further digits of a second, then `Z` or "
    "`±HH:MM`; capital letters, and no leap second.",
)
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-01-31T00:00:00Z", True),
        ("2026-01-31T00:00:00.1Z", True),
        ("2026-01-31T00:00:00.123456+05:30", True),
        ("2026-01-31T00:00:00-23:59", True),
        ("2026-01-31T00:00:00.1234567Z", False),
        ("2026-01-31T00:00:00.Z", False),
        ("2026-01-31T00:00:00", False),
        ("2026-01-31T00:00Z", False),
        ("2026-01-31 00:00:00Z", False),
        ("2026-01-31t00:00:00Z", False),
        ("2026-01-31T00:00:00z", False),
        ("2026-01-31T00:00:00+0530", False),
        ("2026-01-31T00:00:00+24:00", False),
        ("2026-01-31T23:59:60Z", False),
        ("20260131T000000Z", False),
        ("2026-W05-6T00:00:00Z", False),
        ("٢٠٢٦-01-31T00:00:00Z", False),
    ],
)
def test_the_form_of_a_timestamp(text: str, read: bool) -> None:
    assert loads(f"now == timestamp('{text}')") is read


@quotes(
    "conditions",
    "A proof and a stub carry a condition as JSON arrays of strings and booleans.",
)
@PATIENT
@given(cases())
def test_a_tree_is_arrays_of_strings_and_booleans(case: Case) -> None:
    def leaves(node: object) -> set[type]:
        return set().union(*map(leaves, node)) if isinstance(node, tuple) else {type(node)}

    tree = parse_condition(case.text, DECLARED).ast
    assert leaves(tree) <= {str, bool}
    assert evaluate(json.loads(json.dumps(tree)), case.context) is evaluate(tree, case.context)


X: Ast = ("var", "approved", "bool")
Y: Ast = ("var", "sandboxed", "bool")
Z: Ast = ("const", "bool", True)
LEVEL: Ast = ("var", "level", "int", "-9223372036854775808")
SEVEN: Ast = ("const", "int", "-7")
MODE: Ast = ("var", "mode", "string")
CI: Ast = ("const", "string", "ci")
DEPTH: Ast = ("var", "depth", "int", "0")
NOW: Ast = ("var", "now", "timestamp")
YEAR: Ast = ("const", "timestamp", "1767225600000000")


@quotes(
    "conditions",
    '["const", "bool", true] ["const", "int", "-7"] ["const", "string", "ci"] ["const", "timestamp", '
    '"1767225600000000"]',
    '["var", "approved", "bool"] ["var", "depth", "int", "0"] ["var", "mode", "string"] ["var", "now", '
    '"timestamp"]',
    '["var", "region", "enum", ["eu", "us"]]',
    '["not", x] ["and", x, y, ...] ["or", x, y, ...] ["if", x, y, z]',
    '["eq", a, b] ["lt", a, b] ["le", a, b] ["in", a, const, ...]',
    "An int variable carries its least value, an enum its values, so that `evaluate` needs no declarations.",
    "`!=` is `not eq`.",
    "`>` and `>=` are `lt` and `le` with the operands swapped.",
    "Chains of `&&` or `||` are flat.",
)
@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("true", Z),
        ("approved", X),
        ("depth == -7", ("eq", DEPTH, SEVEN)),
        ("level == -7", ("eq", LEVEL, SEVEN)),
        ("mode == 'ci'", ("eq", MODE, CI)),
        ("mode != 'ci'", ("not", ("eq", MODE, CI))),
        ("now < timestamp('2026-01-01T00:00:00Z')", ("lt", NOW, YEAR)),
        ("now > timestamp('2026-01-01T00:00:00Z')", ("lt", YEAR, NOW)),
        ("depth <= -7", ("le", DEPTH, SEVEN)),
        ("depth >= -7", ("le", SEVEN, DEPTH)),
        ("zone == 'us'", ("eq", ("var", "zone", "enum", ("us", "lab")), ("const", "string", "us"))),
        ("!approved", ("not", X)),
        ("approved && (sandboxed && true)", ("and", X, Y, Z)),
        ("(approved || sandboxed) || true", ("or", X, Y, Z)),
        ("approved ? sandboxed : true", ("if", X, Y, Z)),
        ("depth in [-7, -7]", ("in", DEPTH, SEVEN, SEVEN)),
    ],
)
def test_the_tree_of_a_form(text: str, tree: Ast) -> None:
    assert parse_condition(text, DECLARED).ast == tree
    names = {
        name: value for name, value in CONTEXT.items() if name in parse_condition(text, DECLARED).variables
    }
    assert evaluate(json.loads(json.dumps(tree)), names) in (True, False)


CONTEXT: dict[str, object] = {
    "approved": True,
    "depth": 0,
    "level": -7,
    "mode": "ci",
    "now": 0,
    "sandboxed": False,
    "zone": "us",
}
