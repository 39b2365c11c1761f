"""What each form of a condition means, equation by equation of its spec, in all three readings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.conditions import INT_HIGH, INT_LOW, TIME_HIGH, TIME_LOW
from tests.policy.test_conditions_z3 import three
from tests.registry.condition_cases import DECLARED, INTS, PATIENT, STRINGS, TIMES, Case, cases, contexts
from tests.registry.condition_texts import EPOCH, quoted, timestamp
from tests.support.quotes import quotes

CONTEXT: dict[str, object] = {
    "approved": True,
    "depth": 2,
    "label": "lab",
    "level": -7,
    "mode": "ci",
    "now": 1_767_225_600_000_000,
    "region": "eu",
    "sandboxed": False,
    "since": 0,
    "user": "ann",
    "zone": "lab",
}
BOOLS = cases(depth=1)
FEW = settings(PATIENT, max_examples=40, derandomize=True)
FEWER = settings(PATIENT, max_examples=15, derandomize=True)
int_texts = st.sampled_from(INTS) | st.integers(INT_LOW, INT_HIGH)


def with_(name: str, value: object) -> dict[str, object]:
    """The context with one other value."""
    return {**CONTEXT, name: value}


class TestOperators:
    """Over generated operands: the whole is what the equation makes of the parts."""

    @quotes(
        "conditions",
        "⟦(a)⟧γ = ⟦a⟧γ",
        "⟦!a⟧γ = true iff ⟦a⟧γ is false",
    )
    @FEW
    @given(BOOLS)
    def test_brackets_and_not(self, a: Case) -> None:
        assert three(f"({a.text})", a.context) is three(a.text, a.context)
        assert three(f"!({a.text})", a.context) is (not three(a.text, a.context))

    @quotes(
        "conditions",
        "⟦a && b⟧γ = true iff ⟦a⟧γ and ⟦b⟧γ are true",
        "⟦a || b⟧γ = true iff ⟦a⟧γ or ⟦b⟧γ is true",
    )
    @FEW
    @given(BOOLS, BOOLS)
    def test_and_and_or(self, a: Case, b: Case) -> None:
        left, right = three(a.text, a.context), three(b.text, a.context)
        assert three(f"({a.text}) && ({b.text})", a.context) is (left and right)
        assert three(f"({a.text}) || ({b.text})", a.context) is (left or right)

    @quotes(
        "conditions",
        "⟦a ? b : c⟧γ = ⟦b⟧γ if ⟦a⟧γ is true, else ⟦c⟧γ",
    )
    @FEW
    @given(BOOLS, BOOLS, BOOLS)
    def test_choice(self, a: Case, b: Case, c: Case) -> None:
        chosen = b if three(a.text, a.context) else c
        whole = f"({a.text}) ? ({b.text}) : ({c.text})"
        assert three(whole, a.context) is three(chosen.text, a.context)

    @quotes(
        "conditions",
        "⟦a == b⟧γ = true iff ⟦a⟧γ and ⟦b⟧γ are the same: strings by their code points, never normalised",
        "⟦a != b⟧γ = ⟦!(a == b)⟧γ",
    )
    @FEWER
    @given(BOOLS, BOOLS, contexts())
    def test_equality(self, a: Case, b: Case, context: dict[str, object]) -> None:
        same = three(a.text, context) is three(b.text, context)
        assert three(f"({a.text}) == ({b.text})", context) is same
        assert three(f"({a.text}) != ({b.text})", context) is not same
        for left, right in [
            ("level", "depth"),
            ("mode", "user"),
            ("region", "zone"),
            ("label", "user"),
            ("now", "since"),
        ]:
            assert three(f"{left} == {right}", context) is (context[left] == context[right])
            assert three(f"{left} != {right}", context) is (context[left] != context[right])

    @quotes(
        "conditions",
        "⟦a < b⟧γ = true iff ⟦a⟧γ is the smaller number, or the earlier instant",
        "⟦a <= b⟧γ = ⟦a < b || a == b⟧γ",
        "⟦a > b⟧γ = ⟦b < a⟧γ",
        "⟦a >= b⟧γ = ⟦b <= a⟧γ",
    )
    @FEWER
    @given(contexts())
    def test_order(self, context: dict[str, object]) -> None:
        for a, b in [("level", "depth"), ("now", "since"), ("level", "level")]:
            left, right = int(str(context[a])), int(str(context[b]))
            assert three(f"{a} < {b}", context) is (left < right)
            assert three(f"{a} <= {b}", context) is three(f"{a} < {b} || {a} == {b}", context)
            assert three(f"{a} > {b}", context) is three(f"{b} < {a}", context)
            assert three(f"{a} >= {b}", context) is three(f"{b} <= {a}", context)

    @quotes(
        "conditions",
        "⟦a in [l, …, m]⟧γ = ⟦a == l || … || a == m⟧γ",
    )
    @FEW
    @given(
        contexts(),
        st.lists(st.sampled_from(INTS), min_size=1, max_size=4),
        st.lists(st.sampled_from(STRINGS), min_size=1, max_size=4),
        st.data(),
    )
    def test_membership(
        self, context: dict[str, object], ints: list[int], strings: list[str], data: st.DataObject
    ) -> None:
        for name, literals in (
            ("level", [str(i) for i in ints]),
            ("user", [data.draw(quoted(s)) for s in strings]),
        ):
            cases = " || ".join(f"{name} == {literal}" for literal in literals)
            assert three(f"{name} in [{', '.join(literals)}]", context) is three(cases, context)


@quotes(
    "conditions",
    "⟦x⟧γ = γ(x), for a name x",
)
@FEW
@given(contexts(), st.data())
def test_a_name_is_its_value(context: dict[str, object], data: st.DataObject) -> None:
    assert three("approved", context) is context["approved"]
    for value, holds in ((context["level"], True), (data.draw(int_texts), None)):
        expected = context["level"] == value if holds is None else holds
        assert three(f"level == {value}", context) is expected
    assert three(f"user == {data.draw(quoted(str(context['user'])))}", context)
    assert three(f"region == '{context['region']}'", context)
    assert three(f"now == {data.draw(timestamp(int(str(context['now']))))}", context)


@quotes(
    "conditions",
    "⟦true⟧γ = true, and ⟦false⟧γ = false",
)
def test_the_two_bools() -> None:
    assert three("true", CONTEXT) is True
    assert three("false", CONTEXT) is False


NUMBERS = [
    ("0", 0),
    ("007", 7),
    ("0x10", 16),
    ("0xfF", 255),
    ("9223372036854775807", INT_HIGH),
    ("0x7fffffffffffffff", INT_HIGH),
    ("-9223372036854775808", INT_LOW),
    ("-0x8000000000000000", INT_LOW),
    ("-1", -1),
    ("- 1", -1),
    ("--1", 1),
    ("- - 0x10", 16),
    ("----3", 3),
]


@quotes(
    "conditions",
    "⟦n⟧γ = the number, `0x` for hexadecimal digits",
    "⟦-n⟧γ = the number below zero; an even number of signs is none",
)
@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_a_number(text: str, number: int) -> None:
    for value in {number, -number, number + 1, number - 1, 0}:
        if INT_LOW <= value <= INT_HIGH:
            assert three(f"level == {text}", with_("level", value)) is (value == number)
            assert three(f"level < {text}", with_("level", value)) is (value < number)


TEXTS = [
    ("'a'", "a"),
    ('"a"', "a"),
    ("'''a'b'''", "a'b"),
    ('"""a\n"b"""', 'a\n"b'),
    (r"'\a\b\f\n\r\t\v'", "\a\b\f\n\r\t\v"),
    (r"""'\\\?\"\'\`'""", "\\?\"'`"),
    (r"'\x41\X4a\u00e9\U0001F600\101'", "AJé\U0001f600A"),
    (r"r'\n\x41'", r"\n\x41"),
    (r"""R"a'\\" """, r"a'\\"),
    ("r'''a\n'b'''", "a\n'b"),
    ("'é'", "é"),
    (r"'e\u0301'", "e\u0301"),
    ("''", ""),
]


