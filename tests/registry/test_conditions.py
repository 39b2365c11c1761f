"""`parse_condition`: what it reads, what it refuses and how it says so."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_registry.conditions import BUILTIN_CONTEXT, ConditionError, Variable, parse_condition
from capwright_registry.conditions.check import Checker
from capwright_registry.conditions.syntax import Node
from tests.registry.condition_cases import DECLARED, PATIENT, Ast, Case, cases
from tests.support.quotes import quotes

MODE: Ast = ("var", "mode", "string")
DEPTH: Ast = ("var", "depth", "int", "0")
NOW: Ast = ("var", "now", "timestamp")
APPROVED: Ast = ("var", "approved", "bool")
SANDBOXED: Ast = ("var", "sandboxed", "bool")
REGION: Ast = ("var", "region", "enum", ("eu", "us", "ap south"))
NEW_YEAR: Ast = ("const", "timestamp", "1767225600000000")


def text(value: str) -> Ast:
    return ("const", "string", value)


def number(value: int) -> Ast:
    return ("const", "int", str(value))


READ: list[tuple[str, Ast]] = [
    ("true", ("const", "bool", True)),
    ("approved", APPROVED),
    ("!approved", ("not", APPROVED)),
    ("!!approved", APPROVED),
    ("approved && sandboxed", ("and", APPROVED, SANDBOXED)),
    ("approved && (sandboxed && true)", ("and", APPROVED, SANDBOXED, ("const", "bool", True))),
    ("approved || sandboxed && true", ("or", APPROVED, ("and", SANDBOXED, ("const", "bool", True)))),
    ("approved ? sandboxed : false", ("if", APPROVED, SANDBOXED, ("const", "bool", False))),
    ("approved == sandboxed", ("eq", APPROVED, SANDBOXED)),
    ("mode == 'ci'", ("eq", MODE, text("ci"))),
    ('"ci" != mode', ("not", ("eq", text("ci"), MODE))),
    (r"mode == r'a\b'", ("eq", MODE, text(r"a\b"))),
    (r"mode == '\u00e9'", ("eq", MODE, text("é"))),
    ("mode == ''", ("eq", MODE, text(""))),
    ("depth < 3", ("lt", DEPTH, number(3))),
    ("depth <= 3", ("le", DEPTH, number(3))),
    ("depth > 3", ("lt", number(3), DEPTH)),
    ("depth >= -9223372036854775808", ("le", number(-(2**63)), DEPTH)),
    ("depth == 0x10", ("eq", DEPTH, number(16))),
    ("depth == 0", ("eq", DEPTH, number(0))),
    ("depth in [1, 2]", ("in", DEPTH, number(1), number(2))),
    ("region in ['eu', 'us']", ("in", REGION, text("eu"), text("us"))),
    ("region == 'ap south'", ("eq", REGION, text("ap south"))),
    ("region == mode", ("eq", REGION, MODE)),
    ("now < timestamp('2026-01-01T00:00:00Z')", ("lt", NOW, NEW_YEAR)),
    ("now < timestamp('2026-01-01T05:30:00+05:30')", ("lt", NOW, NEW_YEAR)),
    ("now == timestamp('1969-12-31T23:59:59.999999Z')", ("eq", NOW, ("const", "timestamp", "-1"))),
    ("approved // a comment\n\t&& sandboxed", ("and", APPROVED, SANDBOXED)),
]


@pytest.mark.parametrize(("condition", "ast"), READ, ids=[condition for condition, _ in READ])
def test_reads_the_subset(condition: str, ast: Ast) -> None:
    assert parse_condition(condition, DECLARED).ast == ast


def test_names_the_variables_it_uses() -> None:
    condition = parse_condition("mode == 'ci' && (depth < 3 || mode == 'x') && true", DECLARED)
    assert condition.variables == {"mode", "depth"}
    assert condition.text == "mode == 'ci' && (depth < 3 || mode == 'x') && true"


@PATIENT
@given(cases())
def test_reads_what_was_meant(case: Case) -> None:
    """The tree is that of CEL's grammar: precedence, associativity, escapes and 64-bit literals included."""
    assert parse_condition(case.text, DECLARED).ast == case.ast


