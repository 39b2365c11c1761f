"""`evaluate`: CEL's answers on complete contexts, and an error, so a denial, on every other."""

from __future__ import annotations

import ast as python
import inspect
import json
import sys
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry import evaluate as module
from capwright_registry.conditions import INT_HIGH, INT_LOW, TIME_HIGH, TIME_LOW, parse_condition
from capwright_registry.evaluate import EvaluationError, evaluate
from tests.registry.condition_cases import DECLARED, PATIENT, Case, cases, oracle
from tests.support.quotes import quotes

NEW_YEAR = 1_767_225_600_000_000
CONTEXT: dict[str, object] = {
    "approved": True,
    "depth": 2,
    "mode": "ci",
    "now": NEW_YEAR,
    "sandboxed": False,
    "region": "eu",
    "zone": "lab",
    "user": "ann",
    "level": -7,
    "since": 0,
}


class TestAgreement:
    """Conditions are evaluated by a CEL library and by us; both readings are tested against each other."""

    @quotes(
        "conditions",
        "**A condition that loads is total.**",
        "On every context that gives its variables values of their types it is true or false; no operation "
        "can fail.",
    )
    @settings(PATIENT, max_examples=400)
    @given(cases())
    def test_with_the_cel_library(self, case: Case) -> None:
        assert evaluate(case.ast, case.context) is oracle(case.text, case.context)

    @PATIENT
    @given(cases())
    def test_with_itself_after_json(self, case: Case) -> None:
        through_json = json.loads(json.dumps(case.ast))
        assert evaluate(through_json, case.context) is evaluate(case.ast, case.context)


HOLDS = [
    "approved",
    "!sandboxed",
    "mode == 'ci'",
    "mode != 'interactive'",
    "depth < 3",
    "depth <= 2",
    "depth >= 2",
    "depth > -1",
    "level in [1, -7]",
    "!(mode in ['a', 'b'])",
    "sandboxed ? false : approved",
    "approved != sandboxed",
    "now == timestamp('2026-01-01T01:00:00+01:00')",
    "now < timestamp('2026-01-01T00:00:00.000001Z')",
    "now > timestamp('0001-01-01T00:00:00Z')",
    "region != zone",
    "sandboxed || false || approved",
]


@pytest.mark.parametrize("condition", HOLDS)
def test_holds_and_its_negation_does_not(condition: str) -> None:
    assert evaluate(parse_condition(condition, DECLARED).ast, CONTEXT) is True
    assert evaluate(parse_condition(f"!({condition})", DECLARED).ast, CONTEXT) is False


