"""What the grammar of `specs/conditions.md` derives is what loads, but for what the second table refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.conditions import ConditionError, parse_condition
from capwright_registry.conditions.model import RESERVED
from tests.registry.condition_cases import DECLARED, PATIENT, cases
from tests.registry.condition_grammar import GRAMMAR, WORDS, derives, tokens
from tests.registry.test_conditions import READ, TOKENS
from tests.registry.test_spec_refused_conditions import DERIVED
from tests.support.quotes import quotes
from tests.support.rows import cells, says
from tests.support.spoilt import spoilt

REFUSED = [cells(row)[1] for row, _ in DERIVED]
DERIVATIONS = GRAMMAR.texts("Grammar", "condition", "")
WELL_TYPED = cases().map(lambda case: case.text)
TEXTS = (
    DERIVATIONS
    | WELL_TYPED
    | spoilt(DERIVATIONS | WELL_TYPED, "()[]!&|?:=<>-,. '\"\\a1u/\n")
    | st.lists(TOKENS, max_size=8).map(" ".join)
)


def _agrees(text: str) -> str | None:
    """None where the document and the code say the same of a text; otherwise what the code says."""
    derived = derives(text)
    try:
        parse_condition(text, DECLARED)
    except ConditionError as error:
        told = any(says(cell, error.message) for cell in REFUSED)
        return error.message if derived and not told else None
    return None if derived else "loads"


@quotes(
    "conditions",
    'condition = or [ "?" or ":" condition ]',
    'or = and { "||" and }',
    'and = relation { "&&" relation }',
    'relation = unary { ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) unary | "in" list }',
    'unary = { "!" } operand | pairs',
    'operand = name | literal | "(" condition ")"',
    'list = "[" element { "," element } [ "," ] "]" | "(" list ")"',
    'element = literal | pairs | "(" element ")"',
    'literal = "true" | "false" | int | string | "timestamp" "(" text ")"',
    'text = string | "(" text ")"',
    'int = [ "-" ] number',
    'pairs = "-" "-" { "-" "-" } number',
    'number = digit { digit } | "0x" hex { hex }',
    'name = ( letter | "_" ) { letter | digit | "_" }',
    'string = short | long | ( "r" | "R" ) ( raw | rawlong )',
    'short = \'"\' { escape | char - \'"\' - "\\" } \'"\' | "\'" { escape | char - "\'" - "\\" } "\'"',
    'long = \'"""\' { [ \'"\' [ \'"\' ] ] ( escape | line - \'"\' - "\\" ) } \'"""\' | "\'\'\'" { [ "\'" '
    '[ "\'" ] ] ( escape | line - "\'" - "\\" ) } "\'\'\'"',
    "raw = '\"' { char - '\"' } '\"' | \"'\" { char - \"'\" } \"'\"",
    "rawlong = '\"\"\"' { [ '\"' [ '\"' ] ] ( line - '\"' ) } '\"\"\"' | \"'''\" { [ \"'\" [ \"'\" ] ] ( "
    "line - \"'\" ) } \"'''\"",
    'escape = "\\" ( "a" | "b" | "f" | "n" | "r" | "t" | "v" | "\\" | "?" | \'"\' | "\'" | "`" | code )',
    'code = ( "x" | "X" ) hex hex | "u" hex hex hex hex | "U" hex hex hex hex hex hex hex hex | "0" .. '
    '"3" octal octal',
    'octal = "0" .. "7"',
    "char = U+0009 | U+0020 .. U+10FFFF",
    "line = char | U+000A | U+000D",
    'gap = " " | U+0009 | U+000A | U+000D | "//" { char }',
    'letter = "a" .. "z" | "A" .. "Z"',
    'digit = "0" .. "9"',
    'hex = digit | "a" .. "f" | "A" .. "F"',
    "A token is as long as it can be.",
    "A name is none of CEL's own words: `true`, `false`, `null`, `in`, `as`, `break`, `const`, "
    "`continue`, `else`, `for`, `function`, `if`, `import`, `let`, `loop`, `namespace`, `package`, "
    "`return`, `var`, `void`, `while`.",
)
@settings(PATIENT, max_examples=800, derandomize=True)
@given(TEXTS)
def test_the_grammar_derives_what_loads(text: str) -> None:
    assert _agrees(text) is None, text


@pytest.mark.parametrize("text", [text for text, _ in READ])
def test_each_form_is_derived(text: str) -> None:
    assert derives(text)


STRINGS = st.text("ab'\"\\nrx0147uU \t\n", max_size=8)


@settings(PATIENT, max_examples=400, derandomize=True)
@given(st.sampled_from(["", "r", "R"]), st.sampled_from(["'", '"', "'''", '"""']), STRINGS)
def test_a_string_is_a_token_or_is_no_string(prefix: str, mark: str, body: str) -> None:
    """Quotation marks, escapes and line breaks, in each of the eight ways to write a string."""
    text = f"mode == {prefix}{mark}{body}{mark}"
    assert _agrees(text) is None, text


ESCAPES = [
    *(rf"\{char}" for char in map(chr, range(0x21, 0x7F))),
    *(rf"\{digits}" for digits in ("000", "377", "400", "089", "198", "18", "00")),
    *(rf"\{digits}" for digits in ("x00", "xfF", "xg0", "x4", "X4a", "u00e9", "u00g9", "u12", "U0001F60")),
    *(rf"\{digits}" for digits in ("U0010ffff", "U00110000", "ud7ff", "ud800", "udfff", "ue000", "N{A}")),
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_an_escape_is_one_of_the_grammar(escape: str) -> None:
    for text in (
        f"mode == '{escape}'",
        f'mode == "{escape}"',
        f"mode == '''{escape}'''",
        f"mode == r'{escape}'",
    ):
        assert _agrees(text) is None, text


@pytest.mark.parametrize(
    "text", ["!--1", "!!--1", "!-1", "--1 == level", "level in [--1, (--1)]", "(--1) == level"]
)
def test_where_pairs_of_signs_stand(text: str) -> None:
    """In CEL no `!` takes a run of signs, which is none of its literals."""
    assert _agrees(text) is None


NUMBERS = st.text("0123456789abcdefx-", min_size=1, max_size=20)


@settings(PATIENT, max_examples=300, derandomize=True)
@given(NUMBERS)
def test_a_number_is_a_token_or_is_no_number(body: str) -> None:
    text = f"level == {body}"
    assert _agrees(text) is None, text


def test_the_words_are_those_of_the_code() -> None:
    types = "bool bytes double duration dyn int list map null_type optional_type string timestamp type uint"
    assert {*WORDS, *types.split()} - RESERVED == set()
    assert RESERVED - WORDS == {*types.split()}
    assert tokens("a&&b<=-1 // in") == ["a", "&&", "b", "<=", "-", "1"]
