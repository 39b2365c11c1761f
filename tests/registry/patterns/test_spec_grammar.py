"""What the grammars of `specs/patterns.md` derive is what loads, but for what the second table refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.canonical import canonical
from capwright_registry.patterns import PatternError, Region, matches, parse, witness
from tests.registry.patterns.spec import GRAMMAR, TITLES
from tests.registry.patterns.test_spec_refusals import DERIVED
from tests.support.quotes import quotes
from tests.support.rows import cells, says
from tests.support.spoilt import spoilt

ROOTS = {"w": "/w"}
ALPHABETS = {
    "path": "ab.-!^*?[]\\/${}wé \n",
    "host": "aB1-_.:*?[]!^f/0é@ \u3002",
    "url": "aG1-_.:*?[]!^f/0é@ ,;%2",
    "name": "ab.-!^*?[]\\/:é \u200b",
    "argv": "ab.-!^*?[]\\'\" é\t",
}
REFUSED = [cells(row)[2] for row, _ in DERIVED]


def _agrees(domain: str, text: str) -> str | None:
    """None where the document and the code say the same of a text; otherwise what the code says."""
    derived = GRAMMAR.derives(TITLES[domain], domain, text)
    try:
        parse(domain, text, ROOTS)
    except PatternError as error:
        told = any(says(cell, error.message) for cell in REFUSED)
        return error.message if derived and not told else None
    return None if derived else "loads"


@quotes(
    "patterns",
    'glob = "*" | mixed',
    'mixed = [ "*" ] single { [ "*" ] single } [ "*" ]',
    'single = "?" | class | plain',
    r'plain = character - "*" - "?" - "[" - "\"',
    r'class = "[" set "]" | "[!" set "]" | "[\]"',
    'set = ( item | "-" | "--" end ) { item } [ "-" ]',
    'item = inner [ "-" end ]',
    'end = inner | "-"',
    r'inner = character - "]" - "\" - "-"',
    "character = U+0020 .. U+007E | U+00A0 .. U+D7FF | U+E000 .. U+10FFFF",
    'letter = "a" .. "z" | "A" .. "Z"',
    'digit = "0" .. "9"',
    'hex = digit | "a" .. "f" | "A" .. "F"',
    'path = "/" | steps | ( "**" | root ) [ steps ]',
    'steps = "/" segment { "/" segment }',
    'segment = "**" | glob',
    'root = "${" { character - "}" } "}"',
    r'plain = character - "*" - "?" - "[" - "\" - "/"',
    r'inner = character - "]" - "\" - "-" - "/"',
    'host = ( where | ( digit | "." ) { digit | "." } "/" prefix ) ":" port',
    'where = "*" | [ "*." ] label { "." label } [ "." ] | "[" { hex | ":" | "." } [ "/" prefix ] "]"',
    "label = mixed | ( ascii | other ) { ascii | other }",
    "plain = ascii",
    'inner = letter | digit | "_"',
    'ascii = letter | digit | "_" | "-"',
    "other = U+00A0 .. U+D7FF | U+E000 .. U+10FFFF",
    'port = "*" | number [ "-" number ]',
    'number = "1" .. "9" { digit }',
    'prefix = "0" | number',
    'url = methods " " ( "http" | "https" ) "://" where [ ":" port ] "/" [ segment { "/" segment } ]',
    'methods = "*" | method { "," method }',
    'method = "A" .. "Z" { "A" .. "Z" | "-" }',
    'segment = "**" | glob',
    'single = class | plain | "%" hex hex',
    'plain = letter | digit | "-" | "." | "_" | "~" | "!" | "$" | "&" | "\'" | "(" | ")" | "+" | "," | '
    '";" | "=" | ":" | "@"',
    r'inner = character - "]" - "\" - "-" - "/" - "%" - "?" - "#"',
    "name = piece [ mark [ name ] ] | mark [ name ]",
    'piece = "**" | glob',
    'mark = "." | "/" | ":"',
    r'plain = character - "*" - "?" - "[" - "\" - "." - "/" - ":"',
    'argv = { " " } ( "..." | word { " " { " " } word } [ " " { " " } "..." ] ) { " " }',
    "word = glob",
    'single = "?" | class | plain | "\'" { character - "\'" } "\'" | \'"\' { character - \'"\' } \'"\'',
    'plain = character - "*" - "?" - "[" - "\\" - " " - "\'" - \'"\'',
)
@pytest.mark.parametrize("domain", sorted(TITLES))
@settings(max_examples=800, deadline=None, derandomize=True)
@given(data=st.data())
def test_the_grammar_derives_what_loads(domain: str, data: st.DataObject) -> None:
    alphabet = ALPHABETS[domain]
    derived = GRAMMAR.texts(TITLES[domain], domain, alphabet)
    text = data.draw(derived | spoilt(derived, alphabet) | st.text(alphabet, max_size=8))
    assert _agrees(domain, text) is None, text


@quotes(
    "patterns",
    "**A pattern that loads matches something**, and its canonical text reads back as the same pattern.",
)
@pytest.mark.parametrize("domain", sorted(TITLES))
@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data())
def test_what_loads_matches_something_and_reads_back(domain: str, data: st.DataObject) -> None:
    text = data.draw(GRAMMAR.texts(TITLES[domain], domain, ALPHABETS[domain]))
    try:
        pattern = parse(domain, text, ROOTS)
    except PatternError:
        return
    again = parse(domain, pattern.canonical)
    assert (again.canonical, again.elements) == (pattern.canonical, pattern.elements)
    found = witness(Region((pattern,)))
    assert found is not None
    assert canonical(domain, found) == found
    assert matches(pattern, found)


EXAMPLES = {
    "path": [
        "/",
        "/a/**/b*",
        "**",
        "**/.env",
        "${w}",
        "${w}/**",
        "/[!a-c]x",
        "/[\\]",
        "/[$]{x}",
        "/[--]",
        "/A é",
    ],
    "host": [
        "*:*",
        "EXAMPLE.com.:443",
        "*.a:1-2",
        "10.0.0.0/8:1",
        "[fd00::/8]:1",
        "[::1]:1",
        "bücher.de:1",
        "?*.a:1",
    ],
    "url": [
        "GET,HEAD https://a/v1/**",
        "* http://*.a:1-2/",
        "GET https://[10.0.0.0/8]/%c3%A9*",
        "GET https://h/[a-c]",
    ],
    "name": ["*", "**", "project:acme.notes/*", "a..b", "**:x", "[!-a]", ":"],
    "argv": ["...", "git ...", "git 'a b' \"*\"* ''", "  git  [a b] ", "echo '...' ..."],
}


@pytest.mark.parametrize("domain", sorted(EXAMPLES))
def test_each_form_is_derived_and_loads(domain: str) -> None:
    for text in EXAMPLES[domain]:
        assert GRAMMAR.derives(TITLES[domain], domain, text), text
        assert _agrees(domain, text) is None, text