class Sly(str):
    """A string that claims to equal every other."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


WRONG: list[tuple[str, str, object]] = [
    ("approved", "approved", 1),
    ("approved", "approved", "true"),
    ("approved", "approved", None),
    ("depth < 3", "depth", True),
    ("depth < 3", "depth", 1.0),
    ("depth < 3", "depth", "1"),
    ("depth < 3", "depth", -1),
    ("level < 3", "level", INT_LOW - 1),
    ("level < 3", "level", INT_HIGH + 1),
    ("mode == 'ci'", "mode", b"ci"),
    ("mode == 'ci'", "mode", Sly("x")),
    ("region == 'eu'", "region", "mars"),
    ("region != 'eu'", "region", ""),
    ("now < since", "now", datetime(2026, 1, 1, tzinfo=UTC)),
    ("now < since", "now", True),
    ("now < since", "now", 1.5),
    ("now < since", "now", TIME_LOW - 1),
    ("now < since", "since", TIME_HIGH + 1),
]


class TestFailsClosed:
    """A missing context variable or a wrong type is an error, which callers take for a denial."""

    @quotes(
        "conditions",
        "A value outside a variable's declared values (an enum's, `depth` below 0) is an error, since the "
        "proof did not consider it.",
    )
    @pytest.mark.parametrize(("condition", "name", "value"), WRONG)
    def test_a_value_of_the_wrong_type(self, condition: str, name: str, value: object) -> None:
        tree = parse_condition(condition, DECLARED).ast
        with pytest.raises(EvaluationError, match=f"the context's `{name}` is no valid "):
            evaluate(tree, {**CONTEXT, name: value})

    @quotes(
        "conditions",
        "**Every variable that a condition mentions must be there, with a value of its type, wherever it "
        "stands.**",
    )
    @PATIENT
    @given(cases(), st.data())
    def test_a_missing_variable_wherever_it_stands(self, case: Case, data: st.DataObject) -> None:
        names = sorted(parse_condition(case.text, DECLARED).variables)
        if not names:
            return
        missing = data.draw(st.sampled_from(names))
        context = {name: value for name, value in case.context.items() if name != missing}
        with pytest.raises(EvaluationError, match=f"the context has no `{missing}`"):
            evaluate(case.ast, context)

    @quotes(
        "conditions",
        "CEL's `true || x` is true without `x`; here it is an error.",
        "The answer never depends on the order of operands.",
    )
    @pytest.mark.parametrize(
        "condition", ["true || approved", "approved || true", "false && approved", "true ? true : approved"]
    )
    def test_an_operand_that_would_not_matter(self, condition: str) -> None:
        """Strict, unlike CEL: no answer hides a variable that is not there."""
        with pytest.raises(EvaluationError):
            evaluate(parse_condition(condition, DECLARED).ast, {})


T: list[object] = ["const", "bool", True]
ONE: list[object] = ["const", "int", "1"]
MALFORMED: list[Any] = [
    None,
    [],
    "approved",
    {"const": True},
    ["const"],
    ["const", "bool"],
    ["const", "bool", 1],
    ["const", "bool", "true"],
    ["const", "int", 1],
    ["const", "double", "1"],
    ["eq", ["const", "int", "1_0"], ONE],
    ["eq", ["const", "int", "--1"], ONE],
    ["eq", ["const", "int", "+1"], ONE],
    ["eq", ["const", "int", ""], ONE],
    ["eq", ["const", "int", "٣"], ONE],
    ["eq", ["const", "int", "9" * 5_000], ONE],
    ["const", "string", "a"],
    ONE,
    ["var"],
    ["var", "approved"],
    ["var", "approved", "any"],
    ["var", 1, "bool"],
    ["var", "depth", "int"],
    ["lt", ["var", "depth", "int"], ONE],
    ["lt", ["var", "depth", "int", 0], ONE],
    ["eq", ["var", "region", "enum"], ["const", "string", "eu"]],
    ["eq", ["var", "region", "enum", "eu us"], ["const", "string", "eu"]],
    ["eq", ["var", "mode", "string", ["a"]], ["const", "string", "ci"]],
    ["lt", ["var", "now", "timestamp", "0"], ["const", "timestamp", "1"]],
    ["nand", T, T],
    [["not"], T],
    ["not"],
    ["not", T, T],
    ["not", ONE],
    ["and"],
    ["or"],
    ["and", T, ONE],
    ["or", T, ONE],
    ["if", T, T],
    ["if", T, T, T, T],
    ["if", ONE, T, T],
    ["eq", T],
    ["eq", T, T, T],
    ["eq", T, ONE],
    ["eq", ["const", "timestamp", "1"], ONE],
    ["lt", T, T],
    ["lt", ["const", "string", "a"], ["const", "string", "b"]],
    ["le", ONE],
    ["in"],
    ["in", T, T],
    ["in", ONE, T],
    ["in", ONE, ["const", "string", "1"]],
]


@pytest.mark.parametrize("tree", MALFORMED, ids=[repr(tree)[:60] for tree in MALFORMED])
def test_a_malformed_tree_is_an_error(tree: Any) -> None:
    with pytest.raises(EvaluationError):
        evaluate(tree, CONTEXT)


def test_a_tree_too_deep_is_an_error_not_a_crash() -> None:
    tree: list[object] = T
    for _ in range(5_000):
        tree = ["not", tree]
    with pytest.raises(EvaluationError):
        evaluate(tree, {})


def test_no_condition_is_too_deep_to_evaluate() -> None:
    """`a != b` takes two levels of the tree, so the deepest text makes a tree of twice its depth."""
    deepest = "sandboxed != (" * 31 + "approved" + ")" * 31
    assert evaluate(parse_condition(deepest, DECLARED).ast, CONTEXT) is True


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["const", "var", "bool", "int", "1", "approved", "and"]),
    lambda children: st.lists(children, max_size=4),
)


@PATIENT
@given(JSON)
def test_any_json_gives_a_bool_or_an_evaluation_error(tree: Any) -> None:
    try:
        answer = evaluate(tree, CONTEXT)
    except EvaluationError:
        return
    assert isinstance(answer, bool)


class TestStandsAlone:
    """Standard library only, no import of ours: the source is embedded in generated stubs."""

    def test_imports_the_standard_library_only(self) -> None:
        tree = python.parse(inspect.getsource(module))
        imported = {n.module for n in python.walk(tree) if isinstance(n, python.ImportFrom)}
        imported |= {a.name for n in python.walk(tree) if isinstance(n, python.Import) for a in n.names}
        assert {str(name).split(".")[0] for name in imported} <= sys.stdlib_module_names

    def test_runs_from_its_text(self) -> None:
        stub = ModuleType("stub")
        exec(inspect.getsource(module), stub.__dict__)  # noqa: S102 - this is what a stub does
        assert stub.evaluate(parse_condition("depth < 3", DECLARED).ast, CONTEXT) is True
        with pytest.raises(stub.EvaluationError):
            stub.evaluate(["var", "approved", "bool"], {})

    def test_its_bounds_are_those_of_the_parser(self) -> None:
        time_low, time_high = vars(module)["_TIME_LOW"], vars(module)["_TIME_HIGH"]
        assert (time_low, time_high) == (TIME_LOW, TIME_HIGH)
        assert (vars(module)["_INT_LOW"], vars(module)["_INT_HIGH"]) == (INT_LOW, INT_HIGH)
