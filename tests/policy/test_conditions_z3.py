"""The solver's reading of conditions: the same answers as the two concrete ones, and models that replay."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import z3
from hypothesis import given, settings

from capwright_policy.conditions_z3 import Symbols, to_z3
from capwright_registry.conditions import Condition, Variable, parse_condition
from capwright_registry.errors import InternalError
from capwright_registry.evaluate import evaluate
from tests.registry.condition_cases import DECLARED, PATIENT, Case, cases, oracle, oracle_reads
from tests.support.quotes import quotes


def parse(text: str) -> Condition:
    return parse_condition(text, DECLARED)


def three(text: str, context: Mapping[str, object]) -> bool:
    """What the condition is on the context. Fails where two of the three readings differ."""
    condition = parse(text)
    symbols = Symbols(DECLARED, [condition])
    fixed = solve(symbols.domain, at(symbols, context))
    assert fixed is not None, "the domain leaves out a context that `evaluate` accepts"
    holds = evaluate(condition.ast, context)
    assert z3.is_true(fixed.eval(to_z3(condition.ast, symbols), model_completion=True)) is holds
    assert oracle(text, context) is holds
    return holds


def at(symbols: Symbols, context: Mapping[str, object]) -> z3.BoolRef:
    """The formula that fixes every variable to its value in `context`."""
    fresh = 10_000
    equations = []
    for name, value in context.items():
        code: object = value
        if isinstance(value, str):
            try:
                code = symbols.code(value)
            except InternalError:  # no condition mentions it: any code past the literals stands for it
                code = fresh + sorted({v for v in context.values() if isinstance(v, str)}).index(value)
        equations.append(symbols.constants[name] == code)
    return z3.And(equations)


def solve(*formulas: z3.BoolRef) -> z3.ModelRef | None:
    solver = z3.Solver()
    solver.add(*formulas)
    result = solver.check()
    assert result != z3.unknown
    return solver.model() if result == z3.sat else None


class TestThreeReadings:
    """Conditions are evaluated at run time and translated to Z3 for the proof; the readings are tested
    against each other, and both against the CEL library."""

    @quotes(
        "conditions",
        "The reading at run time (`registry/capwright_registry/evaluate.py`), the reading of the proof "
        "(`policy/capwright_policy/conditions_z3.py`) and CEL's own agree on every such context.",
    )
    @settings(PATIENT, max_examples=300)
    @given(cases())
    def test_agree_on_a_context(self, case: Case) -> None:
        assert isinstance(three(case.text, case.context), bool)

    @settings(PATIENT, max_examples=300)
    @given(cases())
    def test_a_model_replays(self, case: Case) -> None:
        """Every counterexample is replayed by the concrete reading; one that does not replay is a bug."""
        condition = parse(case.text)
        symbols = Symbols(DECLARED, [condition])
        for wanted in (True, False):
            formula = to_z3(condition.ast, symbols)
            model = solve(symbols.domain, formula if wanted else z3.Not(formula))
            if model is not None:
                context = symbols.decode(model)
                assert set(context) == set(DECLARED)
                assert evaluate(condition.ast, context) is wanted
                assert not oracle_reads(context) or oracle(case.text, context) is wanted


IMPOSSIBLE = [
    "false",
    "depth < 0",
    "level < -9223372036854775808",
    "level > 9223372036854775807",
    "now < timestamp('0001-01-01T00:00:00Z')",
    "now > timestamp('9999-12-31T23:59:59.999999Z')",
    "region != 'eu' && region != 'us' && region != 'ap south'",
    "region == zone && zone != 'us'",
    "mode == 'ci' && mode == 'other'",
    "user == mode && mode == 'ci' && user != 'ci'",
    "depth > 1 && depth < 2",
]


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_nothing_satisfies(text: str) -> None:
    condition = parse(text)
    symbols = Symbols(DECLARED, [condition])
    assert solve(symbols.domain, to_z3(condition.ast, symbols)) is None


POSSIBLE: list[tuple[str, dict[str, object]]] = [
    ("level == -9223372036854775808", {"level": -(2**63)}),
    ("now >= timestamp('9999-12-31T23:59:59.999999Z')", {"now": 253_402_300_799_999_999}),
    ("now <= timestamp('0001-01-01T00:00:00Z')", {"now": -62_135_596_800_000_000}),
    ("region != 'eu' && region != 'us'", {"region": "ap south"}),
    ("region == zone", {"region": "us", "zone": "us"}),
    ("approved && !sandboxed && depth <= 0", {"approved": True, "sandboxed": False, "depth": 0}),
]


@pytest.mark.parametrize(("text", "expected"), POSSIBLE)
def test_a_model_decodes_to_the_only_answer(text: str, expected: dict[str, object]) -> None:
    condition = parse(text)
    symbols = Symbols(DECLARED, [condition])
    model = solve(symbols.domain, to_z3(condition.ast, symbols))
    assert model is not None
    assert {name: symbols.decode(model)[name] for name in expected} == expected


@quotes(
    "conditions",
    "In the proof, strings are integer codes: one for each literal in sight, and every code past those is a "
    "different string that no condition mentions.",
)
def test_a_string_that_no_condition_mentions_has_a_readable_name_of_its_own() -> None:
    """As many as a formula needs: two variables can both be none of the literals, and differ."""
    variables = {name: DECLARED[name] for name in ("mode", "user")}
    literals = "['ci', 'other', 'other-2']"
    condition = parse(f"mode != user && !(mode in {literals}) && !(user in {literals})")
    symbols = Symbols(variables, [condition])
    model = solve(symbols.domain, to_z3(condition.ast, symbols))
    assert model is not None
    context = symbols.decode(model)
    assert evaluate(condition.ast, context) is True
    assert len(set(context.values())) == 2
    assert all(str(value).startswith("other_") for value in context.values())


def test_a_copy_is_a_second_context_with_the_same_codes() -> None:
    condition = parse("mode == 'ci' && approved")
    child = Symbols(DECLARED, [condition])
    parent = child.copy("@parent")
    here, there = to_z3(condition.ast, child), to_z3(condition.ast, parent)
    same_mode = child.constants["mode"] == parent.constants["mode"]
    model = solve(child.domain, parent.domain, here, z3.Not(there), same_mode)
    assert model is not None
    assert (child.decode(model)["approved"], parent.decode(model)["approved"]) == (True, False)
    assert child.decode(model)["mode"] == parent.decode(model)["mode"] == "ci"
    both_approved = z3.And(child.constants["approved"], parent.constants["approved"])
    assert solve(child.domain, parent.domain, here, z3.Not(there), same_mode, both_approved) is None


def test_a_copy_may_tie_a_variable_to_a_term() -> None:
    """The parent of an agent at depth d has depth d - 1, and a parent has no negative depth either."""
    condition = parse("depth == 2")
    child = Symbols(DECLARED, [condition])
    parent = child.copy("@parent", {"depth": child.constants["depth"] - 1})
    model = solve(child.domain, parent.domain, to_z3(condition.ast, parent))
    assert model is not None
    assert (child.decode(model)["depth"], parent.decode(model)["depth"]) == (3, 2)
    assert solve(child.domain, parent.domain, child.constants["depth"] == 0) is None
    assert solve(child.domain, child.constants["depth"] == 0) is not None


def test_no_variables_leave_a_domain_that_holds() -> None:
    symbols = Symbols({})
    model = solve(symbols.domain)
    assert model is not None and symbols.decode(model) == {}


class TestMisuseIsAnInternalError:
    def test_a_literal_of_a_condition_that_was_not_given(self) -> None:
        with pytest.raises(InternalError, match="the literal 'ci' is missing"):
            to_z3(parse("mode == 'ci'").ast, Symbols(DECLARED))

    def test_a_variable_that_is_not_declared(self) -> None:
        with pytest.raises(InternalError, match="the variable `mode` is missing"):
            to_z3(parse("mode == user").ast, Symbols({"approved": Variable("approved", "bool")}))

    def test_an_override_of_nothing(self) -> None:
        with pytest.raises(InternalError, match="no such variable to override: dept"):
            Symbols(DECLARED).copy("@", {"dept": z3.IntVal(1)})

    @pytest.mark.parametrize(("name", "code"), [("region", -1), ("region", 99), ("mode", -1)])
    def test_a_model_outside_the_domain(self, name: str, code: int) -> None:
        symbols = Symbols(DECLARED)
        model = solve(symbols.constants[name] == code)
        assert model is not None
        with pytest.raises(InternalError, match=f"outside the domain of `{name}`"):
            symbols.decode(model)