TESTS = "compare with `==`, or use `in` with a list of literals"
LITERAL_TIME = 'write `timestamp("2026-01-31T00:00:00Z")`'
KNOWN = (
    "declared are `approved`, `depth`, `label`, `level`, `mode`, `now`, `region`, `sandboxed`, `since`, "
    "`user`, `zone`; more can be declared under `context`"
)
ENDS = "the condition ends where a value is expected"
OPEN_STRING = "the string is not closed, or holds an escape that CEL does not have"

# The caret is where the offset points: it stands before the offending character and is cut out of the text.
REFUSED: list[tuple[str, str, str]] = [
    # syntax
    ("^", "the condition is empty", "leave `when` out to say that it always holds"),
    ("^ \n", "the condition is empty", "leave `when` out to say that it always holds"),
    ("// why\n^", ENDS, ""),
    ("approved &&^", ENDS, ""),
    ("approved && (depth < 1^", "the condition ends where `)` is expected", ""),
    ("mode ^= 'ci'", "unexpected `=`", "write `==`"),
    ("approved ^& sandboxed", "unexpected `&`", "write `&&`"),
    ("approved ^and sandboxed", "unexpected `and`", "write `&&`"),
    ("approved ^or sandboxed", "unexpected `or`", "write `||`"),
    ("not ^approved", "unexpected `approved`", "write `!`"),
    ("mode ^is 'ci'", "unexpected `is`", "write `==`"),
    ("mode == ^'ci", OPEN_STRING, ""),
    (r"mode == ^'\q'", OPEN_STRING, ""),
    (r"mode == ^'\ud800'", "the string holds an escape that CEL does not have", ""),
    ("mode == 'ci' ^# why", "unexpected `#`", ""),
    ("approved ^)", "unexpected `)`", ""),
    ("'é' == mode &&\n  ^£", "unexpected `£`", ""),
    ("depth == ^9223372036854775808", "the number does not fit in 64 bits", ""),
    ("mode^\u00a0== 'ci'", "the condition holds U+00A0, which does not show", "HIDDEN"),
    ("mode == '^\u202eci'", "the condition holds U+202E, which does not show", "HIDDEN"),
    ("mode == '^\x00'", "the condition holds U+0000, which does not show", "HIDDEN"),
    ("mode == '^\ud800'", "the condition holds U+D800, which does not show", "HIDDEN"),
    # names
    ("^mod == 'ci'", "unknown variable `mod`", "did you mean `mode`?"),
    ("approved == ^True", "unknown variable `True`", "did you mean `true`?"),
    ("approved && ^branch == 'x'", "unknown variable `branch`", KNOWN),
    ("now == ^timestamp", "unknown variable `timestamp`", KNOWN),
    (".^mode == 'ci'", "a name must not start with a dot", "write `mode`"),
    # types
    ("^depth", "expected a bool here, found an int", "compare it with something"),
    ("!^mode", "expected a bool here, found a string", "compare it with something"),
    ("approved && ^1", "expected a bool here, found an int", "compare it with something"),
    ("approved ? ^now : true", "expected a bool here, found a timestamp", "compare it with something"),
    ("mode ^== 1", "`==` compares a string with an int", "both sides need the same type"),
    ("depth ^!= true", "`!=` compares an int with a bool", "both sides need the same type"),
    ("now ^> '2026-01-01T00:00:00Z'", "`>` compares a timestamp with a string", LITERAL_TIME),
    ("mode ^< 'ci'", "`<` orders int and timestamp only, not string", TESTS),
    ("approved ^>= true", "`>=` orders int and timestamp only, not bool", "use `==`, `!` and `&&`"),
    # enums
    ("region == ^'eo'", "`eo` is not a value of this enum", "did you mean `eu`?"),
    ("^'mars' != region", "`mars` is not a value of this enum", "its values are `eu`, `us`, `ap south`"),
    ("region in ['eu', ^'uss']", "`uss` is not a value of this enum", "did you mean `us`?"),
    # lists
    ("mode in ^mode", "`in` needs a list of literals on its right", 'write `in ["a", "b"]`'),
    ("mode in ^[]", "the list is empty, so nothing is in it", "write `false` if that is meant"),
    ("mode in ['ci', ^user]", "a list may hold literals only", "compare with `==` instead"),
    ("depth in [1, ^'a']", "the list holds a string among values of type int", ""),
    ("approved ^in [true]", "`in` looks up an int or a string, not a bool", "use `==`"),
    (
        "now ^in [timestamp('2026-01-01T00:00:00Z')]",
        "`in` looks up an int or a string, not a timestamp",
        "use `==`",
    ),
    ("^[1] == [1]", "a list stands only on the right of `in`", TESTS),
    # timestamps
    ("now < timestamp(^'soon')", "the timestamp is not of the form YYYY-MM-DDTHH:MM:SSZ", LITERAL_TIME),
    ("now < timestamp(^'2026-01-01')", "the timestamp is not of the form YYYY-MM-DDTHH:MM:SSZ", LITERAL_TIME),
    (
        "now < timestamp(^'2026-01-01T00:00:00')",
        "the timestamp is not of the form YYYY-MM-DDTHH:MM:SSZ",
        LITERAL_TIME,
    ),
    (
        "now < timestamp(^'2026-01-01t00:00:00z')",
        "the timestamp is not of the form YYYY-MM-DDTHH:MM:SSZ",
        LITERAL_TIME,
    ),
    (
        "now < timestamp(^'2026-01-01T00:00:00.0000001Z')",
        "the timestamp is not of the form YYYY-MM-DDTHH:MM:SSZ",
        LITERAL_TIME,
    ),
    (
        "now < timestamp(^'2026-02-29T00:00:00Z')",
        "the timestamp names a day or an hour that does not exist",
        LITERAL_TIME,
    ),
    (
        "now < timestamp(^'2026-12-31T23:59:60Z')",
        "the timestamp names a day or an hour that does not exist",
        LITERAL_TIME,
    ),
    (
        "now < timestamp(^'0000-01-01T00:00:00Z')",
        "the timestamp names a day or an hour that does not exist",
        LITERAL_TIME,
    ),
    (
        "now < timestamp(^'0001-01-01T00:00:00+00:01')",
        "the timestamp is outside the years 1 to 9999",
        LITERAL_TIME,
    ),
    (
        "now < timestamp(^'9999-12-31T23:00:00-01:00')",
        "the timestamp is outside the years 1 to 9999",
        LITERAL_TIME,
    ),
    ("now < ^timestamp(mode)", "`timestamp` takes one literal string", LITERAL_TIME),
    ("now < ^timestamp(0)", "`timestamp` takes one literal string", LITERAL_TIME),
    ("now < ^timestamp()", "`timestamp` takes one literal string", LITERAL_TIME),
    # outside the subset
    ("depth == ^3u", "uint literals are not used here", "leave the `u` out"),
    ("depth < ^3.0", "double literals are not used here", "write a whole number"),
    ("mode == ^b'ci'", "bytes literals are not used here", "leave the `b` out"),
    ("mode == ^null", "null literals are not used here", "every variable has a value"),
    ("depth ^+ 1 < 3", "arithmetic is not used here", "compare with the result as a literal"),
    ("^-depth < 3", "arithmetic is not used here", "compare with the result as a literal"),
    ("mode == 'a' ^+ 'b'", "arithmetic is not used here", "compare with the result as a literal"),
    ("mode^[0] == 'c'", "indexing is not used here", TESTS),
    ("mode^.size == 1", "variables have no fields", "use the variable as it is"),
    ("mode.^matches('c.*')", "the function `matches` is not used here", TESTS),
    ("^size ( mode ) == 2", "the function `size` is not used here", TESTS),
    ("now.^getFullYear() == 2026", "the function `getFullYear` is not used here", TESTS),
    ("^duration('1s') == duration('1s')", "the function `duration` is not used here", TESTS),
    ("^{'a': 1} == {'a': 1}", "maps and messages are not used here", TESTS),
    ("^Thing{} == Thing{}", "maps and messages are not used here", TESTS),
    ("[1, 2].exists^(x, x == depth)", "macros are not used here", "write the cases out with `&&` and `||`"),
]


