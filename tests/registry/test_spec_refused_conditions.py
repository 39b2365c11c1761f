"""Every refusal of `specs/conditions.md`: provoked, with its message and its help."""

from __future__ import annotations

import pytest

from capwright_registry.conditions import ConditionError, Variable, VariableType, library, parse_condition
from capwright_registry.conditions.check import Checker
from tests.registry.condition_cases import DECLARED
from tests.registry.condition_grammar import derives
from tests.support.quotes import quotes
from tests.support.refusals import raised_in
from tests.support.rows import cells, row_cases, says

UNDERIVED: list[tuple[str, list[str]]] = [
    (
        "| nothing, white space alone | the condition is empty | leave `when` out to say that it always "
        "holds |",
        ["", " \n"],
    ),
    (
        "| a text that ends too early | the condition ends where … is expected | |",
        [
            "// why",
            "approved &&",
            "approved && (depth < 1",
            "!",
            "depth in",
            "approved ? true :",
            "approved ? true",
        ],
    ),
    (
        "| a token that does not belong there | unexpected `…` | |",
        ["approved )", "mode == 'ci' # why", "£", "a b", "depth == 1a", "depth == 0X10", "1 2"],
    ),
    (
        r"| `=`, `&`, `\|`, `and`, `or`, `not`, `is` | unexpected `…` | write `…` |",
        [
            "mode = 'ci'",
            "approved & sandboxed",
            "approved | sandboxed",
            "approved and sandboxed",
            "approved or sandboxed",
            "not approved",
            "mode is 'ci'",
        ],
    ),
    (
        "| a reserved word of CEL as a name | `…` is a word of CEL | choose another name |",
        ["for == 1", "approved && package", "mode == while"],
    ),
    (
        "| a string that does not end, an escape that the grammar does not have | the string is not "
        "closed, or holds an escape that CEL does not have | |",
        ["mode == 'ci", r"mode == '\q'", r"mode == '\18'", "mode == 'a\nb'", r"mode == '\u12'"],
    ),
    (
        "| a name with a leading dot | a name must not start with a dot | write `…` |",
        [".mode == 'ci'"],
    ),
    (
        '| `in` without a list | `in` needs a list of literals on its right | write `in ["a", "b"]` |',
        ["mode in mode", "depth in 3", "mode in 'ci'"],
    ),
    (
        "| `in` with an empty list | the list is empty, so nothing is in it | write `false` if that is "
        "meant |",
        ["mode in []", "depth in [,]"],
    ),
    (
        "| a list of anything but literals | a list may hold literals only | compare with `==` instead |",
        ["mode in ['ci', user]", "depth in [1, depth]", "mode in [1 == 1]"],
    ),
    (
        "| a list elsewhere | a list stands only on the right of `in` | compare with `==`, or use `in` "
        "with a list of literals |",
        ["[1] == [1]", "mode == ['ci']"],
    ),
    (
        "| `timestamp` of anything but one literal string | `timestamp` takes one literal string | write "
        '`timestamp("2026-01-31T00:00:00Z")` |',
        ["now < timestamp(mode)", "now < timestamp(0)", "now < timestamp()", "now < timestamp('a', 'b')"],
    ),
    (
        "| a `uint` | uint literals are not used here | leave the `u` out |",
        ["depth == 3u", "depth == 0x1U"],
    ),
    (
        "| a `double` | double literals are not used here | write a whole number |",
        ["depth < 3.0", "depth < 1e3", "depth == .5"],
    ),
    (
        "| `bytes` | bytes literals are not used here | leave the `b` out |",
        ["mode == b'ci'", 'mode == B"ci"'],
    ),
    (
        "| `null` | null literals are not used here | every variable has a value |",
        ["mode == null"],
    ),
    (
        "| arithmetic, a sign before anything but a number, an odd number of signs above one | arithmetic "
        "is not used here | compare with the result as a literal |",
        [
            "depth + 1 < 3",
            "depth - 1 < 3",
            "depth * 2 == 4",
            "depth / 2 == 1",
            "depth % 2 == 0",
            "-depth < 3",
            "-(1) == depth",
            "depth == ---1",
            "mode == 'a' + 'b'",
        ],
    ),
    (
        "| indexing | indexing is not used here | compare with `==`, or use `in` with a list of literals |",
        ["mode[0] == 'c'"],
    ),
    (
        "| a field | variables have no fields | use the variable as it is |",
        ["mode.size == 1", "has(mode.size)"],
    ),
    (
        "| a function or a method | the function `…` is not used here | compare with `==`, or use `in` "
        "with a list of literals |",
        [
            "size(mode) == 2",
            "mode.matches('c.*')",
            "now.getFullYear() == 2026",
            "duration('1s') == duration('1s')",
            "int(mode) == 1",
        ],
    ),
    (
        "| a map or a message | maps and messages are not used here | compare with `==`, or use `in` with "
        "a list of literals |",
        ["{'a': 1} == {'a': 1}", "Thing{} == Thing{}"],
    ),
    (
        r"| a macro | macros are not used here | write the cases out with `&&` and `\|\|` |",
        ["[1, 2].exists(x, x == depth)", "[1].all(x, true)"],
    ),
]