@quotes(
    "conditions",
    '⟦"…"⟧γ = the text, each escape the character that it names; in a raw string a backslash is itself',
    "⟦a == b⟧γ = true iff ⟦a⟧γ and ⟦b⟧γ are the same: strings by their code points, never normalised",
)
@pytest.mark.parametrize(("text", "string"), TEXTS)
def test_a_string(text: str, string: str) -> None:
    assert three(f"user == {text}", with_("user", string))
    for other in {"a", "é", "e\u0301", "", "\\n", string.upper(), string + " "} - {string}:
        assert not three(f"user == {text}", with_("user", other))


@pytest.mark.parametrize(
    ("text", "holds"),
    [(r"'\x00' == ''", False), (r"'a\x00b' == 'a\000b'", True), (r"'a\x00b' == 'a'", False)],
)
def test_a_nul_is_a_character_of_a_literal(text: str, holds: bool) -> None:
    assert three(text, CONTEXT) is holds


INSTANTS = [
    ("1970-01-01T00:00:00Z", 0),
    ("1969-12-31T23:59:59.999999Z", -1),
    ("2026-01-01T00:00:00Z", 1_767_225_600_000_000),
    ("2026-01-01T05:30:00+05:30", 1_767_225_600_000_000),
    ("2025-12-31T16:00:00-08:00", 1_767_225_600_000_000),
    ("2026-01-01T00:00:00.5-00:00", 1_767_225_600_500_000),
    ("2026-01-01T00:00:00.000001+00:00", 1_767_225_600_000_001),
    ("2024-02-29T23:59:59+23:59", 1_709_164_859_000_000),
]


@quotes(
    "conditions",
    '⟦timestamp("…")⟧γ = the microseconds from 1970-01-01T00:00:00Z to that instant',
)
@pytest.mark.parametrize(("text", "instant"), INSTANTS)
def test_a_timestamp(text: str, instant: int) -> None:
    written = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    assert written // timedelta(microseconds=1) == instant
    for step in (-1, 0, 1):
        assert three(f"now == timestamp('{text}')", with_("now", instant + step)) is (step == 0)
        assert three(f"now < timestamp('{text}')", with_("now", instant + step)) is (step < 0)


@pytest.mark.parametrize(
    ("literal", "instant"), [("0001-01-01T00:00:00Z", TIME_LOW), ("9999-12-31T23:59:59.999999Z", TIME_HIGH)]
)
def test_the_ends_of_time_as_literals(literal: str, instant: int) -> None:
    """The library reads them as text; a context so far out only the other two readings can hold."""
    for now in (0, TIMES[3]):
        for sign, holds in {
            "<": now < instant,
            "<=": now <= instant,
            "==": False,
            ">": now > instant,
        }.items():
            assert three(f"now {sign} timestamp('{literal}')", with_("now", now)) is holds
    assert EPOCH + timedelta(microseconds=instant) == datetime.fromisoformat(literal)
    assert set(CONTEXT) == set(DECLARED)