@quotes(
    "conditions",
    "Each is a `ConditionError` with this message and help, `…` standing for what was found, and the offset "
    "in characters.",
)
@pytest.mark.parametrize(("marked", "message", "advice"), REFUSED, ids=[repr(row[0]) for row in REFUSED])
def test_refuses_with_the_reason_and_the_place(marked: str, message: str, advice: str) -> None:
    if advice == "HIDDEN":
        advice = "write it as an escape inside a string, or leave it out"
    with pytest.raises(ConditionError) as caught:
        parse_condition(marked.replace("^", "", 1), DECLARED)
    assert (caught.value.message, caught.value.help, caught.value.offset) == (
        message,
        advice,
        marked.index("^"),
    )


@quotes(
    "conditions",
    "A condition has at most 2,000 characters, 32 levels (parentheses count), and 256 operations, names and "
    "literals.",
)
def test_reads_two_thousand_characters_and_no_more() -> None:
    full = "approved".ljust(2_000)
    assert parse_condition(full, DECLARED).ast == APPROVED
    with pytest.raises(ConditionError, match="2001 characters, at most 2000") as caught:
        parse_condition(full + " ", DECLARED)
    assert caught.value.offset == 2_000


@quotes(
    "conditions",
    "A condition has at most 2,000 characters, 32 levels (parentheses count), and 256 operations, names and "
    "literals.",
)
def test_reads_256_nodes_and_no_more() -> None:
    # Nodes: 128 operands and 127 conjunctions, and one negation.
    fits = "!approved && " + " && ".join(["approved"] * 127)
    assert len(parse_condition(fits, DECLARED).ast) == 129
    with pytest.raises(ConditionError, match="more than 256 operations"):
        parse_condition(fits.replace("!approved", "!(!approved)"), DECLARED)