DERIVED: list[tuple[str, list[str]]] = [
    (
        "| more than 2,000 characters | the condition has … characters, at most 2000 are read | split it "
        "over several capabilities |",
        ["approved" + " " * 1993, "true || " * 250 + "true"],
    ),
    (
        "| more than 32 levels | the condition is nested more than 32 deep | write it flatter |",
        ["!(" * 32 + "approved" + ")" * 32, "(" * 40 + "true" + ")" * 40],
    ),
    (
        "| more than 256 operations, names and literals | the condition has more than 256 operations, "
        "names and literals | split it over several capabilities |",
        ["approved == !(!approved) && " + " && ".join(["approved"] * 127)],
    ),
    (
        "| a control, format, surrogate or invisible space character | the condition holds U+…, which "
        "does not show | write it as an escape inside a string, or leave it out |",
        [
            "mode\u00a0== 'ci'",
            "mode == '\u202eci'",
            "mode == '\x00'",
            "mode == '\ud800'",
            "true // \u200b",
            "true\x0c",
        ],
    ),
    (
        "| a number outside of 64 bits | the number does not fit in 64 bits | |",
        [
            "depth == 9223372036854775808",
            "depth == -9223372036854775809",
            "depth == 0x8000000000000000",
            "depth in [18446744073709551616]",
        ],
    ),
    (
        "| an escape that is no character, a raw string with a backslash at its end | the string holds an "
        "escape that CEL does not have | |",
        [r"mode == '\ud800'", r"mode == '\U00110000'", "mode == r'a" + "\\" + "'"],
    ),
    (
        "| an unknown variable, close to one that is declared | unknown variable `…` | did you mean `…`? |",
        ["mod == 'ci'", "approved == True"],
    ),
    (
        "| an unknown variable | unknown variable `…` | declared are …; more can be declared under "
        "`context` |",
        ["branch == 'x'", "timestamp == now"],
    ),
    (
        r"| a condition, or an operand of `!`, `&&`, `\|\|`, `?:`, that is not a bool | expected a bool "
        "here, found a… | compare it with something |",
        [
            "depth",
            "'ci'",
            "!mode",
            "approved && 1",
            "now || approved",
            "approved ? now : true",
            "mode ? true : false",
            "approved == true ? 1 : 2",
        ],
    ),
    (
        "| a comparison of two types | `…` compares a… with a… | both sides need the same type |",
        ["mode == 1", "depth != true", "depth < '1'", "depth < 1 < 2"],
    ),
    (
        "| a comparison of a timestamp with a string | `…` compares a… with a… | write "
        '`timestamp("2026-01-31T00:00:00Z")` |',
        ["now > '2026-01-01T00:00:00Z'", "'x' == now"],
    ),
    (
        "| an order of strings | `…` orders int and timestamp only, not string | compare with `==`, or "
        "use `in` with a list of literals |",
        ["mode < 'ci'", "region >= zone"],
    ),
    (
        "| an order of bools | `…` orders int and timestamp only, not bool | use `==`, `!` and `&&` |",
        ["approved < true", "approved >= sandboxed"],
    ),
    (
        "| an enum's literal that is close to a value of it | `…` is not a value of this enum | did you "
        "mean `…`? |",
        ["region == 'eo'", "region in ['eu', 'uss']"],
    ),
    (
        "| an enum's literal that is no value of it | `…` is not a value of this enum | its values are … |",
        ["'mars' != region", "region == zone && region == 'moon'"],
    ),
    (
        "| `in` on a bool or a timestamp | `in` looks up an int or a string, not a… | use `==` |",
        ["approved in [true]", "now in [timestamp('2026-01-01T00:00:00Z')]"],
    ),
    (
        "| a list of two types | the list holds a… among values of type … | |",
        ["depth in [1, 'a']", "mode in ['ci', true]"],
    ),
    (
        "| a timestamp of another form | the timestamp is not of the form YYYY-MM-DDTHH:MM:SSZ | write "
        '`timestamp("2026-01-31T00:00:00Z")` |',
        [
            "now < timestamp('soon')",
            "now < timestamp('2026-01-01')",
            "now < timestamp('2026-01-01T00:00:00')",
            "now < timestamp('2026-01-01t00:00:00z')",
            "now < timestamp('2026-01-01T00:00:00.0000001Z')",
            "now < timestamp('2026-01-01T00:00:00+24:00')",
        ],
    ),
    (
        "| a day or an hour that there is not | the timestamp names a day or an hour that does not exist "
        '| write `timestamp("2026-01-31T00:00:00Z")` |',
        [
            "now < timestamp('2026-02-29T00:00:00Z')",
            "now < timestamp('2026-12-31T23:59:60Z')",
            "now < timestamp('0000-01-01T00:00:00Z')",
            "now < timestamp('2026-01-01T24:00:00Z')",
        ],
    ),
    (
        "| an instant outside the years 1 to 9999 | the timestamp is outside the years 1 to 9999 | write "
        '`timestamp("2026-01-31T00:00:00Z")` |',
        [
            "now < timestamp('0001-01-01T00:00:00+00:01')",
            "now < timestamp('9999-12-31T23:59:59.999999-00:01')",
        ],
    ),
]