@quotes(
    "conditions",
    "A condition has at most 2,000 characters, 32 levels (parentheses count), and 256 operations, names and "
    "literals.",
)
def test_reads_to_depth_32_and_no_deeper() -> None:
    def nested(levels: int) -> str:
        return "!(" * levels + "approved" + ")" * levels

    assert parse_condition(nested(31), DECLARED).variables == {"approved"}
    assert parse_condition("(" * 32 + "approved" + ")" * 32, DECLARED).variables == {"approved"}
    with pytest.raises(ConditionError, match="nested more than 32 deep"):
        parse_condition("(" * 33 + "approved" + ")" * 33, DECLARED)
    with pytest.raises(ConditionError, match="nested more than 32 deep"):
        parse_condition(nested(32), DECLARED)


def test_the_bound_on_depth_is_ours_whatever_the_library_allows() -> None:
    node = Node("name", 7, "approved")
    for _ in range(32):
        node = Node("call", 3, "!_", parts=(node,))
    with pytest.raises(ConditionError, match="nested more than 32 deep") as caught:
        Checker("", DECLARED).condition(node)
    assert caught.value.offset == 7


@pytest.mark.parametrize(
    "opening", ["(", "[", "{", "!", "-", "a[", "a?", "a.b(", "f(", "{1:", "1+", "true?true:"]
)
def test_refuses_a_deep_text_without_choking(opening: str) -> None:
    """A text of the full length that nests as deep as it can is refused, whatever nests."""
    with pytest.raises(ConditionError):
        parse_condition(opening * (2_000 // len(opening)), DECLARED)


WORDS = "mode depth now approved region zz 'ci' 1 0x 1.5 99999999999999999999 timestamp has null true and"
SIGNS = "( ) [ ] { } && || ! ? : == < in + - . , // = \\ \" ' é @ ` $ b'' _&&_"
TOKENS = st.sampled_from([*WORDS.split(), *SIGNS.split(), "\n", "\u202e"])


@PATIENT
@given(st.lists(TOKENS, max_size=12).map(" ".join) | st.text(max_size=30))
def test_every_text_is_read_or_refused_in_our_words(condition: str) -> None:
    """Messages: lower case, no final period, never the library's own text; the offset lies in the text."""
    try:
        parse_condition(condition, DECLARED)
    except ConditionError as error:
        assert 0 <= error.offset <= len(condition)
        assert re.match(r"[a-z`]", error.message) and not error.message.endswith(".")
        assert not re.search(r"ERROR|<input>|<EOF>|INVALID_ARGUMENT|expecting|overload", error.message)
        assert not error.help.endswith(".")


class TestSecondOpinion:
    """What our checker takes for well-typed is refused unless the library types it as a bool, too."""

    @pytest.mark.parametrize(
        ("text", "message", "offset"),
        [
            ("depth", "the condition is not a bool", 0),
            ("true && mode == 1", "the CEL library does not accept this", 13),
            ("true && nowhere", "the CEL library does not accept this", 8),
        ],
    )
    def test_is_asked(self, text: str, message: str, offset: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Checker, "condition", lambda _self, _node: ("const", "bool", True))
        with pytest.raises(ConditionError) as caught:
            parse_condition(text, DECLARED)
        assert (caught.value.message, caught.value.offset) == (message, offset)


DECLARATIONS: list[tuple[str, str, tuple[str, ...], str]] = [
    ("in", "bool", (), "`in` is a word of CEL"),
    ("timestamp", "int", (), "`timestamp` is a word of CEL"),
    ("a-b", "bool", (), "`a-b` cannot name a variable"),
    ("1a", "bool", (), "`1a` cannot name a variable"),
    ("é", "bool", (), "`é` cannot name a variable"),
    ("", "bool", (), "`` cannot name a variable"),
    ("a" * 65, "bool", (), f"`{'a' * 65}` cannot name a variable"),
    ("a\n", "bool", (), "`a\n` cannot name a variable"),
    ("region", "enum", (), "enum `region` has no values"),
    ("region", "enum", ("eu", "eu"), "enum `region` lists a value twice"),
    ("region", "enum", ("eu", ""), "enum `region` has an empty value"),
    ("region", "string", ("eu",), "`region` has values, but is no enum"),
]


@pytest.mark.parametrize(("name", "kind", "values", "message"), DECLARATIONS)
def test_refuses_a_declaration_that_cannot_hold(
    name: str, kind: str, values: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConditionError) as caught:
        Variable(name, kind, values)  # type: ignore[arg-type] # the kind comes from a table
    assert caught.value.message == message


@quotes(
    "conditions",
    "Always declared: `approved` bool, `depth` int (0 or more), `mode` string, `now` timestamp, `sandboxed` "
    "bool.",
)
def test_the_built_in_context_is_what_the_design_names() -> None:
    kinds = {
        name: (variable.name, variable.type, variable.minimum) for name, variable in BUILTIN_CONTEXT.items()
    }
    low = -(2**63)
    assert kinds == {
        "approved": ("approved", "bool", low),
        "depth": ("depth", "int", 0),
        "mode": ("mode", "string", low),
        "now": ("now", "timestamp", low),
        "sandboxed": ("sandboxed", "bool", low),
    }


def test_a_use_that_parses_nothing_does_not_pay_for_the_library() -> None:
    code = "import sys, capwright_registry.conditions; print('cel_expr_python' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