DISAGREEMENT: list[tuple[str, list[str]]] = [
    (
        "| a text that the library does not type as a bool | the condition is not a bool | |",
        ["depth"],
    ),
    (
        "| a text that the library refuses | the CEL library does not accept this | |",
        ["true && mode == 1"],
    ),
]

DECLARATIONS: list[tuple[str, list[tuple[str, VariableType, tuple[str, ...]]]]] = [
    (
        "| a name that is empty, above 64 characters, or other than ASCII letters, digits and `_` with no "
        "digit first | `…` cannot name a variable | use up to 64 ASCII letters, digits and `_`, not "
        "starting with a digit |",
        [
            ("", "bool", ()),
            ("a" * 65, "bool", ()),
            ("a-b", "bool", ()),
            ("1a", "bool", ()),
            ("é", "bool", ()),
            ("a\n", "bool", ()),
        ],
    ),
    (
        "| a word of CEL, or one of its types | `…` is a word of CEL | choose another name |",
        [("in", "bool", ()), ("timestamp", "int", ()), ("while", "bool", ())],
    ),
    (
        '| values of anything but an enum | `…` has values, but is no enum | write `type = "enum"` |',
        [("a", "string", ("x",)), ("a", "bool", ("x",))],
    ),
    (
        "| an enum without values | enum `…` has no values | list at least one under `values` |",
        [("a", "enum", ())],
    ),
    (
        "| an enum with a value twice | enum `…` lists a value twice | |",
        [("a", "enum", ("x", "x"))],
    ),
    (
        "| an enum with an empty value | enum `…` has an empty value | |",
        [("a", "enum", ("x", ""))],
    ),
]


def told(row: str, error: ConditionError) -> bool:
    """Whether the error is what the row says."""
    _, message, hint = cells(row)
    return says(message, error.message) and says(hint, error.help)


@quotes(
    "conditions",
    "Each is a `ConditionError` with this message and help, `…` standing for what was found, and the offset "
    "in characters.",
)
@pytest.mark.parametrize(("row", "text"), row_cases("conditions", [*UNDERIVED, *DERIVED]))
def test_is_refused_in_the_words_of_the_row(row: str, text: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text, DECLARED)
    assert told(row, caught.value), (caught.value.message, caught.value.help)
    assert 0 <= caught.value.offset <= len(text)


@pytest.mark.parametrize(("rows", "derived"), [(UNDERIVED, False), (DERIVED, True)])
def test_the_grammar_derives_the_second_table_and_not_the_first(
    rows: list[tuple[str, list[str]]], derived: bool
) -> None:
    hidden = cells(DERIVED[3][0])[1]
    texts = [text for row, given in rows for text in given if cells(row)[1] != hidden]
    assert [text for text in texts if derives(text) is not derived] == []


@pytest.mark.parametrize(("row", "text"), row_cases("conditions", DISAGREEMENT))
def test_what_only_we_take_for_well_typed_is_refused(
    row: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checker, "condition", lambda _self, _node: ("const", "bool", True))
    with pytest.raises(ConditionError) as caught:
        parse_condition(text, DECLARED)
    assert told(row, caught.value)


@quotes(
    "conditions",
    "| a report of the library that names no place | the condition is not a CEL expression | |",
)
def test_a_report_without_a_place() -> None:
    error = library.in_our_words("something broke", "true")
    assert (error.message, error.help) == ("the condition is not a CEL expression", "")


@pytest.mark.parametrize(("row", "given"), row_cases("conditions", DECLARATIONS))
def test_a_declaration_is_refused_in_the_words_of_the_row(
    row: str, given: tuple[str, VariableType, tuple[str, ...]]
) -> None:
    with pytest.raises(ConditionError) as caught:
        Variable(*given)
    assert told(row, caught.value)


def test_every_refusal_of_the_code_has_its_row() -> None:
    rows = [*UNDERIVED, *DERIVED, *DISAGREEMENT, *DECLARATIONS]
    messages = {cells(row)[1] for row, _ in rows} | {"the condition is not a CEL expression"}
    raised = raised_in("registry/capwright_registry/conditions", "ConditionError")
    assert len(raised) > 30
    assert [one for one in raised if not any(says(cell, one) or says(one, cell) for cell in messages)] == []
